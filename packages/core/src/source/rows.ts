import { changed } from './changed.ts'
import { type Early, earlySize } from './early-hash.ts'
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

/** Rows sorted by the bytes of the path, each path once, in the form in which threads hand them on. */
export interface SortedRows {
  /** each followed by a NUL */
  readonly paths: string
  readonly facts: Float64Array<SharedArrayBuffer>
  readonly targets: ReadonlyMap<string, string>
  /** `earlySize` bytes per row */
  readonly hashes?: Uint8Array<SharedArrayBuffer>
}

export const fact = { kind: 0, size: 1, mtime: 2, ctime: 3, inode: 4 } as const
export const factsEach = 5

export function emptyRows(): Rows {
  return { paths: [], facts: [], targets: new Map(), hashes: new Map() }
}

/** Sorted rows. Throws `source_changed` where one path was two different things. */
export function sortRows({ paths, facts, targets, hashes }: Rows): SortedRows {
  const before = byBytes(paths.join(''))
  const order = paths.map((_, i) => i).sort((a, b) => before(paths[a]!, paths[b]!))
  const out = new Merged(paths.length, hashes.size > 0)
  for (const row of order) out.add(paths[row]!, facts, row, hashes.get(row))
  return out.done(targets)
}

/** Two sorted lists as one. Throws `source_changed` where they do not agree on a path. */
export function mergeRows(one: SortedRows, other: SortedRows): SortedRows {
  const before = byBytes(one.paths + other.paths)
  const [left, right] = [split(one), split(other)]
  const out = new Merged(left.length + right.length, Boolean(one.hashes ?? other.hashes))
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    const fromLeft = r === right.length || (l < left.length && before(left[l]!, right[r]!) <= 0)
    if (fromLeft) out.add(left[l]!, one.facts, l, earlyOf(one, l++))
    else out.add(right[r]!, other.facts, r, earlyOf(other, r++))
  }
  return out.done(new Map([...one.targets, ...other.targets]))
}

/** Rows as the columns of a Source. */
export function columnsOfRows(rows: SortedRows, listedAt: number, early?: Early): Columns {
  const paths = split(rows)
  const column = (of: number): Float64Array<SharedArrayBuffer> => take(new Float64Array(shared(8 * paths.length)), rows.facts, of)
  return {
    count: paths.length,
    paths: encodePaths(rows.paths),
    kinds: take(new Uint8Array(shared(paths.length)), rows.facts, fact.kind),
    sizes: column(fact.size),
    targets: linkTargets(paths, rows.targets),
    stats: { listedAt, mtimes: column(fact.mtime), ctimes: column(fact.ctime), inodes: column(fact.inode) },
    ...(early && rows.hashes && { early: { of: early, hashes: rows.hashes } }),
  }
}

class Merged {
  readonly #paths: string[] = []
  readonly #facts: Float64Array<SharedArrayBuffer>
  readonly #hashes: Uint8Array<SharedArrayBuffer> | undefined

  constructor(most: number, hashed: boolean) {
    this.#hashes = hashed ? new Uint8Array(shared(earlySize * most)) : undefined
    this.#facts = new Float64Array(shared(8 * factsEach * most))
  }

  add(path: string, facts: ArrayLike<number>, row: number, early: Uint8Array | undefined): void {
    const last = this.#paths.length - 1
    const from = factsEach * row
    if (last >= 0 && this.#paths[last] === path) {
      // a directory that two threads met as the parent of what they kept: both must have met the same one
      for (let i = 0; i < factsEach; i++) if (this.#facts[factsEach * last + i] !== facts[from + i]) throw changed(path)
      return
    }
    const to = factsEach * this.#paths.push(path) - factsEach
    for (let i = 0; i < factsEach; i++) this.#facts[to + i] = facts[from + i]!
    if (early) this.#hashes?.set(early, (earlySize * to) / factsEach)
  }

  done(targets: ReadonlyMap<string, string>): SortedRows {
    const facts = this.#facts.subarray(0, factsEach * this.#paths.length)
    return {
      paths: this.#paths.length === 0 ? '' : `${this.#paths.join('\0')}\0`,
      facts,
      targets,
      ...(this.#hashes && { hashes: this.#hashes }),
    }
  }
}

function earlyOf({ hashes }: SortedRows, row: number): Uint8Array | undefined {
  return hashes?.subarray(earlySize * row, earlySize * (row + 1))
}

/** JavaScript's own order, which is much faster, where it is that of the bytes. */
function byBytes(all: string): (a: string, b: string) => number {
  if (Buffer.byteLength(all) !== all.length) return comparePaths
  return (a, b) => (a < b ? -1 : a > b ? 1 : 0)
}

function split({ paths }: SortedRows): string[] {
  return paths === '' ? [] : paths.slice(0, -1).split('\0')
}

function take<T extends Uint8Array | Float64Array>(column: T, facts: Float64Array, of: number): T {
  for (let i = 0; i < column.length; i++) column[i] = facts[factsEach * i + of]!
  return column
}
