import { newClaims, stop } from '../threads/claims.ts'
import { type Columns, columnsOf, decodePaths } from '../source/columns.ts'
import { changed } from '../source/changed.ts'
import type { Source } from '../source/source.ts'
import { lane } from '../threads/threads.ts'
import type { TreeHash } from './context.ts'
import { reachOf } from './contents.ts'
import { wasHashedAs } from './hash.ts'
import { listTree, modeOf } from './listing.ts'
import { isRacy } from './stat-index.ts'
import { newChunk } from './tar-task.ts'
import { type PackInput, TarWriter } from './tar-writer.ts'
import { isSmall } from '../source/threshold.ts'

export interface PackOptions {
  readonly signal?: AbortSignal
  /** The hash the tree was accepted with: what has another one now is `source_changed`. */
  readonly expect?: Pick<TreeHash, 'listing'>
  /** seconds, the time of every member; default 0 */
  readonly epoch?: number
  /**
   * True for a reader who is done with a chunk when he asks for the next one: its memory is then used again. Chunks are
   * his own otherwise, and what he drops waits for the garbage collector, up to 64 MiB of it.
   */
  readonly lend?: boolean
}

/** Measured choices, to be varied by benchmarks only. */
export interface PackTuning {
  readonly where?: 'here' | 'worker'
  /** bytes of a chunk, a multiple of 512 */
  readonly size?: number
  /** chunks asked for ahead of the reader */
  readonly ahead?: number
}

/** From benchmarks/hash.ts and tar.ts; what is on its way at once, `ahead` chunks, is what packing costs in memory. */
const packTuning: { readonly chunk: number; readonly ahead: number } = { chunk: 2 ** 20, ahead: 3 }

/**
 * A deterministic tar of a tree: sorted, owner 0, mode 0644 or 0755, one time. Chunks come as they are asked for, and
 * belong to whoever takes them. Throws `source_changed`, `source_unreadable`, and the signal's reason.
 */
export async function* packTree(
  source: Source,
  options: PackOptions = {},
  tune: PackTuning = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  options.signal?.throwIfAborted()
  const columns = columnsOf(source)
  const input: PackInput = {
    columns,
    reach: reachOf(source.access, () => decodePaths(columns)),
    ...(options.expect && expectation(columns, options.expect.listing)),
    epoch: options.epoch ?? 0,
    claims: newClaims(),
  }
  const here = source.access.kind === 'memory' || (tune.where ? tune.where === 'here' : isSmall(columns))
  const pace = { size: packTuning.chunk, ahead: packTuning.ahead, lend: options.lend ?? false, ...tune }
  yield* here ? packHere(input, options.signal, pace) : packThere(input, options.signal, pace)
}

interface Pace {
  readonly size: number
  readonly ahead: number
  readonly lend: boolean
}

async function* packHere(
  input: PackInput,
  signal: AbortSignal | undefined,
  { size, lend }: Pace,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  using writer = new TarWriter(input, decodePaths(input.columns))
  const length = Math.min(size, tarSize(input.columns))
  let chunk = newChunk(length)
  const abort = (): void => writer[Symbol.dispose]()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    for (;;) {
      const filled = writer.fill(chunk)
      if (filled > 0) yield chunk.subarray(0, filled)
      signal?.throwIfAborted()
      if (filled < length) return
      if (!lend) chunk = newChunk(length)
    }
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** About that of a whole tar, seldom less: a megabyte for each small one would be the garbage collector's. */
function tarSize({ sizes, count }: Columns): number {
  const headers = 2048 * (count + 1)
  return Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, headers) / 512) * 512
}

async function* packThere(
  input: PackInput,
  signal: AbortSignal | undefined,
  { size, ahead, lend }: Pace,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  await using remote = await openRemote(input, signal)
  const coming: Promise<Uint8Array<ArrayBuffer>>[] = []
  let back: ArrayBuffer | undefined
  for (;;) {
    while (coming.length < ahead) {
      coming.push(quiet(remote.pull(size, back)))
      back = undefined
    }
    const chunk = await coming.shift()!
    signal?.throwIfAborted()
    // before it is the reader's, who may let go of it
    const { length, buffer } = chunk
    if (length > 0) yield chunk
    signal?.throwIfAborted()
    if (length < size) return
    if (lend) back = buffer
  }
}

interface Remote extends AsyncDisposable {
  /** The next chunk, in the memory of an earlier one that is given back, or in new memory. */
  pull(size: number, back: ArrayBuffer | undefined): Promise<Uint8Array<ArrayBuffer>>
}

/** A tar that another thread writes. It is let go of at the end, or as soon as the signal is aborted. */
async function openRemote(input: PackInput, signal: AbortSignal | undefined): Promise<Remote> {
  const on = lane()
  const tar = await on.run('openTar', input).catch((error: unknown) => {
    on[Symbol.dispose]()
    throw error
  })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    stop(input.claims)
    return (closing ??= on
      .run('closeTar', tar)
      .catch(() => {})
      .finally(() => on[Symbol.dispose]()))
  }
  const abort = (): void => void close()
  signal?.addEventListener('abort', abort, { once: true })
  return {
    pull: async (size, back) => (await on.run('pullTar', { tar, size, ...(back && { back }) }, back ? [back] : [])).chunk,
    [Symbol.asyncDispose]: () => {
      signal?.removeEventListener('abort', abort)
      return close()
    },
  }
}

/** A chunk asked for ahead may fail when nobody waits for it any more. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/**
 * What the files must be. Where this very listing was hashed to that result, a file that was not racy then is proved by
 * its times (as in the stat index) and not hashed again; any other is hashed as it is packed.
 */
function expectation(columns: Columns, listing: Uint8Array): Pick<PackInput, 'expected' | 'steady'> {
  const expected = expectedOf(columns, listing)
  const { stats } = columns
  if (!stats || !wasHashedAs(columns, listing)) return { expected }
  const steady = new Uint8Array(new SharedArrayBuffer(columns.count))
  for (let i = 0; i < columns.count; i++) steady[i] = isRacy(stats, i) ? 0 : 1
  return { expected, steady }
}

/** The sha256 of each entry by the listing, which must have the same entries. */
function expectedOf(columns: Columns, listing: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const expected = new Uint8Array(new SharedArrayBuffer(32 * columns.count))
  const lines = listTree(listing)
  for (const [i, path] of decodePaths(columns).entries()) {
    const line = lines[i]
    if (line?.path !== path || line.mode !== modeOf(columns.kinds[i]!)) throw changed(path)
    expected.set(Buffer.from(line.hash, 'hex'), 32 * i)
  }
  if (lines.length !== columns.count) throw changed(lines.at(-1)!.path)
  return expected
}
