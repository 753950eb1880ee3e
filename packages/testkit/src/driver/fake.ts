import type { Built, Capabilities, Digest, Driver, Images, Job, Probe, StepEvent } from '@kiln/core'
import { createHash } from 'node:crypto'

/** What a fake driver gives to the behaviour of a build. */
export interface FakeIo {
  readonly signal: AbortSignal
  readonly emit: (event: StepEvent) => void
  /** the images of this driver: digest by reference */
  readonly images: Map<string, Digest>
}

/** How a fake driver behaves in `build`. */
export type FakeBuild = (job: Job, io: FakeIo) => Promise<Built>

export interface FakeOptions {
  /** default `fake` */
  readonly name?: string
  /** default `twoSteps` */
  readonly build?: FakeBuild
  /** what `probe` answers; default ready with `can` */
  readonly probe?: Probe
  /** laid over the default capabilities, which are all that a job can ask for */
  readonly can?: Partial<Capabilities>
}

/** A driver in memory: runs nothing, remembers everything. The reference that the conformance suite is proved on. */
export interface FakeDriver extends Driver {
  readonly images: Images
  /** every job it was given, oldest first */
  readonly jobs: Job[]
  /** digest by reference, as `images` sees it */
  readonly stored: Map<string, Digest>
  /** jobs that have not settled: `run/attempt` */
  readonly running: Set<string>
  /** attempts that `reap` was asked about and removed: `run/attempt` */
  readonly reaped: string[]
  readonly disposed: boolean
}

const laterFlags = ['symbolic-chmod', 'checksum', 'keep-git-dir', 'start-interval', 'unpack', 'exclude', 'parents']

export const fakeCapabilities: Capabilities = {
  recipes: ['classic', 'buildkit', 'kaniko', 'plan'],
  needs: ['exec', 'buildkit', 'heredoc', 'link', ...laterFlags, 'secrets', 'network'],
  outputs: ['load', 'push', 'archive'],
  platforms: 'any',
  limits: ['memory', 'cpus'],
  isolation: 'no-exec',
  attaches: false,
  reproducible: true,
}

/** Makes a driver in memory. */
export function fakeDriver(options: FakeOptions = {}): FakeDriver {
  const stored = new Map<string, Digest>()
  const left = new Map<string, { run: string; attempt: number; ref: string | undefined }>()
  const state = { disposed: false }
  const behave = options.build ?? twoSteps
  const driver = {
    name: options.name ?? 'fake',
    jobs: [] as Job[],
    running: new Set<string>(),
    reaped: [] as string[],
    stored,
    images: memoryImages(stored),
    get disposed(): boolean {
      return state.disposed
    },
    async probe(): Promise<Probe> {
      return options.probe ?? { ready: true, version: 'fake 1.0', can: { ...fakeCapabilities, ...options.can }, facts: {} }
    },
    async build(job: Job, io: { readonly signal: AbortSignal; emit(event: StepEvent): void }): Promise<Built> {
      const id = `${job.run}/${job.attempt}`
      driver.jobs.push(job)
      driver.running.add(id)
      left.set(id, { run: job.run, attempt: job.attempt, ref: job.output.kind === 'archive' ? undefined : job.output.ref })
      try {
        return await behave(job, { signal: io.signal, emit: (event) => io.emit(event), images: stored })
      } finally {
        driver.running.delete(id)
      }
    },
    async reap(alive: (run: string, attempt: number) => Promise<boolean>): Promise<void> {
      for (const [id, { run, attempt, ref }] of left) {
        if (await alive(run, attempt)) continue
        left.delete(id)
        driver.reaped.push(id)
        if (ref !== undefined) stored.delete(ref)
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      state.disposed = true
    },
  }
  return driver
}

/** The default behaviour: reads the whole context, two steps with one line of log each, one image. */
export async function twoSteps(job: Job, io: FakeIo): Promise<Built> {
  io.emit({ step: '1', type: 'step-started', title: 'FROM scratch', line: 1 })
  const tar = await readContext(job, io.signal)
  io.emit({ step: '1', type: 'log', stream: 'out', text: `context of ${tar.bytes} bytes` })
  io.emit({ step: '1', type: 'step-finished', cached: false })
  io.emit({ step: '2', type: 'step-started', title: 'COPY . .', line: 2 })
  io.emit({ step: '2', type: 'log', stream: 'out', text: 'copied' })
  io.emit({ step: '2', type: 'step-finished', cached: false })
  return finished(job, io, tar)
}

/** Reads the packed context to its end, as every driver has to. Rejects with the signal's reason. */
export async function readContext(job: Job, signal: AbortSignal): Promise<{ readonly digest: Digest; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  const added = job.recipe.kind === 'dockerfile' ? job.recipe.added : {}
  for await (const chunk of job.context.tar({ signal, added })) {
    signal.throwIfAborted()
    hash.update(chunk)
    bytes += chunk.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes }
}

/** Stores the image of a job and answers for it. The digest depends on the context and the recipe only. */
export function finished(job: Job, io: FakeIo, tar: { readonly digest: Digest; readonly bytes: number }): Built {
  io.signal.throwIfAborted()
  const recipe = JSON.stringify([job.recipe, job.args, job.labels, job.platforms])
  const digest: Digest = `sha256:${createHash('sha256').update(tar.digest).update(recipe).digest('hex')}`
  const ref = job.output.kind === 'archive' ? job.output.path : job.output.ref
  io.images.set(ref, digest)
  return { digest, digestKind: 'manifest', ref, size: tar.bytes, bases: {}, builder: 'fake 1.0' }
}

function memoryImages(stored: Map<string, Digest>): Images {
  return {
    async resolve(ref): Promise<Digest | undefined> {
      return stored.get(ref)
    },
    async tag(ref, as): Promise<void> {
      const digest = stored.get(ref)
      if (digest === undefined) throw new Error(`no such image: ${ref}`)
      stored.set(as, digest)
    },
    async untag(ref): Promise<void> {
      stored.delete(ref)
    },
  }
}
