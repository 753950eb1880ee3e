import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import { unharmed } from './build.ts'
import { defaultLogLimits, type LogLimits } from './driver/bounds.ts'
import { unanswered } from './driver/probe-in-time.ts'
import { createReaper } from './driver/reaper.ts'
import type { Driver, Limits, Platform, Probe, StepEvent } from './driver/driver.ts'
import { BuildError } from './failure/error.ts'
import { fingerprints } from './fingerprints.ts'
import { repositoryOf } from './image.ts'
import { tenantView, type Kiln, type KilnDeps } from './kiln.ts'
import { findHere, planApart, planHere, remembering } from './planner.ts'
import { pushedImages } from './push.ts'
import { checkTimes } from './request.ts'
import { reuseRule, type ReuseRule } from './reuse.ts'
import { named, pointTo } from './tags.ts'
import { run, type RunDeps, type Spec } from './run.ts'
import type { Blobs } from './store/blobs.ts'
import { memoryBlobs } from './store/memory-blobs.ts'
import { memoryStore } from './store/memory.ts'
import type { FinalState, QueueCaps } from './store/records.ts'
import { removeDeadSpools } from './source/spool.ts'
import type { Load, PruneRules, Store } from './store/store.ts'
import type { StatIndex } from './source/index-file.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface EngineOptions {
  /** in the order of preference */
  readonly drivers: readonly Driver[]
  /** default: in memory */
  readonly store?: Store
  readonly blobs?: Blobs
  /** `false`: accepts only, and leaves the Runs to others on the same store */
  readonly worker?: { readonly concurrency?: number; readonly perTenant?: number } | false
  /** sources of strangers: drivers that share a daemon between tenants are refused */
  readonly untrusted?: boolean
  /** `host[:port][/path]` the images are pushed to; without one they stay in the builder */
  readonly registry?: string
  /**
   * Repositories below `registry` that every tenant may build from, `ghcr.io/me/bases` say; of the others a build reads only its own
   * tenant's. Default: none for `untrusted`; else all of them, which suits a registry path that is not only Kiln's
   */
  readonly sharedBases?: readonly string[]
  /** replaces the repository `<registry>/<tenant>/<name>` */
  readonly repository?: (tenant: string, name: string) => string
  /** the one door to the network */
  readonly fetch?: typeof fetch
  readonly secret?: RunDeps['secret']
  readonly credential?: RunDeps['credential']
  /** whether an earlier Run may be used; default: not when its base is older than 7 days, or its image is gone */
  readonly reuse?: ReuseRule
  /** ms for which the image of an earlier Run that was found in its place is not looked for again; default 0 */
  readonly reuseCheckMs?: number
  /** Runs that may wait; a Build that would need one more is refused with `queue_full`. Default: 1,000 of a tenant, 10,000 in all */
  readonly queue?: QueueCaps
  /** `apart`: on a thread of its own with the time of `timeouts.plan`; default for `untrusted`, else `here`, on the caller's */
  readonly planning?: 'here' | 'apart'
  /** a stat index of source directories, so that unchanged files are not read again */
  readonly index?: StatIndex
  /** ms; defaults: run 30 min, silence 10 min, queue 1 h, clean-up of a stopped driver 20 s, pause before another attempt 2 s, planning apart 10 s */
  readonly timeouts?: {
    readonly run?: number
    readonly silence?: number
    readonly queue?: number
    readonly stop?: number
    readonly retry?: number
    readonly plan?: number
  }
  /** attempts of a Run in all; default 3 */
  readonly attempts?: number
  readonly logs?: Partial<LogLimits>
  readonly limits?: Limits
  /** what a request means that names no platform; default `linux/` with this machine's processor */
  readonly platform?: Platform
  /** ms since the epoch */
  readonly now?: () => number
}

/** Accepts Builds and runs Runs. `for(tenant)` gives a view that cannot name another tenant. */
export interface Engine extends AsyncDisposable {
  for(tenant: string): Kiln
  /** Stops claiming and waits for what runs; when `signal` is aborted the rest is handed back. */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Removes what the rules say is over, never what is in use. */
  prune(options?: { readonly rules?: Partial<PruneRules>; readonly signal?: AbortSignal }): Promise<Pruned>
  /** Runs of all tenants that wait or are worked on, whoever works on them */
  load(): Promise<Load>
  /** Resolves when the store takes writes; rejects with what is in its way. */
  writable(): Promise<void>
  /** Runs that this engine's worker has ended since it was made, by final state: not those that expired, or that the store gave up */
  ended(): Readonly<Record<FinalState, number>>
  /** what each driver can do now; one that fails to answer before `signal` is aborted is not ready */
  probe(options?: { readonly signal?: AbortSignal }): Promise<readonly { readonly driver: string; readonly probe: Probe }[]>
}

