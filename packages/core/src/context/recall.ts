import { type Columns, kind } from '../source/columns.ts'
import type { Hashes } from './file-hashes.ts'
import { type Known, unconfirmed } from './stat-index.ts'

export interface Recalled {
  /** files whose hashes are not known: they are to be read */
  readonly unknown: readonly number[]
  /** 1 where a file is to be read, and the hashes of its earlier content are good if its xxh64 is still the same */
  readonly held: Uint8Array<SharedArrayBuffer>
  /** 1 where a hash is taken over whose sha256 rests on the word of an xxh64 */
  readonly unconfirmed: Uint8Array
  /** true when the index says all of it already, nothing to be saved */
  readonly complete: boolean
}

/** Fills `hashes` with what the index knows of files that are as they were. `trusted` takes no unconfirmed sha256. */
export function recall(known: Known, columns: Columns, hashes: Hashes, verify: 'trusted' | 'fast'): Recalled {
  const { count, kinds } = columns
  const unknown: number[] = []
  const held = new Uint8Array(new SharedArrayBuffer(count))
  const weak = new Uint8Array(count)
  const places = placesOf(known, columns)
  for (let i = 0; i < count; i++) {
    if (kinds[i]! > kind.executable) continue
    const at = places ? places[i]! : i
    const word = at >= 0 && (known.kinds[at]! & ~unconfirmed) <= kind.executable && (verify === 'fast' || known.kinds[at]! < unconfirmed)
    const same = word && isSame(known, at, columns, i)
    if (word) copyHashes(known, at, hashes, i)
    if (!same) unknown.push(i)
    else if (known.kinds[at]! >= unconfirmed) weak[i] = 1
    if (word && !same && verify === 'fast' && known.sizes[at] === columns.sizes[i]) held[i] = 1
  }
  return { unknown, held, unconfirmed: weak, complete: unknown.length === 0 && places === undefined }
}

function isSame(known: Known, at: number, { sizes, stats }: Columns, i: number): boolean {
  return (
    known.mtimes[at] === stats!.mtimes[i] &&
    known.ctimes[at] === stats!.ctimes[i] &&
    known.inodes[at] === stats!.inodes[i] &&
    known.sizes[at] === sizes[i]
  )
}

function copyHashes(known: Known, at: number, hashes: Hashes, i: number): void {
  hashes.xxh64[i] = known.xxh64[at]!
  const from = 32 * at
  const to = 32 * i
  for (let b = 0; b < 32; b++) hashes.sha256[to + b] = known.sha256[from + b]!
}

/** Where the index has each entry (-1: nowhere); undefined when it has the same paths in the same places. */
function placesOf(known: Known, columns: Columns): Int32Array | undefined {
  if (known.count === columns.count && Buffer.compare(known.paths, columns.paths) === 0) return undefined
  const old = starts(known.paths, known.count)
  const now = starts(columns.paths, columns.count)
  const places = new Int32Array(columns.count).fill(-1)
  for (let i = 0, at = 0; i < columns.count && at < known.count;) {
    const order = compareAt(columns.paths, now[i]!, known.paths, old[at]!)
    if (order === 0) places[i] = at
    if (order <= 0) i++
    if (order >= 0) at++
  }
  return places
}

function starts(paths: Uint8Array, count: number): Uint32Array {
  const at = new Uint32Array(count)
  for (let i = 1; i < count; i++) at[i] = paths.indexOf(0, at[i - 1]) + 1
  return at
}

/** Two paths that end with NUL, which sorts before every other byte. */
function compareAt(a: Uint8Array, from: number, b: Uint8Array, to: number): number {
  for (let i = 0; ; i++) {
    const x = a[from + i]!
    const y = b[to + i]!
    if (x !== y) return x - y
    if (x === 0) return 0
  }
}
