import { setTimeout as sleep } from 'node:timers/promises'
import { named, pointTo } from './tags.ts'
import { overlay } from './context/overlay.ts'
import type { Recipe } from './dockerfile/recipe.ts'
import { appender, type Appender } from './driver/appender.ts'
import type { LogLimits } from './driver/bounds.ts'
import type { Built, Context, Credential, Digest, Driver, Job, Limits, Output, Platform, StepEvent, StopReason } from './driver/driver.ts'
import { supervise, type Attempt } from './driver/supervise.ts'
import { BuildError, classOf, failure, toFailure, type Failure } from './failure/error.ts'
import { attemptReference } from './image.ts'
import { withFix } from './plan/fixes.ts'
import type { Plan } from './plan/plan.ts'
import { unlessAborted } from './unless-aborted.ts'
import type { Blobs } from './store/blobs.ts'
import type { FinalState, Inputs, Outcome } from './store/records.ts'
import type { Lease, Store } from './store/store.ts'

/** All a worker needs to carry a Run out, as it stands in the store: JSON, no secrets. */
export interface Spec {
  readonly version: 1
  readonly driver: string
  readonly repository: string
  readonly inputs: Inputs
  readonly platforms: readonly Platform[]
  readonly args: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** id: reference */
  readonly secrets: Readonly<Record<string, string>>
  readonly output: 'push' | 'load'
  readonly cacheScope: string
  readonly cache: 'use' | 'refresh'
  readonly pull: boolean
  /** seconds */
  readonly epoch: number
  readonly runMs: number
  readonly silenceMs: number
}

export interface RunDeps {
  readonly store: Store
  readonly blobs: Blobs
  readonly logs: LogLimits
  readonly limits: Limits
  /** attempts in all */
  readonly attempts: number
  /** ms before the second attempt, twice as long before the third */
  readonly retryMs: number
  /** how long a stopped driver may clean up */
  readonly stopMs: number
  readonly registry: PushedImages
  driver(name: string): Driver | undefined
  secret(tenant: string, reference: string, options: { readonly signal: AbortSignal }): Promise<Uint8Array>
  credential(
    tenant: string,
    host: string,
    scope: 'pull' | 'push',
    options: { readonly signal: AbortSignal },
  ): Promise<Credential | undefined>
  /** a Run ended in this state, by this attempt */
  settled(state: FinalState): void
  /** what is shown and not kept */
  progress(run: string, event: StepEvent): void
  readonly now: () => number
}

/** Images of output `push`, through the tenant's credentials. */
export interface PushedImages {
  /** throws `registry_denied` before build minutes are spent */
  mayPush(tenant: string, ref: string, signal: AbortSignal): Promise<void>
  /** throws `push_unverified` unless the registry hands out this digest */
  readBack(tenant: string, ref: string, built: Built, signal: AbortSignal): Promise<void>
  tag(tenant: string, ref: string, as: string, signal: AbortSignal): Promise<void>
  /** nothing where it is not there, or the registry removes no tags */
  untag(tenant: string, ref: string, signal: AbortSignal): Promise<void>
  resolve(tenant: string, ref: string, signal: AbortSignal): Promise<Digest | undefined>
}

/**
 * One claimed attempt from the recipe to the settled Run. Never throws for the build's own troubles. `drain` hands it
 * back; `nudges` lets a cancel in this process be heard at once.
 */
export async function run(deps: RunDeps, lease: Lease, drain: AbortSignal, nudges: Map<string, () => void>): Promise<void> {
  const stop = new AbortController()
  const kept = keepLease(deps.store, lease, stop)
  nudges.set(lease.run, kept.renew)
  const onDrain = (): void => stop.abort('detach' satisfies StopReason)
  drain.addEventListener('abort', onDrain, { once: true })
  if (drain.aborted) onDrain()
  const log = appender(deps.store.queue, lease, deps.now, () => stop.abort('detach' satisfies StopReason))
  try {
    const attempt = lease.built ? ({ kind: 'built', built: lease.built } as const) : await build(deps, lease, log, stop.signal)
    await log.flush()
    await finish(deps, lease, attempt, { drained: drain.aborted, lost: kept.lost() }, stop.signal)
  } finally {
    kept.release()
    nudges.delete(lease.run)
    drain.removeEventListener('abort', onDrain)
    log.close()
  }
}