export interface Pruned {
  readonly builds: number
  readonly blobs: number
  readonly bytes: number
}

const day = 24 * 3600_000
export const defaultPruneRules: PruneRules = { records: 90 * day, logs: 30 * day, contexts: day, failedContexts: 3 * day }

export function createEngine(options: EngineOptions): Engine {
  const parts = wire(options)
  const worker = options.worker === false ? undefined : startWorker(parts, options)
  let closed = false
  const open = (): void => {
    if (closed) throw new BuildError('closed', 'The engine was disposed.')
  }
  return {
    for: (tenant) => tenantView(parts, tenant, open),
    drain: async ({ signal } = {}) => worker?.drain(signal),
    prune: async ({ rules, signal } = {}) => {
      open()
      const { removed, held } = await parts.store.prune({ ...defaultPruneRules, ...rules })
      const blobs = await parts.blobs.prune(held, { olderThanMs: 3600_000, ...(signal && { signal }) })
      await removeDeadSpools()
      return { builds: removed, blobs: blobs.removed, bytes: blobs.bytes }
    },
    writable: async () => {
      open()
      await parts.store.writable()
    },
    load: async () => {
      open()
      return await parts.store.load()
    },
    ended: () => ({ ...parts.ended }),
    probe: ({ signal } = {}) =>
      Promise.all(
        options.drivers.map(async (driver) => {
          const answer = unlessAborted(parts.probe(driver, signal), signal)
          return { driver: driver.name, probe: await answer.catch(() => unanswered(driver.name)) }
        }),
      ),
    async [Symbol.asyncDispose]() {
      if (closed) return
      closed = true
      await worker?.drain(AbortSignal.abort())
      parts.apart?.close()
      await Promise.allSettled([...options.drivers.map((driver) => driver[Symbol.asyncDispose]()), parts.store[Symbol.asyncDispose]()])
    },
  }
}

interface Parts extends KilnDeps {
  readonly run: RunDeps
  readonly ended: Readonly<Record<FinalState, number>>
  readonly queueMs: number
  readonly nudges: Map<string, () => void>
  readonly apart: { close(): void } | undefined
  probe(driver: Driver, signal?: AbortSignal): Promise<Probe>
}

