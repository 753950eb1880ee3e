import type { FileHandle } from 'node:fs/promises'
import { Blocks } from '@kiln/core'
import { flushAlong } from './blob-flush.ts'

/** bytes of a write: each has its price, and bodies come in pieces of 64 KiB */
const blockSize = 2 ** 18

/** Writes a file front to back: chunks share a write, which is under way while the next ones come. */
export interface BlockWriter extends Disposable {
  /** The chunk is copied. Wait for what this answers before the next one; it throws what an earlier write has failed with. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Waits until all is written. */
  end(): Promise<void>
}

export function writeBlocks(file: Pick<FileHandle, 'write' | 'datasync'>, durable: boolean): BlockWriter {
  const flush = flushAlong(file, durable)
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
    await flush.wrote(bytes.length)
  }
  const blocks = new Blocks(blockSize, async (block) => {
    await put(block)
    return block
  })
  return {
    write: (chunk) => blocks.add(chunk),
    async end() {
      await blocks.settled()
      await put(blocks.rest)
      await flush.end()
    },
    [Symbol.dispose]: () => blocks[Symbol.dispose](),
  }
}