async function build(deps: RunDeps, lease: Lease, log: Appender, signal: AbortSignal): Promise<Attempt> {
  const spec = lease.spec as unknown as Spec
  try {
    const driver = deps.driver(spec.driver)
    if (!driver) throw new BuildError('needs_unmet', `This worker has no driver "${spec.driver}".`)
    const job = await jobOf(deps, lease, spec, signal)
    if (spec.output === 'push') await unlessAborted(deps.registry.mayPush(lease.tenant, outputRef(job.output), signal), signal)
    const emit = (event: StepEvent): void => (event.type === 'progress' ? deps.progress(lease.run, event) : log.add(event))
    const attempt = await supervise(driver, job, {
      signal,
      runMs: spec.runMs,
      silenceMs: spec.silenceMs,
      stopMs: deps.stopMs,
      logs: deps.logs,
      emit,
    })
    if (attempt.kind === 'built' && spec.output === 'push')
      await unlessAborted(deps.registry.readBack(lease.tenant, outputRef(job.output), attempt.built, signal), signal)
    return await helped(deps, lease, job.recipe, attempt)
  } catch (error) {
    return signal.aborted ? { kind: 'stopped', reason: signal.reason as StopReason } : { kind: 'failed', failure: toFailure(error) }
  }
}

/** What a failed step lacked may be known to the plan it is of. What cannot be read anew helps nobody, and is no trouble of its own. */
async function helped(deps: RunDeps, lease: Lease, recipe: Recipe, attempt: Attempt): Promise<Attempt> {
  if (attempt.kind !== 'failed' || recipe.kind !== 'dockerfile' || attempt.failure.data['missing'] === undefined) return attempt
  const { plan } = (lease.spec as unknown as Spec).inputs
  try {
    const signal = AbortSignal.timeout(helpMs)
    const known = plan === undefined ? undefined : (JSON.parse(await text(deps.blobs, lease.tenant, plan, signal)) as Plan)
    return { ...attempt, failure: withFix(attempt.failure, { plan: known, text: recipe.text }) }
  } catch {
    return attempt
  }
}

const helpMs = 5000

/** commit -> tags -> settle; or the reason why not; or back into the queue. */
async function finish(
  deps: RunDeps,
  lease: Lease,
  attempt: Attempt,
  state: { drained: boolean; lost: boolean },
  stop: AbortSignal,
): Promise<void> {
  const { queue } = deps.store
  if (attempt.kind === 'built') {
    if (!(await queue.commit(lease, attempt.built))) return discard(deps, lease)
    const trouble = await publish(deps, lease, attempt.built)
    // the winner is fixed: another attempt only has to move the tags
    if (trouble?.retryable && lease.tries < deps.attempts) return retry(deps, lease, stop)
    const settled = await settle(deps, lease, trouble ? { state: 'failed', error: trouble } : { state: 'succeeded', built: attempt.built })
    if (!settled) return // another attempt finishes it, from this one's reference
    await discard(deps, lease, attempt.built.ref)
    return
  }
  // what was pushed without winning has no name but the attempt's; what never was pushed has none
  const isDetached = attempt.kind === 'stopped' && attempt.reason === 'detach'
  if ((lease.spec as unknown as Spec).output === 'load') await discard(deps, lease, undefined, isDetached ? 1000 : discardMs)
  if (isDetached) {
    if (state.drained && !state.lost) await queue.release(lease, 'drain')
    return
  }
  if (attempt.kind === 'failed' && worthAnother(attempt.failure) && lease.tries < deps.attempts) return retry(deps, lease, stop)
  await settle(deps, lease, outcomeOf(attempt, lease.spec as unknown as Spec))
}

async function settle(deps: RunDeps, lease: Lease, outcome: Outcome): Promise<boolean> {
  const won = await deps.store.queue.settle(lease, outcome)
  if (won) deps.settled(outcome.state)
  return won
}

async function retry(deps: RunDeps, lease: Lease, stop: AbortSignal): Promise<void> {
  await pause(lease.tries * deps.retryMs, stop)
  return deps.store.queue.release(lease, 'retry')
}