function wire(options: EngineOptions): Parts {
  const store = options.store ?? memoryStore()
  const blobs = options.blobs ?? memoryBlobs()
  const now = options.now ?? Date.now
  const probe = rememberedProbes(now)
  const credential: RunDeps['credential'] = options.credential ?? (async () => undefined)
  const registry = pushedImages(options.fetch ?? fetch, credential)
  const listeners = new Map<string, Set<(event: StepEvent) => void>>()
  const nudges = new Map<string, () => void>()
  const timeouts = { run: 30 * 60_000, silence: 10 * 60_000, queue: 3600_000, stop: 20_000, retry: 2000, plan: 10_000, ...options.timeouts }
  const ended: Record<FinalState, number> = { succeeded: 0, failed: 0, cancelled: 0, timed_out: 0, expired: 0 }
  const planning = options.planning ?? (options.untrusted ? 'apart' : 'here')
  checkTimes(options.timeouts ?? {})
  const apart = planning === 'apart' ? planApart(timeouts.plan) : undefined
  const planner = apart?.plan ?? planHere
  const driver = (name: string): Driver | undefined => options.drivers.find((one) => one.name === name)
  const repository = options.repository
  const output = options.registry !== undefined || repository !== undefined ? 'push' : 'load'
  return {
    store,
    blobs,
    probe,
    nudges,
    ended,
    queueMs: timeouts.queue,
    nudge: (id) => nudges.get(id)?.(),
    onProgress(id, listener) {
      const set = listeners.get(id) ?? new Set()
      listeners.set(id, set.add(listener))
      return () => set.delete(listener) && set.size === 0 && listeners.delete(id)
    },
    apart,
    planner,
    finder: apart?.find ?? findHere,
    accept: {
      plan: remembering(planner),
      fingerprints: fingerprints(),
      queue: options.queue ?? { perTenant: 1000, total: 10_000 },
      store,
      blobs,
      drivers: { drivers: options.drivers, untrusted: options.untrusted ?? false, probe },
      maxContext: 3 * 2 ** 30,
      runMs: timeouts.run,
      silenceMs: timeouts.silence,
      output,
      registry: options.registry,
      pushes: output === 'push',
      sharedBases: options.sharedBases ?? (options.untrusted ? [] : undefined),
      repository: async (tenant, name) => (repository ? repository(tenant, name) : repositoryOf(options.registry, tenant, name)),
      platform: options.platform ?? hostPlatform(),
      pointTags: (tenant, { spec, image }, tags) =>
        pointTo({ driver, registry }, tenant, spec as unknown as Spec, image, named(spec as unknown as Spec, tags)),
      refuses: reuseRule({ now, driver, rule: options.reuse, registry, output, checkMs: options.reuseCheckMs ?? 0 }),
      index: options.index,
    },
    run: {
      store,
      blobs,
      driver,
      now,
      credential,
      registry,
      logs: { ...defaultLogLimits, ...options.logs },
      limits: options.limits ?? {},
      attempts: options.attempts ?? 3,
      stopMs: timeouts.stop,
      retryMs: timeouts.retry,
      secret:
        options.secret ??
        (async (_tenant, reference) =>
          Promise.reject(new BuildError('invalid_argument', `No provider of secrets is configured for "${reference}".`))),
      settled: (state) => (ended[state] += 1),
      progress: (id, event) => listeners.get(id)?.forEach((listener) => unharmed(() => listener(event))),
    },
  }
}

function hostPlatform(): Platform {
  return process.arch === 'x64' ? 'linux/amd64' : `linux/${process.arch}`
}

/** Claims while there are free slots. Drain lets the running ones end, or hands them back once its signal is aborted. */
function startWorker(parts: Parts, options: EngineOptions): { drain(signal?: AbortSignal): Promise<void> } {
  const { concurrency = 2, perTenant = 2 } = options.worker || {}
  const rules = { drivers: options.drivers.map(({ name }) => name), perTenant, attempts: parts.run.attempts, queueMs: parts.queueMs }
  const slots = new PQueue({ concurrency })
  const reaper = createReaper(parts.store.queue, parts.run.now)
  const [claiming, handBack] = [new AbortController(), new AbortController()]
  const worker = `${process.pid}-${crypto.randomUUID().slice(0, 8)}`
  const slot = async (claimed: () => void): Promise<void> => {
    const lease = await parts.store.queue.claim(worker, { ...rules, signal: claiming.signal })
    claimed()
    const driver = parts.run.driver((lease.spec as unknown as Spec).driver)
    reaper.worked(driver)
    await run(parts.run, lease, handBack.signal, parts.nudges).finally(() => reaper.worked(driver))
  }
  const loop = async (): Promise<void> => {
    while (!claiming.signal.aborted) {
      // one slot waits for work at a time: each that waits looks for it some times a second
      const { promise, resolve: claimed } = Promise.withResolvers<void>()
      void slots.add(() => slot(claimed).catch(() => pause(claiming.signal))).finally(claimed)
      await promise
    }
  }
  void loop()
  return {
    async drain(signal) {
      claiming.abort()
      const onAbort = (): void => handBack.abort()
      if (signal?.aborted) onAbort()
      signal?.addEventListener('abort', onAbort, { once: true })
      await slots.onIdle()
      await reaper[Symbol.asyncDispose]()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** A store in trouble is not asked again at once. */
function pause(signal: AbortSignal): Promise<void> {
  return sleep(500, undefined, { signal }).catch(() => undefined)
}

/** A good answer holds 10 s; a bad one is asked anew. */
function rememberedProbes(now: () => number): Parts['probe'] {
  const known = new Map<string, { at: number; probe: Probe }>()
  return async (driver, signal) => {
    const last = known.get(driver.name)
    if (last && now() - last.at < 10_000) return last.probe
    const probe = await driver.probe(signal ? { signal } : {})
    if (probe.ready) known.set(driver.name, { at: now(), probe })
    return probe
  }
}
