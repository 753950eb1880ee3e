import { changed } from './changed.ts'
import { copyEarly, type Early, type EarlyHashes, newEarlyHashes, putEarly } from './early-hash.ts'
import { type Columns, comparePaths, encodePaths, linkTargets, shared } from './columns.ts'

/** What a walk finds, in any order: paths, and five facts of each one after another. */
export interface Rows {
  readonly paths: string[]
  /** kind, size in bytes, mtime and ctime in ms, inode */
  readonly facts: number[]
  /** of links */
  readonly targets: Map<string, string>
  /** of files that were hashed as they were listed, by row */
  readonly hashes: Map<number, Uint8Array>
}

/** Rows sorted by the bytes of the path, each path once. */
export interface SortedRows {
  readonly paths: readonly string[]
  readonly facts: Float64Array<SharedArrayBuffer>
  readonly targets: ReadonlyMap<string, string>
  readonly early?: EarlyHashes
}

/** The same, as it is sent to another thread: one text costs less than as many as there are rows. */
export type SentRows = Omit<SortedRows, 'paths'> & { readonly paths: string }

export const fact = { kind: 0, size: 1, mtime: 2, ctime: 3, inode: 4 } as const
export const factsEach = 5

export function emptyRows(): Rows {
  return { paths: [], facts: [], targets: new Map(), hashes: new Map() }
}

export function sendRows(rows: SortedRows): SentRows {
  return { ...rows, paths: rows.paths.join('\0') }
}

export function receiveRows(rows: SentRows): SortedRows {
  return { ...rows, paths: rows.paths === '' ? [] : rows.paths.split('\0') }
}

/** Sorted rows. Throws `source_changed` where one path was two different things. */
export function sortRows({ paths, facts, targets, hashes }: Rows): SortedRows {
  const before = byBytes(paths.join(''))
  const order = paths.map((_, i) => i).sort((a, b) => before(paths[a]!, paths[b]!))
  const out = new Merged(paths.length, hashes.size > 0)
  for (const row of order) {
    const at = out.add(paths[row]!, facts, row)
    const early = hashes.get(row)
    if (early) putEarly(out.early!, at, early)
  }
  return out.done(targets)
}

/** Two sorted lists as one. Throws `source_changed` where they do not agree on a path. */
export function mergeRows(one: SortedRows, other: SortedRows): SortedRows {
  const before = one.paths.length > 0 && other.paths.length > 0 ? byBytes(one.paths.join('') + other.paths.join('')) : comparePaths
  const out = new Merged(one.paths.length + other.paths.length, Boolean(one.early ?? other.early))
  const move = (from: SortedRows, row: number): void => {
    const at = out.add(from.paths[row]!, from.facts, row)
    if (from.early) copyEarly(from.early, row, out.early!, at)
  }
  let l = 0
  let r = 0
  while (l < one.paths.length || r < other.paths.length) {
    const first = r === other.paths.length || (l < one.paths.length && before(one.paths[l]!, other.paths[r]!) <= 0)
    if (first) move(one, l++)
    else move(other, r++)
  }
  return out.done(new Map([...one.targets, ...other.targets]))
}

/** Rows as the columns of a Source. */
export function columnsOfRows({ paths, facts, targets, early }: SortedRows, listedAt: number, of?: Early): Columns {
  const column = (at: number): Float64Array<SharedArrayBuffer> => take(new Float64Array(shared(8 * paths.length)), facts, at)
  return {
    count: paths.length,
    paths: encodePaths(paths),
    kinds: take(new Uint8Array(shared(paths.length)), facts, fact.kind),
    sizes: column(fact.size),
    targets: linkTargets(paths, targets),
    stats: { listedAt, mtimes: column(fact.mtime), ctimes: column(fact.ctime), inodes: column(fact.inode) },
    ...(of && early && { early: { of, ...early } }),
  }
}

class Merged {
  readonly early: EarlyHashes | undefined
  readonly #paths: string[] = []
  readonly #facts: Float64Array<SharedArrayBuffer>

  constructor(most: number, hashed: boolean) {
    this.early = hashed ? newEarlyHashes(most) : undefined
    this.#facts = new Float64Array(shared(8 * factsEach * most))
  }

  /** Adds a row and answers with its place. */
  add(path: string, facts: ArrayLike<number>, row: number): number {
    const last = this.#paths.length - 1
    const from = factsEach * row
    if (last >= 0 && this.#paths[last] === path) {
      // a directory that two threads met as the parent of what they kept: both must have met the same one
      for (let i = 0; i < factsEach; i++) if (this.#facts[factsEach * last + i] !== facts[from + i]) throw changed(path)
      return last
    }
    const to = factsEach * (last + 1)
    this.#paths.push(path)
    for (let i = 0; i < factsEach; i++) this.#facts[to + i] = facts[from + i]!
    return last + 1
  }

  done(targets: ReadonlyMap<string, string>): SortedRows {
    const facts = this.#facts.subarray(0, factsEach * this.#paths.length)
    return { paths: this.#paths, facts, targets, ...(this.early && { early: this.early }) }
  }
}

/** JavaScript's own order, which is much faster, where it is that of the bytes. */
function byBytes(all: string): (a: string, b: string) => number {
  if (Buffer.byteLength(all) !== all.length) return comparePaths
  return (a, b) => (a < b ? -1 : a > b ? 1 : 0)
}

function take<T extends Uint8Array | Float64Array>(column: T, facts: Float64Array, of: number): T {
  for (let i = 0; i < column.length; i++) column[i] = facts[factsEach * i + of]!
  return column
}
