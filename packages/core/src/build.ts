import { EventEmitter } from 'node:events'
import { diffTrees } from './context/listing.ts'
import type { Built, Digest, StepEvent } from './driver/driver.ts'
import type { Notice } from './detect/detection.ts'
import { BuildError } from './failure/error.ts'
import type { Blobs } from './store/blobs.ts'
import { isFinal, type BuildEvent, type BuildRecord, type Inputs, type Reuse } from './store/records.ts'
import type { Store } from './store/store.ts'

/** A Build you hold is durable: it reaches a final state even when this process does not live on. */
export interface Build extends AsyncDisposable {
  /** as it was when this handle was made */
  readonly record: BuildRecord
  readonly reuse: Reuse
  /** what detection and planning had to say */
  readonly notices: readonly Notice[]
  /** idempotent; resolves when the cancel is stored, not when the build has stopped */
  cancel(): Promise<BuildRecord>
  /** why it was not answered from an earlier Build of the same name: the inputs that differ, by name and hash, never by value */
  explainMiss(earlier?: string): Promise<MissExplanation>
  /** the numbered events with seq > `after` (default -1: from the start), to the final state */
  events(options?: { readonly signal?: AbortSignal; readonly after?: number; readonly follow?: boolean }): AsyncIterable<BuildEvent>
  /** the same as callbacks, from the start; `progress` is only heard in the process that runs the build */
  on<T extends keyof BuildListeners>(type: T, listener: (event: BuildListeners[T][0]) => void): this
  /** the record in its final state, whichever it is */
  result(options?: { readonly signal?: AbortSignal }): Promise<BuildRecord>
  /** the image; throws the failure of a Build that did not succeed as BuildError */
  image(options?: { readonly signal?: AbortSignal }): Promise<Built>
  /** plan or recipe as it was stored, undefined where there is none or it was pruned */
  stored(what: 'plan' | 'recipe'): Promise<string | undefined>
  /** the packed context as the bytes of a tar, undefined where there was none; reading throws `blob_missing` once it was pruned */
  context(options?: { readonly signal?: AbortSignal }): AsyncIterable<Uint8Array> | undefined
}

export type BuildListeners = { [T in BuildEvent['type']]: [Extract<BuildEvent, { type: T }>] } & {
  progress: [Extract<StepEvent, { type: 'progress' }>]
}

export interface MissExplanation {
  /** the Build it was compared with, undefined when there is no earlier one of this name */
  readonly earlier?: { readonly id: string; readonly acceptedAt: number }
  readonly inputs: readonly { readonly name: string; readonly earlier?: string; readonly now?: string }[]
  readonly files: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly string[] }
}

export interface BuildDeps {
  readonly store: Store
  readonly blobs: Blobs
  /** tells a worker in this process that a cancel is waiting */
  nudge(run: string): void
  onProgress(run: string, listener: (event: StepEvent) => void): () => void
}

export function buildHandle(deps: BuildDeps, tenant: string, record: BuildRecord, reuse: Reuse, notices: readonly Notice[]): Build {
  const { store } = deps
  let listening: AbortController | undefined
  let emitter: EventEmitter<BuildListeners> | undefined
  const events: Build['events'] = (options = {}) =>
    store.events(tenant, record.id, {
      after: options.after ?? -1,
      follow: options.follow ?? true,
      ...(options.signal && { signal: options.signal }),
    })
  const latest = async (): Promise<BuildRecord> => {
    const now = await store.get(tenant, record.id)
    if (!now) throw new BuildError('not_found', `There is no build ${record.id} any more.`)
    return now
  }
  const handle: Build = {
    record,
    reuse,
    notices,
    events,
    async cancel() {
      const answer = await store.cancel(tenant, record.id)
      deps.nudge(record.run)
      return answer
    },
    explainMiss: (earlier) => explainMiss(deps, tenant, record, earlier),
    on(type, listener) {
      emitter ??= listen(deps, record, events, (listening ??= new AbortController()).signal)
      emitter.on(type, listener as never)
      return handle
    },
    async result(options = {}) {
      const now = await latest()
      if (isFinal(now.state)) return now
      for await (const event of events({ ...options, after: Number.MAX_SAFE_INTEGER })) if (event.type === 'state') break
      return latest()
    },
    async image(options) {
      const end = await handle.result(options)
      if (end.built && end.state === 'succeeded') return end.built
      if (end.state === 'succeeded')
        throw new BuildError('not_found', `The image of build ${end.id} was registered, not built: its digest is not known.`)
      const { code, message, hint, retryable, data } = end.error ?? {
        code: 'internal' as const,
        message: `The build is ${end.state}.`,
        hint: '',
        retryable: false,
        data: {},
      }
      throw new BuildError(code, message, { hint, retryable, data: { ...data, build: end.id } })
    },
    stored: (what) => stored(deps, tenant, record.inputs[what]),
    context: (options) => (record.inputs.context === undefined ? undefined : deps.blobs.open(tenant, record.inputs.context, options)),
    async [Symbol.asyncDispose]() {
      listening?.abort()
      emitter?.removeAllListeners()
    },
  }
  return handle
}

