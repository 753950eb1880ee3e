import { hash } from 'node:crypto'
import xxhash, { type XXHashAPI } from 'xxhash-wasm'
import { changed } from './changed.ts'
import { readListed } from './opened.ts'

/** Which hashes are taken of files while they are listed. */
export type Early = 'xxh64' | 'both'

/** bytes of an early hash: 1 where there is one, xxh64 (little-endian), sha256 (zeros where not asked for) */
export const earlySize = 41

/** Takes the hash of an open small file in the form of `earlySize` bytes. */
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
      const out = Buffer.alloc(earlySize)
      out[0] = 1
      out.writeBigUInt64LE(xxh.h64Raw(content), 1)
      if (early === 'both') out.set(hash('sha256', content, 'buffer'), 9)
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
