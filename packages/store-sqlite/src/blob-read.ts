import { createHash } from 'node:crypto'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { BuildError, letGo, type Blobs, type Digest } from '@kiln/core'
import { tombOf } from './blob-names.ts'
import { isMissing, storeFailure } from './failures.ts'

type OpenOptions = NonNullable<Parameters<Blobs['open']>[2]>

/** bytes read at once */
const readSize = 256 * 1024

/** The bytes, hashed on the way; a damaged blob ends in `blob_mismatch` instead of its end. */
export async function* readBlob(
  fileOf: () => string,
  digest: Digest,
  { signal, lend }: OpenOptions,
): AsyncGenerator<Uint8Array, void, void> {
  signal?.throwIfAborted()
  const file = fileOf()
  const handle = await opened(file, digest)
  let memory: Buffer | undefined
  try {
    const hash = createHash('sha256')
    for (;;) {
      if (memory === undefined || lend !== true) memory = Buffer.allocUnsafeSlow(readSize)
      const chunk = await nextChunk(handle, file, memory)
      signal?.throwIfAborted()
      if (chunk.length === 0) break
      hash.update(chunk)
      yield chunk
    }
    const actual: Digest = `sha256:${hash.digest('hex')}`
    if (actual !== digest) throw mismatch(digest, actual)
  } finally {
    if (memory && lend === true) letGo(memory.buffer)
    await handle.close()
  }
}

async function nextChunk(handle: FileHandle, file: string, memory: Buffer): Promise<Uint8Array> {
  try {
    const { bytesRead } = await handle.read(memory, 0, memory.length, null)
    return memory.subarray(0, bytesRead)
  } catch (error) {
    throw storeFailure(error, file)
  }
}

async function opened(file: string, digest: Digest): Promise<FileHandle> {
  try {
    const handle = await wherever(file, (path) => open(path, 'r'))
    if (handle !== undefined) return handle
  } catch (error) {
    throw storeFailure(error, file)
  }
  throw new BuildError('blob_missing', `There is no blob ${digest}.`)
}

export async function sizeOf(file: string): Promise<number | undefined> {
  return (await wherever(file, (path) => stat(path)))?.size
}

/** A prune that thinks better of it has the blob under another name for a moment. */
async function wherever<T>(file: string, attempt: (path: string) => Promise<T>): Promise<T | undefined> {
  for (const path of [file, tombOf(file), file]) {
    try {
      return await attempt(path)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
  return undefined
}

export function mismatch(expected: Digest, actual: Digest): BuildError {
  return new BuildError('blob_mismatch', `The bytes have the digest ${actual}, not ${expected}.`, { data: { expected, actual } })
}
