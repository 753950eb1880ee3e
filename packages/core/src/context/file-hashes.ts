import { createHash, hash } from 'node:crypto'
import type { XXHashAPI } from 'xxhash-wasm'
import { claim, type Claims } from '../threads/claims.ts'
import { type Columns, kind, shared } from '../source/columns.ts'
import { readBufferSize } from '../source/early-hash.ts'
import { type Contents, eachPiece, openContents, type Reach } from './contents.ts'

/** One xxh64 and one sha256 per entry, shared by the threads that fill them. */
export interface Hashes {
  readonly xxh64: BigUint64Array<SharedArrayBuffer>
  /** 32 bytes each; zeros where only xxh64 was asked for */
  readonly sha256: Uint8Array<SharedArrayBuffer>
}

/** A piece of work that several threads share: each takes the next block until none is left. */
export interface HashWork {
  readonly columns: Columns
  readonly reach: Reach
  readonly hashes: Hashes
  /** indices of the files to read, the largest first */
  readonly todo: Uint32Array<SharedArrayBuffer>
  /** positions in `todo` */
  readonly claims: Claims
  readonly sha256: boolean
  /** 1 for a file whose sha256 in `hashes` holds if its xxh64 is still the one there; becomes 0 where it is not */
  readonly held?: Uint8Array<SharedArrayBuffer>
  readonly tuning: Tuning
}

/** Chosen by benchmarks/hash.ts; see docs/decisions/hashing.md. */
export interface Tuning {
  /** bytes of the one buffer a thread reads into */
  readonly buffer: number
  /** files a thread takes at a time */
  readonly block: number
  /** whether another thread may take part */
  readonly help: boolean
}
export const tuning: Tuning = { help: true, buffer: readBufferSize, block: 32 }

export function newHashes(count: number): Hashes {
  return { xxh64: new BigUint64Array(shared(8 * count)), sha256: new Uint8Array(shared(32 * count)) }
}

/** Every regular file, the large ones first so that no thread ends with one alone. */
export function workOrder(files: readonly number[], sizes: Float64Array): Uint32Array<SharedArrayBuffer> {
  const large = files.filter((i) => sizes[i]! >= 2 ** 20).toSorted((a, b) => sizes[b]! - sizes[a]!)
  const todo = new Uint32Array(shared(4 * files.length))
  todo.set(large)
  let at = large.length
  for (const i of files) if (sizes[i]! < 2 ** 20) todo[at++] = i
  return todo
}

export function regularFiles({ kinds }: Columns): number[] {
  const files: number[] = []
  for (let i = 0; i < kinds.length; i++) if (kinds[i]! <= kind.executable) files.push(i)
  return files
}

/** Hashes files of `work` until none is left, synchronously; yields after each block, where a caller may rest or stop. */
export function* hashFiles(work: HashWork, paths: readonly string[], xxh: XXHashAPI): Generator<void, void> {
  using contents = openContents(work.reach, work.columns, paths)
  const one = fileHasher(work, xxh, readBuffer(work.tuning.buffer), contents)
  for (let block = claim(work.claims, work.tuning.block, work.todo.length); block; block = nextBlock(work)) {
    for (let at = block.from; at < block.to; at++) one(work.todo[at]!, paths[work.todo[at]!]!)
    yield
  }
}

function nextBlock(work: HashWork): ReturnType<typeof claim> {
  return claim(work.claims, work.tuning.block, work.todo.length)
}

function fileHasher(work: HashWork, xxh: XXHashAPI, buffer: Uint8Array, contents: Contents): (i: number, path: string) => void {
  const { sizes } = work.columns
  const pass: Pass = (i, path, take) => {
    contents.open(i)
    try {
      eachPiece(contents, sizes[i]!, path, buffer, take)
    } finally {
      contents.close()
    }
  }
  const small = smallHasher(work, xxh, pass)
  const large = largeHasher(work, xxh, pass)
  return (i, path) => (sizes[i]! <= buffer.length ? small(i, path) : large(i, path))
}

type Pass = (i: number, path: string, take: (piece: Uint8Array) => void) => void

function smallHasher({ hashes, held, sha256 }: HashWork, xxh: XXHashAPI, pass: Pass): (i: number, path: string) => void {
  return (i, path) =>
    pass(i, path, (whole) => {
      const fast = xxh.h64Raw(whole)
      const holds = held?.[i] === 1 && hashes.xxh64[i] === fast
      if (sha256 && !holds) hashes.sha256.set(hash('sha256', whole, 'buffer'), 32 * i)
      if (held && !holds) held[i] = 0
      hashes.xxh64[i] = fast
    })
}

/** A large file is read twice only where its xxh64 might have saved the sha256 and did not. */
function largeHasher({ hashes, held, sha256 }: HashWork, xxh: XXHashAPI, pass: Pass): (i: number, path: string) => void {
  return (i, path) => {
    const fast = xxh.create64()
    const trusted = createHash('sha256')
    const mayHold = held?.[i] === 1
    pass(i, path, (piece) => {
      fast.update(piece)
      if (sha256 && !mayHold) trusted.update(piece)
    })
    const found = fast.digest()
    const holds = mayHold && found === hashes.xxh64[i]
    if (mayHold && !holds) pass(i, path, (piece) => void trusted.update(piece))
    if (held && !holds) held[i] = 0
    if (sha256 && !holds) hashes.sha256.set(trusted.digest(), 32 * i)
    hashes.xxh64[i] = found
  }
}

let reused = new Uint8Array(0)
function readBuffer(size: number): Uint8Array {
  if (reused.length !== size) reused = Buffer.allocUnsafeSlow(size)
  return reused
}
