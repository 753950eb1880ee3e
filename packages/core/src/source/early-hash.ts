import { createHash, hash } from 'node:crypto'
import xxhash, { type XXHashAPI } from 'xxhash-wasm'
import { changed } from './changed.ts'
import { readListed } from './opened.ts'

/** Which hashes are taken of files while they are listed. */
export type Early = 'xxh64' | 'both'

/** The early hashes of all entries, as columns. */
export interface EarlyHashes {
  /** 1 where there is one */
  readonly done: Uint8Array<SharedArrayBuffer>
  readonly xxh64: BigUint64Array<SharedArrayBuffer>
  readonly sha256: Uint8Array<SharedArrayBuffer>
}

/** Room for as many; none for sha256 where it is not asked for. */
export function newEarlyHashes(count: number, of: Early): EarlyHashes {
  const bytes = (each: number): SharedArrayBuffer => new SharedArrayBuffer(each * count)
  return { done: new Uint8Array(bytes(1)), xxh64: new BigUint64Array(bytes(8)), sha256: new Uint8Array(bytes(of === 'both' ? 32 : 0)) }
}

export function growEarly(from: EarlyHashes, count: number): EarlyHashes {
  const into = newEarlyHashes(count, from.sha256.length > 0 ? 'both' : 'xxh64')
  into.done.set(from.done)
  into.xxh64.set(from.xxh64)
  into.sha256.set(from.sha256)
  return into
}

export function copyEarly(from: EarlyHashes, row: number, into: EarlyHashes, at: number): void {
  into.done[at] = from.done[row]!
  into.xxh64[at] = from.xxh64[row]!
  if (into.sha256.length > 0) for (let b = 0; b < 32; b++) into.sha256[32 * at + b] = from.sha256[32 * row + b]!
}

/** Takes the hashes of an open file of at most `largest` bytes. */
export interface EarlyHasher {
  readonly of: Early
  /** bytes; a larger file is left for the hashing of the tree, which shares out large ones better */
  readonly largest: number
  /** Reads the open file from its beginning; its hashes become those of `row`. Throws `source_changed`, `source_unreadable`. */
  hash(fd: number, size: number, path: string, into: EarlyHashes, row: number): void
}

/** Files above this are read in pieces; from benchmarks/hash.ts. */
export const readBufferSize: number = 256 * 1024

let loaded: Promise<XXHashAPI> | undefined

export function loadXxh64(): Promise<XXHashAPI> {
  return (loaded ??= xxhash())
}

/** bytes from which one thread alone would be busy with a file for more than some milliseconds */
const largest = 8 * 2 ** 20

export async function earlyHasher(of: Early | undefined): Promise<EarlyHasher | undefined> {
  if (!of) return undefined
  const xxh = await loadXxh64()
  const buffer = Buffer.allocUnsafeSlow(readBufferSize)
  const both = of === 'both'
  return {
    of,
    largest,
    hash(fd, size, path, into, row) {
      if (size > buffer.length) hashPieces(fd, size, path, buffer, into, row, both, xxh)
      else {
        readExactly(fd, path, buffer, size)
        const content = buffer.subarray(0, size)
        into.xxh64[row] = xxh.h64Raw(content)
        if (both) into.sha256.set(hash('sha256', content, 'buffer'), 32 * row)
      }
      into.done[row] = 1
    },
  }
}

function hashPieces(
  fd: number,
  size: number,
  path: string,
  buffer: Uint8Array,
  into: EarlyHashes,
  row: number,
  both: boolean,
  xxh: XXHashAPI,
): void {
  const fast = xxh.create64()
  const trusted = both ? createHash('sha256') : undefined
  for (let done = 0; done < size; done += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, size - done))
    readExactly(fd, path, piece, piece.length)
    fast.update(piece)
    trusted?.update(piece)
  }
  into.xxh64[row] = fast.digest()
  if (trusted) into.sha256.set(trusted.digest(), 32 * row)
}

function readExactly(fd: number, path: string, buffer: Uint8Array, size: number): void {
  for (let got = 0; got < size;) {
    const n = readListed(fd, path, buffer, got, size - got, null)
    if (n === 0) throw changed(path)
    got += n
  }
}
