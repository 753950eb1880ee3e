import type { Stats } from 'node:fs'
import { changed } from './changed.ts'
import { copyEarly, type Early, type EarlyHashes, growEarly, newEarlyHashes } from './early-hash.ts'
import { type Columns, comparePaths, encodePaths, linkTargets, shared } from './columns.ts'

export const fact = { kind: 0, size: 1, mtime: 2, ctime: 3, inode: 4 } as const
export const factsEach = 5

/**
 * What a walk finds, in any order. Everything but the paths lies in columns that grow, in shared memory: 40,000 small
 * objects kept the garbage collector busy on the other core, and had to be copied between threads.
 */
export class Rows {
  readonly paths: string[] = []
  /** of links */
  readonly targets: Map<string, string> = new Map()
  /** of each row: kind, size in bytes, mtime and ctime in ms, inode */
  facts: Float64Array<SharedArrayBuffer>
  /** hashes taken as the files were listed */
  early: EarlyHashes | undefined
  #room = 512

  constructor(of?: Early) {
    this.facts = new Float64Array(shared(8 * factsEach * this.#room))
    this.early = of && newEarlyHashes(this.#room, of)
  }

  /** Adds a row and answers with its number. */
  add(path: string, kind: number, size: number, { mtimeMs, ctimeMs, ino }: Pick<Stats, 'mtimeMs' | 'ctimeMs' | 'ino'>): number {
    const row = this.paths.length
    if (row === this.#room) this.#grow()
    this.paths.push(path)
    const at = factsEach * row
    this.facts[at + fact.kind] = kind
    this.facts[at + fact.size] = size
    this.facts[at + fact.mtime] = mtimeMs
    this.facts[at + fact.ctime] = ctimeMs
    this.facts[at + fact.inode] = ino
    return row
  }

  addAll({ paths, facts, targets }: SortedRows): void {
    for (const [i, path] of paths.entries()) {
      const at = factsEach * i
      const times = { mtimeMs: facts[at + fact.mtime]!, ctimeMs: facts[at + fact.ctime]!, ino: facts[at + fact.inode]! }
      this.add(path, facts[at + fact.kind]!, facts[at + fact.size]!, times)
    }
    for (const [path, target] of targets) this.targets.set(path, target)
  }

  #grow(): void {
    this.#room *= 2
    const facts = new Float64Array(shared(8 * factsEach * this.#room))
    facts.set(this.facts)
    this.facts = facts
    this.early &&= growEarly(this.early, this.#room)
  }
}

/** Rows, and in which order they are sorted by the bytes of the path. */
export interface SortedRows {
  readonly paths: readonly string[]
  /** whether JavaScript's own order of all paths is that of their bytes */
  readonly plain: boolean
  /** numbers of rows */
  readonly order: Uint32Array<SharedArrayBuffer>
  readonly facts: Float64Array<SharedArrayBuffer>
  readonly targets: ReadonlyMap<string, string>
  readonly early: EarlyHashes | undefined
}

/** The same, as it is sent to another thread: one text costs less than as many as there are rows. */
export type SentRows = Omit<SortedRows, 'paths'> & { readonly paths: string }

export function sendRows(rows: SortedRows): SentRows {
  return { ...rows, paths: rows.paths.join('\0') }
}

export function receiveRows(rows: SentRows): SortedRows {
  return { ...rows, paths: rows.paths === '' ? [] : rows.paths.split('\0') }
}

export function sortRows({ paths, facts, targets, early }: Rows): SortedRows {
  const text = paths.join('')
  const plain = Buffer.byteLength(text) === text.length
  const before = compare(plain)
  const order = new Uint32Array(shared(4 * paths.length))
  order.set(paths.map((_, i) => i).sort((a, b) => before(paths[a]!, paths[b]!)))
  return { paths, plain, order, facts, targets, early }
}

const none: SortedRows = sortRows(new Rows())

/** One list of rows, or two, as the columns of a Source. Throws `source_changed` where one path was two different things. */
export function columnsOfRows([one = none, other = none]: readonly SortedRows[], listedAt: number, of?: Early): Columns {
  const before = compare(one.plain && other.plain)
  const into = new Filling(one.order.length + other.order.length, of)
  let l = 0
  let r = 0
  while (l < one.order.length || r < other.order.length) {
    const left = one.order[l]!
    const right = other.order[r]!
    const first = r === other.order.length || (l < one.order.length && before(one.paths[left]!, other.paths[right]!) <= 0)
    if (first) into.add(one, left)
    else into.add(other, right)
    if (first) l++
    else r++
  }
  return into.columns(listedAt, [one, other], of)
}

class Filling {
  readonly #paths: string[] = []
  readonly #kinds: Uint8Array<SharedArrayBuffer>
  readonly #sizes: Float64Array<SharedArrayBuffer>
  readonly #mtimes: Float64Array<SharedArrayBuffer>
  readonly #ctimes: Float64Array<SharedArrayBuffer>
  readonly #inodes: Float64Array<SharedArrayBuffer>
  readonly #early: EarlyHashes | undefined

  constructor(most: number, of: Early | undefined) {
    this.#kinds = new Uint8Array(shared(most))
    this.#sizes = new Float64Array(shared(8 * most))
    this.#mtimes = new Float64Array(shared(8 * most))
    this.#ctimes = new Float64Array(shared(8 * most))
    this.#inodes = new Float64Array(shared(8 * most))
    this.#early = of && newEarlyHashes(most, of)
  }

  add({ paths, facts, early }: SortedRows, row: number): void {
    const path = paths[row]!
    const to = this.#paths.length
    const at = factsEach * row
    // a directory that two threads met as the parent of what they kept: both must have met the same one
    if (to > 0 && this.#paths[to - 1] === path) return this.#confirm(to - 1, facts, at)
    this.#paths.push(path)
    this.#kinds[to] = facts[at + fact.kind]!
    this.#sizes[to] = facts[at + fact.size]!
    this.#mtimes[to] = facts[at + fact.mtime]!
    this.#ctimes[to] = facts[at + fact.ctime]!
    this.#inodes[to] = facts[at + fact.inode]!
    if (early && this.#early) copyEarly(early, row, this.#early, to)
  }

  columns(listedAt: number, from: readonly SortedRows[], of: Early | undefined): Columns {
    const count = this.#paths.length
    const early = of && this.#early
    return {
      count,
      paths: encodePaths(this.#paths),
      kinds: this.#kinds.subarray(0, count),
      sizes: this.#sizes.subarray(0, count),
      targets: linkTargets(this.#paths, new Map(from.flatMap(({ targets }) => [...targets]))),
      stats: {
        listedAt,
        mtimes: this.#mtimes.subarray(0, count),
        ctimes: this.#ctimes.subarray(0, count),
        inodes: this.#inodes.subarray(0, count),
      },
      ...(early && { early: { of, ...early } }),
    }
  }

  #confirm(last: number, facts: Float64Array, at: number): void {
    const same =
      this.#kinds[last] === facts[at + fact.kind] &&
      this.#sizes[last] === facts[at + fact.size] &&
      this.#mtimes[last] === facts[at + fact.mtime] &&
      this.#ctimes[last] === facts[at + fact.ctime] &&
      this.#inodes[last] === facts[at + fact.inode]
    if (!same) throw changed(this.#paths[last]!)
  }
}

/** JavaScript's own order, which is much faster, where it is that of the bytes. */
function compare(plain: boolean): (a: string, b: string) => number {
  return plain ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : comparePaths
}