/** Starts with the first listener; ends with the final state or the handle. */
function listen(deps: BuildDeps, record: BuildRecord, events: Build['events'], signal: AbortSignal): EventEmitter<BuildListeners> {
  const emitter = new EventEmitter<BuildListeners>()
  const off = deps.onProgress(record.run, (event) => void emitter.emit('progress', event as BuildListeners['progress'][0]))
  const follow = async (): Promise<void> => {
    try {
      for await (const event of events({ signal })) unharmed(() => emitter.emit(event.type, event as BuildListeners['log'][0]))
    } catch {
      // the handle was disposed, or the store went away: `result` tells the one who waits
    } finally {
      off()
    }
  }
  queueMicrotask(() => void follow())
  return emitter
}

/** A listener's error is its own: it neither ends the build nor keeps others from hearing of it. Node reports it as a warning. */
export function unharmed(heard: () => unknown): void {
  try {
    heard()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)), { code: 'KILN_LISTENER' })
  }
}

async function explainMiss(deps: BuildDeps, tenant: string, record: BuildRecord, earlierId?: string): Promise<MissExplanation> {
  const earlier = earlierId === undefined ? await previous(deps.store, tenant, record) : await deps.store.get(tenant, earlierId)
  if (earlierId !== undefined && !earlier) throw new BuildError('not_found', `There is no build ${earlierId}.`)
  const none = { added: [], removed: [], changed: [] }
  if (!earlier) return { inputs: [], files: none }
  const inputs = changedParts(earlier.inputs, record.inputs)
  const [before, after] = await Promise.all([stored(deps, tenant, earlier.inputs.tree), stored(deps, tenant, record.inputs.tree)])
  const files =
    before === undefined || after === undefined ? none : diffTrees(new TextEncoder().encode(before), new TextEncoder().encode(after))
  return { earlier: { id: earlier.id, acceptedAt: earlier.acceptedAt }, inputs, files }
}

/** The newest Build of this name before this one that did not fail, else the newest. */
async function previous(store: Store, tenant: string, record: BuildRecord): Promise<BuildRecord | undefined> {
  const older = (await store.list(tenant, { name: record.name, after: record.id, limit: 50 })).filter(
    ({ driver }) => driver.name !== 'none',
  )
  return older.find(({ state }) => state === 'succeeded') ?? older[0]
}

function changedParts(before: Inputs, after: Inputs): MissExplanation['inputs'] {
  const names = [...new Set([...Object.keys(before.parts), ...Object.keys(after.parts)])]
  return names
    .filter((name) => before.parts[name] !== after.parts[name])
    .map((name) => ({
      name,
      ...(before.parts[name] !== undefined && { earlier: before.parts[name] }),
      ...(after.parts[name] !== undefined && { now: after.parts[name] }),
    }))
}

async function stored(deps: BuildDeps, tenant: string, digest: Digest | undefined): Promise<string | undefined> {
  if (!digest || (await deps.blobs.size(tenant, digest)) === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of deps.blobs.open(tenant, digest)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
