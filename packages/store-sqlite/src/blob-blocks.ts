import type { FileHandle } from 'node:fs/promises'
import { blockDigest, Blocks, letGo, type Block } from '@kiln/core'
import { flushAlong } from './blob-flush.ts'

/** bytes of a write: each has its price, and bodies come in pieces of 64 KiB */
const blockSize = 2 ** 18

/** Writes a file front to back, and hashes it: chunks share a write, which is under way while the next ones come. */
export interface BlockWriter extends Disposable {
  /** The chunk is copied. Wait for what this answers before the next one; it throws what an earlier write has failed with. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Waits until all is written: its sha256 in hex. */
  end(): Promise<string>
}

export function writeBlocks(file: Pick<FileHandle, 'write' | 'datasync'>, durable: boolean): BlockWriter {
  const flush = flushAlong(file, durable)
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
    await flush.wrote(bytes.length)
  }
  const digest = blockDigest('sha256')
  let hashed: Promise<Block | undefined> = Promise.resolve(undefined)
  // one is hashed while the next is written
  const blocks = new Blocks(blockSize, async (block) => {
    await put(block)
    const back = await hashed
    hashed = digest.update(block)
    // whoever comes next is told
    hashed.catch(() => {})
    return back
  })
  return {
    write: (chunk) => blocks.add(chunk),
    async end() {
      await blocks.settled()
      await put(blocks.rest)
      await flush.end()
      const last = await hashed
      if (last) letGo(last.buffer)
      return await digest.hex(blocks.rest)
    },
    [Symbol.dispose]() {
      blocks[Symbol.dispose]()
      digest[Symbol.dispose]()
    },
  }
}
