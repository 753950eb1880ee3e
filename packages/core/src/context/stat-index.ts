import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writevSync } from 'node:fs'
import { endianness } from 'node:os'
import type { XXHashAPI } from 'xxhash-wasm'
import type { Columns, Stats } from '../source/columns.ts'
import { indexFile, type StatIndex } from '../source/index-file.ts'

import type { Hashes } from './file-hashes.ts'
import { pruneIndex } from './stat-index-prune.ts'

/** What was known of a tree when it was last hashed. */
export interface Known {
  readonly count: number
  readonly paths: Uint8Array
  /** kind of the entry, plus `unconfirmed` */
  readonly kinds: Uint8Array
  readonly sizes: Float64Array
  /** NaN where the file was racy: it must be read again */
  readonly mtimes: Float64Array
  readonly ctimes: Float64Array
  readonly inodes: Float64Array
  readonly xxh64: BigUint64Array
  readonly sha256: Uint8Array
}

/** Set in `kinds` where the sha256 was taken on the word of the xxh64: good for verify `fast` only. */
export const unconfirmed = 0x80

// Changes with any change of the format, and with the byte order of the machine.
const magic = Buffer.from(`KILNIX1${endianness()[0]}`)
const headSize = 32
const largest = 256 * 2 ** 20

/**
 * A file written this close before the listing may be written again without a new time: file systems keep times in
 * ticks, some of 2 s. Git's rule for racy entries, with the coarsest tick.
 */
const racyMs = 2000

/** The index of a root, or undefined where there is none that can be used. */
export function loadIndex(index: StatIndex, root: string, xxh: XXHashAPI): Known | undefined {
  try {
    return parseIndex(readWhole(indexFile(index, root)), xxh)
  } catch {
    return undefined
  }
}

/** Replaces the index of a root at once, for other processes too. A fault leaves the old one, or none. */
export function saveIndex(index: StatIndex, root: string, known: Known, xxh: XXHashAPI): void {
  const file = indexFile(index, root)
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    mkdirSync(index.directory, { recursive: true, mode: 0o700 })
    writeWhole(temporary, indexBytes(known, xxh))
    renameSync(temporary, file)
    pruneIndex(index.directory)
  } catch {
    unlessItFails(() => rmSync(temporary, { force: true }))
  }
}

function unlessItFails(call: () => void): void {
  try {
    call()
  } catch {
    // there was no place to write to in the first place
  }
}

/** What is known now, to be found at the next opening. */
export function knownOf(columns: Columns, hashes: Hashes, unconfirmedFiles: Uint8Array | undefined): Known {
  const { count, paths, kinds, sizes, stats } = columns
  const mtimes = stats!.mtimes.map((mtime, i) => (isRacy(stats!, i) ? Number.NaN : mtime))
  const marked = unconfirmedFiles ? kinds.map((of, i) => (unconfirmedFiles[i] ? of | unconfirmed : of)) : kinds
  return { count, paths, kinds: marked, sizes, mtimes, ctimes: stats!.ctimes, inodes: stats!.inodes, ...hashes }
}

/** Whether an entry was written so close before the listing that it may change without a new time. */
export function isRacy({ listedAt, mtimes, ctimes }: Stats, i: number): boolean {
  return Math.max(mtimes[i]!, ctimes[i]!) >= listedAt - racyMs
}

function indexBytes(known: Known, xxh: XXHashAPI): Uint8Array[] {
  const body = [known.sizes, known.mtimes, known.ctimes, known.inodes, known.xxh64, known.sha256, known.kinds, known.paths].map(
    (column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength),
  )
  const head = Buffer.alloc(headSize)
  magic.copy(head)
  head.writeUInt32LE(known.count, 16)
  head.writeUInt32LE(known.paths.length, 20)
  head.writeBigUInt64LE(checksum([head.subarray(16), ...body], xxh), 8)
  return [head, ...body]
}

function parseIndex(bytes: Uint8Array<ArrayBuffer>, xxh: XXHashAPI): Known | undefined {
  const head = Buffer.from(bytes.buffer, 0, Math.min(headSize, bytes.length))
  if (head.length < headSize || !head.subarray(0, 8).equals(magic)) return undefined
  const count = head.readUInt32LE(16)
  const pathsLength = head.readUInt32LE(20)
  if (bytes.length !== headSize + count * 73 + pathsLength) return undefined
  if (head.readBigUInt64LE(8) !== checksum(pieces(bytes.subarray(16)), xxh)) return undefined
  return columnsIn(bytes.buffer, count, pathsLength)
}

function columnsIn(buffer: ArrayBuffer, count: number, pathsLength: number): Known {
  const at = (column: number): number => headSize + column * 8 * count
  return {
    count,
    sizes: new Float64Array(buffer, at(0), count),
    mtimes: new Float64Array(buffer, at(1), count),
    ctimes: new Float64Array(buffer, at(2), count),
    inodes: new Float64Array(buffer, at(3), count),
    xxh64: new BigUint64Array(buffer, at(4), count),
    sha256: new Uint8Array(buffer, at(5), 32 * count),
    kinds: new Uint8Array(buffer, at(9), count),
    paths: new Uint8Array(buffer, at(9) + count, pathsLength),
  }
}

// In pieces, since xxhash-wasm copies what it hashes at once and never gives the memory back.
function checksum(parts: readonly Uint8Array[], xxh: XXHashAPI): bigint {
  const sum = xxh.create64()
  for (const part of parts) for (const piece of pieces(part)) sum.update(piece)
  return sum.digest()
}

function pieces(bytes: Uint8Array): Uint8Array[] {
  const size = 256 * 1024
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

function readWhole(file: string): Uint8Array<ArrayBuffer> {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    if (size > largest) throw new RangeError('too large for an index')
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)
    let got = 0
    for (let n = 1; n > 0 && got < size; got += n) n = readSync(fd, bytes, got, size - got, null)
    return bytes.subarray(0, got)
  } finally {
    closeSync(fd)
  }
}

function writeWhole(file: string, parts: readonly Uint8Array[]): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    const total = parts.reduce((sum, part) => sum + part.length, 0)
    if (writevSync(fd, parts) !== total) throw new RangeError('written in part')
  } finally {
    closeSync(fd)
  }
}
