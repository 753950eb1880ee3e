import { hash } from 'node:crypto'
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

export function newEarlyHashes(count: number): EarlyHashes {
  const bytes = (each: number): SharedArrayBuffer => new SharedArrayBuffer(each * count)
  return { done: new Uint8Array(bytes(1)), xxh64: new BigUint64Array(bytes(8)), sha256: new Uint8Array(bytes(32)) }
}

export function putEarly(into: EarlyHashes, at: number, early: Uint8Array): void {
  const fast = new DataView(early.buffer, early.byteOffset + 1, 8)
  into.done[at] = 1
  into.xxh64[at] = fast.getBigUint64(0, true)
  for (let b = 0; b < 32; b++) into.sha256[32 * at + b] = early[9 + b]!
}

export function copyEarly(from: EarlyHashes, row: number, into: EarlyHashes, at: number): void {
  into.done[at] = from.done[row]!
  into.xxh64[at] = from.xxh64[row]!
  for (let b = 0; b < 32; b++) into.sha256[32 * at + b] = from.sha256[32 * row + b]!
}

/** bytes of an early hash: 1 where there is one, xxh64 (little-endian), sha256 (zeros where not asked for) */
const earlySize = 41

/** Takes the hash of an open small file as `putEarly` wants it. */
export interface EarlyHasher {
  /** bytes; a larger file is left for the hashing of the tree, which shares out large ones better */
  readonly largest: number
  hash(fd: number, size: number, path: string): Uint8Array
}

/** Files above this are read in pieces; from benchmarks/hash.ts. */
export const readBufferSize: number = 256 * 1024

let loaded: Promise<XXHashAPI> | undefined

export function loadXxh64(): Promise<XXHashAPI> {
  return (loaded ??= xxhash())
}

export async function earlyHasher(early: Early | undefined): Promise<EarlyHasher | undefined> {
  if (!early) return undefined
  const xxh = await loadXxh64()
  const buffer = Buffer.allocUnsafeSlow(readBufferSize)
  return {
    largest: readBufferSize,
    hash(fd, size, path) {
      readExactly(fd, path, buffer, size)
      const content = buffer.subarray(0, size)
      const out = Buffer.allocUnsafe(earlySize)
      out[0] = 1
      out.writeBigUInt64LE(xxh.h64Raw(content), 1)
      if (early === 'both') out.set(hash('sha256', content, 'buffer'), 9)
      else out.fill(0, 9)
      return out
    },
  }
}

function readExactly(fd: number, path: string, buffer: Uint8Array, size: number): void {
  for (let got = 0; got < size;) {
    const n = readListed(fd, path, buffer, got, size - got, null)
    if (n === 0) throw changed(path)
    got += n
  }
}
