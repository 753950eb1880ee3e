import { hash } from 'node:crypto'
import type { XXHashAPI } from 'xxhash-wasm'
import { type Columns, kind } from '../source/columns.ts'
import type { TreeHash } from './context.ts'
import type { Hashes } from './file-hashes.ts'

/** One line of a listing. */
export interface TreeLine {
  readonly path: string
  readonly mode: '100644' | '100755' | '120000' | '40000'
  /** 64 hex; empty for a directory */
  readonly hash: string
}

/** What two listings differ in: the first `limit` paths of each sort in byte order, and how many there are. */
export interface TreeDiff {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** other content, mode or kind */
  readonly changed: readonly string[]
  readonly totals: { readonly added: number; readonly removed: number; readonly changed: number }
}

/** The tree's two hashes over its lines, from the hashes of its files. */
export function treeHash(columns: Columns, hashes: Hashes, xxh: XXHashAPI): TreeHash {
  hashLinks(columns, hashes, xxh)
  const listing = lines(columns, 32, hashes.sha256)
  const fast = lines(columns, 8, bigEndian(hashes.xxh64))
  return {
    digest: `sha256:${hash('sha256', listing)}`,
    xxh64: hex64(xxh.h64Raw(fast)),
    bytes: columns.sizes.reduce((sum, size) => sum + size, 0),
    listing,
  }
}

/** The xxh64 alone, for a thread that was asked for no more. */
export function treeXxh64(columns: Columns, hashes: Hashes, xxh: XXHashAPI): string {
  hashLinks(columns, hashes, xxh)
  return hex64(xxh.h64Raw(lines(columns, 8, bigEndian(hashes.xxh64))))
}

/** The lines of a listing. Throws RangeError where it is not one. */
export function listTree(listing: Uint8Array): TreeLine[] {
  const text = Buffer.from(listing.buffer, listing.byteOffset, listing.byteLength).toString('utf8')
  if (text === '') return []
  return text.slice(0, -1).split('\n').map(parseLine)
}

/** Which paths differ between two listings; at most `limit` (default 100) of each sort are named. */
export function diffTrees(before: Uint8Array, after: Uint8Array, limit = 100): TreeDiff {
  const old = new Map(listTree(before).map((line) => [line.path, line]))
  const current = listTree(after)
  const added = current.filter((line) => !old.has(line.path))
  const changed = current.filter((line) => differs(old.get(line.path), line))
  for (const line of current) old.delete(line.path)
  const names = (of: Iterable<TreeLine>): string[] => Array.from(of, (line) => line.path).slice(0, limit)
  return {
    added: names(added),
    removed: names(old.values()),
    changed: names(changed),
    totals: { added: added.length, removed: old.size, changed: changed.length },
  }
}

function differs(old: TreeLine | undefined, line: TreeLine): boolean {
  return old !== undefined && (old.mode !== line.mode || old.hash !== line.hash)
}

function parseLine(text: string): TreeLine {
  const [path, mode, digest, ...more] = text.split('\0')
  const whole = path !== undefined && mode !== undefined && digest !== undefined && more.length === 0
  if (!whole || !(mode === '40000' ? digest === '' : /^[0-9a-f]{64}$/.test(digest))) throw new RangeError('not the listing of a tree')
  return { path, mode: mode as TreeLine['mode'], hash: digest }
}

function hashLinks(columns: Columns, hashes: Hashes, xxh: XXHashAPI): void {
  for (const [i, target] of columns.targets) {
    const bytes = Buffer.from(target)
    hashes.xxh64[i] = xxh.h64Raw(bytes)
    if (hashes.sha256.length > 0) hashes.sha256.set(hash('sha256', bytes, 'buffer'), 32 * i)
  }
}

// Written byte by byte: 40,000 lines cost 10 ms so, and 60 ms as strings.
function lines({ count, paths, kinds }: Columns, width: number, raw: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafeSlow(paths.length + count * (8 + 2 * width))
  let at = 0
  let from = 0
  for (let i = 0; i < count; i++) {
    for (let byte = paths[from++]!; byte !== 0; byte = paths[from++]!) out[at++] = byte
    out[at++] = 0
    const mode = modes[kinds[i]!]!
    for (let m = 0; m < mode.length; m++) out[at++] = mode[m]!
    out[at++] = 0
    if (kinds[i] !== kind.directory) {
      for (let b = i * width; b < (i + 1) * width; b++) {
        out[at++] = digits[raw[b]! >> 4]!
        out[at++] = digits[raw[b]! & 15]!
      }
    }
    out[at++] = 10
  }
  return new Uint8Array(out.buffer, 0, at)
}

const digits = Buffer.from('0123456789abcdef')
const modeNames = ['100644', '100755', '120000', '40000'] as const
const modes: readonly Buffer[] = modeNames.map((mode) => Buffer.from(mode))

/** The mode of a kind of entry. */
export function modeOf(of: number): TreeLine['mode'] {
  return modeNames[of]!
}

function bigEndian(values: BigUint64Array): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return Buffer.from(bytes).swap64()
}

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0')
}