/** Until the time is over, or somebody wants the worker to stop. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined)
}

function worthAnother(found: Failure): boolean {
  return found.retryable && (classOf(found.code) === 'driver' || classOf(found.code) === 'registry') && found.code !== 'disk_full'
}

function outcomeOf(attempt: Exclude<Attempt, { kind: 'built' }>, spec: Spec): Outcome {
  if (attempt.kind === 'failed') return { state: 'failed', error: attempt.failure }
  switch (attempt.reason) {
    case 'cancel':
      return { state: 'cancelled', error: failure('cancelled', 'The build was cancelled.') }
    case 'timeout':
      return { state: 'timed_out', error: failure('timed_out', `The build ran longer than ${Math.round(spec.runMs / 1000)} s.`) }
    case 'silence':
      return { state: 'timed_out', error: failure('silent', `The build printed nothing for ${Math.round(spec.silenceMs / 1000)} s.`) }
    case 'detach':
      return { state: 'failed', error: failure('internal', 'A detached attempt was settled.') }
  }
}

/** Points the names of every Build that shares this Run to the winner, the image's own last: what fails before leaves the old image where it was. */
async function publish(deps: RunDeps, lease: Lease, built: Built): Promise<Failure | undefined> {
  const spec = lease.spec as unknown as Spec
  try {
    const builds = await deps.store.queue.sharers(lease)
    const names = new Set([...builds.flatMap(({ tags }) => named(spec, tags)), ...builds.map(({ image }) => image)])
    await pointTo(deps, lease.tenant, spec, built.ref, [...names])
    return undefined
  } catch (error) {
    return toFailure(error)
  }
}

const discardMs = 10_000

/** Takes this attempt's own reference away, so that a lost attempt leaves no image. */
async function discard(deps: RunDeps, lease: Lease, built?: string, ms = discardMs): Promise<void> {
  const spec = lease.spec as unknown as Spec
  const ref = built ?? attemptReference(spec.repository, lease.run, lease.attempt)
  const signal = AbortSignal.timeout(ms)
  const removed =
    spec.output === 'push' ? deps.registry.untag(lease.tenant, ref, signal) : deps.driver(spec.driver)?.images?.untag(ref, { signal })
  // what cannot be removed now is found by `reap`, or is a tag that nothing names
  await unlessAborted(Promise.resolve(removed), signal).catch(() => undefined)
}

async function jobOf(deps: RunDeps, lease: Lease, spec: Spec, signal: AbortSignal): Promise<Job> {
  const { tenant } = lease
  const recipe = JSON.parse(await text(deps.blobs, tenant, spec.inputs.recipe, signal)) as Recipe
  return {
    run: lease.run,
    attempt: lease.attempt,
    tenant,
    recipe,
    context: contextOf(deps.blobs, tenant, spec.inputs),
    platforms: spec.platforms,
    args: spec.args,
    labels: spec.labels,
    epoch: spec.epoch,
    limits: deps.limits,
    cacheScope: spec.cacheScope,
    cache: spec.cache,
    pull: spec.pull,
    output: { kind: spec.output, ref: attemptReference(spec.repository, lease.run, lease.attempt) },
    secret: async (id) => {
      const reference = spec.secrets[id]
      if (reference === undefined)
        throw new BuildError('invalid_argument', `The build asks for the secret "${id}", which the request does not name.`)
      return deps.secret(tenant, reference, { signal })
    },
    credential: (host, scope) => deps.credential(tenant, host, scope, { signal }),
  }
}

function contextOf(blobs: Blobs, tenant: string, inputs: Inputs): Context {
  const { context } = inputs
  if (!context) throw new BuildError('blob_missing', 'The packed context of this build is gone.')
  return {
    digest: inputs.tree,
    tar: ({ signal, added = {} } = {}) => overlay(blobs.open(tenant, context, { ...(signal && { signal }) }), added),
  }
}

function outputRef(output: Output): string {
  return output.kind === 'archive' ? output.path : output.ref
}

async function text(blobs: Blobs, tenant: string, digest: Inputs['tree'], signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of blobs.open(tenant, digest, { signal })) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Renews until released; a cancel or a lost lease aborts `stop`. A store that does not answer for a whole lease counts as lost. */
function keepLease(store: Store, lease: Lease, stop: AbortController): { readonly renew: () => void; lost(): boolean; release(): void } {
  let lost = false
  let heard = performance.now()
  let busy = false
  const renew = async (): Promise<void> => {
    if (performance.now() - heard >= store.queue.leaseMs) return lose()
    if (busy) return
    busy = true
    const asked = performance.now()
    try {
      const answer = await store.queue.renew(lease)
      heard = asked
      if (answer === 'cancel') stop.abort('cancel' satisfies StopReason)
      if (answer === 'lost') lose()
    } catch {
      // asked again until the lease is over
    } finally {
      busy = false
    }
  }
  const lose = (): void => {
    lost = true
    stop.abort('detach' satisfies StopReason)
  }
  const timer = setInterval(() => void renew(), store.queue.leaseMs / 3)
  return { renew: () => void renew(), lost: () => lost, release: () => clearInterval(timer) }
}
