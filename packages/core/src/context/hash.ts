import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { newClaims } from '../threads/claims.ts'
import { type Columns, columnsOf, decodePaths } from '../source/columns.ts'
import { loadXxh64 } from '../source/early-hash.ts'
import type { Source } from '../source/source.ts'
import { stoppable } from '../threads/stoppable.ts'
import { lane } from '../threads/threads.ts'
import type { TreeHash } from './context.ts'
import { reachOf } from './contents.ts'
import { hashFiles, type Tuning, tuning } from './file-hashes.ts'
import { finish, type Hashed, type HashInput, prepare } from './hash-task.ts'
import type { StatIndex } from '../source/index-file.ts'
import { isSmall } from '../source/threshold.ts'

export interface HashOptions {
  readonly signal?: AbortSignal
  /**
   * `fast` takes the word of the xxh64 for a file whose content the index knows, where `trusted` (the default)
   * computes its sha256. For one user's own machine; it saves nothing without an index.
   */
  readonly verify?: 'trusted' | 'fast'
  /** lets an unchanged directory be answered without reading it */
  readonly index?: StatIndex
}

/** Measured choices, to be varied by benchmarks only. */
export interface HashTuning extends Partial<Tuning> {
  readonly where?: 'here' | 'worker'
}

/**
 * Both hashes of a tree and its listing. Small trees are hashed at once, large ones in threads of their own. Throws
 * `source_changed`, `source_unreadable`, and the signal's reason.
 */
export async function hashTree(source: Source, options: HashOptions = {}, tune?: HashTuning): Promise<TreeHash> {
  const found = (await hashed(source, options, true, tune)) as TreeHash
  if (options.verify !== 'fast') results.set(columnsOf(source), found.digest)
  return found
}

/**
 * The hash of a part of a source (`partOf`), of the lines of the whole: no file is read again. `whole` is what `hashTree` gave for the
 * source. The xxh64, which is over other lines, is not known.
 */
export function hashOfPart(part: Source, source: Source, whole: TreeHash): Omit<TreeHash, 'xxh64'> {
  const listing = linesOf(part.entries, source.entries, whole.listing)
  const digest = `sha256:${hash('sha256', listing)}` as const
  if (results.get(columnsOf(source)) === whole.digest) results.set(columnsOf(part), digest)
  return { digest, listing, bytes: part.entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0) }
}

/** Both lists and the lines are in the order of the paths. */
function linesOf(wanted: Source['entries'], all: Source['entries'], listing: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = []
  let [at, from] = [0, 0]
  for (const { path } of all) {
    const end = listing.indexOf(10, from) + 1
    if (wanted[at]?.path === path) {
      lines.push(listing.subarray(from, end))
      at++
    }
    from = end
  }
  return new Uint8Array(Buffer.concat(lines))
}

/** Whether this very opening was hashed to that listing, every sha256 computed from its bytes. */
export function wasHashedAs(columns: Columns, listing: Uint8Array): boolean {
  return results.get(columns) === `sha256:${hash('sha256', listing)}`
}

const results = new WeakMap<Columns, string>()

/** The xxh64 of a tree alone (16 hex), for who only asks whether it was seen before. Throws like `hashTree`. */
export async function hashTreeFast(source: Source, options: Pick<HashOptions, 'signal'> = {}, tune?: HashTuning): Promise<string> {
  return (await hashed(source, options, false, tune)).xxh64
}

async function hashed(source: Source, options: HashOptions, sha256: boolean, tune: HashTuning = {}): Promise<Hashed> {
  options.signal?.throwIfAborted()
  const columns = columnsOf(source)
  const here = source.access.kind === 'memory' || (tune.where ? tune.where === 'here' : isSmall(columns))
  const input: HashInput = {
    columns,
    reach: reachOf(source.access, () => decodePaths(columns)),
    verify: options.verify ?? 'trusted',
    ...(options.index && { index: options.index }),
    sha256,
    claims: newClaims(),
    tuning: { ...tuning, ...tune },
  }
  return here ? hashHere(input, options.signal) : hashThere(input, options.signal)
}

/** On the caller's thread, which gets a turn every few milliseconds. */
async function hashHere(input: HashInput, signal: AbortSignal | undefined): Promise<Hashed> {
  const xxh = await loadXxh64()
  const prepared = prepare(input, xxh)
  let since = performance.now()
  for (const _ of hashFiles(prepared.work, decodePaths(input.columns), xxh)) {
    if (performance.now() - since < 8) continue
    await setImmediate()
    signal?.throwIfAborted()
    since = performance.now()
  }
  return finish(input, prepared, xxh)
}

async function hashThere(input: HashInput, signal: AbortSignal | undefined): Promise<Hashed> {
  using on = lane()
  return stoppable(on, input.claims, signal, on.run('hash', input))
}
