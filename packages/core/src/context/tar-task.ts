import { decodePaths } from '../source/columns.ts'
import { type PackInput, TarWriter } from './tar-writer.ts'

// The tars that this thread is writing, each for somebody who asks for its chunks one by one.
const open = new Map<number, TarWriter>()
let opened = 0

/** Begins a tar; the answer names it. */
export function openTar(input: PackInput): number {
  open.set(++opened, new TarWriter(input, decodePaths(input.columns)))
  return opened
}

interface Pull {
  readonly tar: number
  /** bytes */
  readonly size: number
  /** memory of that size to be used again */
  readonly back?: ArrayBuffer
}

/** The next chunk; shorter than asked, or empty, at the end. */
export function pullTar({ tar, size, back }: Pull): { readonly chunk: Uint8Array<ArrayBuffer> } {
  const chunk = back ? new Uint8Array(back) : newChunk(size)
  return { chunk: chunk.subarray(0, open.get(tar)?.fill(chunk) ?? 0) }
}

/** Lets go of a tar, finished or not. */
export function closeTar(tar: number): void {
  open.get(tar)?.[Symbol.dispose]()
  open.delete(tar)
}

/** Not cleared: every byte of it is written before it is read. */
export function newChunk(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)
}
