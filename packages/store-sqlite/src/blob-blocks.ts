import type { FileHandle } from 'node:fs/promises'
import { flushAlong } from './blob-flush.ts'

/** bytes of a write: each has its price, and bodies come in pieces of 64 KiB */
const blockSize = 2 ** 18

/** Writes a file front to back. Small chunks are copied and share a write, which is under way while the next ones come. */
export interface Blocks {
  /** The chunk is the caller's again once this is done. Throws what an earlier write has failed with, too. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Waits until all is written. */
  end(): Promise<void>
}

export function blocksOf(file: Pick<FileHandle, 'write' | 'datasync'>, durable: boolean): Blocks {
  const flush = flushAlong(file, durable)
  const free: Buffer[] = []
  let [block, used] = [undefined as Buffer | undefined, 0]
  let underWay: Promise<void> = Promise.resolve()

  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
    await flush.wrote(bytes.length)
  }
  /** Waits for the one before, and goes on beside this one. */
  const turn = async (): Promise<void> => {
    await underWay
    if (block === undefined) return
    const full = block
    underWay = put(full.subarray(0, used)).then(() => void free.push(full))
    // whoever comes next is told
    underWay.catch(() => {})
    ;[block, used] = [undefined, 0]
  }
  const gather = (chunk: Uint8Array): void => {
    block ??= free.pop() ?? Buffer.allocUnsafeSlow(blockSize)
    block.set(chunk, used)
    used += chunk.length
  }
  const large = async (chunk: Uint8Array): Promise<void> => {
    await turn()
    await underWay
    await put(chunk)
  }
  return {
    write(chunk) {
      if (chunk.length > blockSize) return large(chunk)
      if (used + chunk.length > blockSize) return turn().then(() => gather(chunk))
      gather(chunk)
      return undefined
    },
    async end() {
      await turn()
      await underWay
      await flush.end()
    },
  }
}
