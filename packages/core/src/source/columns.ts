import type { Early, EarlyHashes } from './early-hash.ts'
import type { Entry, Source } from './source.ts'

/**
 * The entries of a Source as columns in shared memory, in the order of `entries`: what threads hand to each other.
 * 40,000 entries pass between threads for nothing, where as many objects would be copied for 30 ms.
 */
export interface Columns {
  readonly count: number
  /** every path in UTF-8, each followed by a NUL */
  readonly paths: Uint8Array<SharedArrayBuffer>
  readonly kinds: Uint8Array<SharedArrayBuffer>
  /** bytes; 0 for links and directories */
  readonly sizes: Float64Array<SharedArrayBuffer>
  /** of links: index of the entry, target */
  readonly targets: readonly (readonly [index: number, target: string])[]
  /** of directories on disk */
  readonly stats?: Stats
  /** hashes taken while the directory was listed */
  readonly early?: EarlyHashes & { readonly of: Early }
}

/** What lstat said of each entry when the directory was listed; times in ms, exact to a quarter of a microsecond. */
export interface Stats {
  /** ms since the epoch, before the first entry was looked at */
  readonly listedAt: number
  readonly mtimes: Float64Array<SharedArrayBuffer>
  readonly ctimes: Float64Array<SharedArrayBuffer>
  readonly inodes: Float64Array<SharedArrayBuffer>
}

export const kind = { file: 0, executable: 1, link: 2, directory: 3 } as const

/** The columns of any Source; its entries are sorted already. */
export function columnsOf(source: Source): Columns {
  if (source.access.kind === 'directory') return source.access.columns
  const { entries } = source
  const targets = new Map(entries.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target] as const] : [])))
  const paths = entries.map((entry) => entry.path)
  return {
    count: entries.length,
    paths: encodePaths(paths),
    kinds: fill(new Uint8Array(shared(entries.length)), entries.map(kindOf)),
    sizes: fill(new Float64Array(shared(8 * entries.length)), entries.map(sizeOf)),
    targets: linkTargets(paths, targets),
  }
}

/** The entries that columns stand for. */
export function entriesOf(columns: Columns): Entry[] {
  const targets = new Map(columns.targets)
  return decodePaths(columns).map((path, i) => {
    const of = columns.kinds[i]!
    if (of === kind.directory) return { kind: 'directory', path }
    if (of === kind.link) return { kind: 'link', path, target: targets.get(i)! }
    return { kind: 'file', path, executable: of === kind.executable, size: columns.sizes[i]! }
  })
}

export function decodePaths(columns: Columns): string[] {
  if (columns.count === 0) return []
  const { buffer, byteOffset, byteLength } = columns.paths
  return Buffer.from(buffer, byteOffset, byteLength - 1)
    .toString('utf8')
    .split('\0')
}

export function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes)
}

/** By the bytes of the UTF-8 form, which is not JavaScript's order where a surrogate meets U+E000 to U+FFFF. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return codeRank(x) - codeRank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above U+FFFF, so they rank above every other unit. */
function codeRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

export function encodePaths(paths: readonly string[]): Uint8Array<SharedArrayBuffer> {
  const joined = paths.length === 0 ? '' : `${paths.join('\0')}\0`
  const bytes = new Uint8Array(shared(Buffer.byteLength(joined)))
  Buffer.from(bytes.buffer).write(joined)
  return bytes
}

function fill<T extends Uint8Array | Float64Array>(column: T, from: readonly number[]): T {
  for (let i = 0; i < column.length; i++) column[i] = from[i]!
  return column
}

export function linkTargets(paths: readonly string[], targets: ReadonlyMap<string, string>): [number, string][] {
  if (targets.size === 0) return []
  return paths.flatMap((path, i) => (targets.has(path) ? [[i, targets.get(path)!] as [number, string]] : []))
}

function kindOf(entry: Entry): number {
  if (entry.kind === 'file') return entry.executable ? kind.executable : kind.file
  return kind[entry.kind]
}

function sizeOf(entry: Entry): number {
  return entry.kind === 'file' ? entry.size : 0
}
