import { constants } from 'node:fs'
import { mkdir, open, rename, stat, unlink, utimes, type FileHandle } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { BuildError, type Blobs, type Bytes, type Digest } from '@kiln/core'
import { pruneBlobs } from './blob-prune.ts'
import { hexOf, tenantPart, tombOf } from './blob-names.ts'
import { isMissing, storeFailure } from './failures.ts'
import { ownMark } from './process-mark.ts'

export interface DirectoryBlobsOptions {
  /** on a local disk; made when it is missing */
  readonly directory: string
}

/** bytes read at once */
const readSize = 256 * 1024
/** what is compared with the blob that is there, instead of being written again */
const comparedUpTo = 2 ** 20

/** Blobs as files: `<directory>/<tenant>/<sha256>`; any number of processes may share the directory. */
export async function directoryBlobs({ directory }: DirectoryBlobsOptions): Promise<Blobs> {
  await withStoreFailures(directory, () => mkdir(temporaryIn(directory), { recursive: true, mode: 0o700 }))
  const fileOf = (tenant: string, digest: Digest): string => join(directory, tenantPart(tenant), hexOf(digest))
  return {
    put: async (tenant, bytes, options) =>
      await withStoreFailures(directory, async () => {
        const known = bytes instanceof Uint8Array ? await touchEqual(fileOf, tenant, bytes, options) : undefined
        return known ?? (await write(directory, tenant, bytes, options))
      }),
    open: (tenant, digest, { signal } = {}) => read(fileOf(tenant, digest), digest, signal),
    size: async (tenant, digest) => await withStoreFailures(directory, () => sizeOf(fileOf(tenant, digest))),
    prune: async (held, options) => await withStoreFailures(directory, () => pruneBlobs(directory, held, options)),
  }
}

type PutOptions = Parameters<Blobs['put']>[2]

/** Temporary file, fsync, rename, fsync of the directory: the name is there only with all the bytes. */
async function write(directory: string, tenant: string, bytes: Bytes | Uint8Array, options: PutOptions): Promise<Digest> {
  const temporary = temporaryFile(directory)
  let handle: FileHandle | undefined
  try {
    handle = await open(temporary, 'wx', 0o600)
    const digest = await fill(handle, bytes, options)
    await handle.sync()
    await handle.close()
    handle = undefined
    options.signal?.throwIfAborted()
    await move(directory, tenant, temporary, digest)
    return digest
  } catch (error) {
    await handle?.close().catch(() => {})
    await unlink(temporary).catch(() => {})
    throw error
  }
}

async function fill(handle: FileHandle, bytes: Bytes | Uint8Array, { signal, max, expect }: PutOptions): Promise<Digest> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
    signal?.throwIfAborted()
    size += chunk.length
    if (size > max) throw tooLarge(max)
    hash.update(chunk)
    await writeAll(handle, chunk)
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`
  if (expect !== undefined && expect !== digest) throw mismatch(expect, digest)
  return digest
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten
}

async function move(directory: string, tenant: string, temporary: string, digest: Digest): Promise<void> {
  const folder = join(directory, tenantPart(tenant))
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await syncDirectory(directory)
  await rename(temporary, join(folder, hexOf(digest)))
  await syncDirectory(folder)
}

/** The same small bytes again: found, made young, and nothing written. */
async function touchEqual(
  fileOf: (tenant: string, digest: Digest) => string,
  tenant: string,
  bytes: Uint8Array,
  { signal, max, expect }: PutOptions,
): Promise<Digest | undefined> {
  signal?.throwIfAborted()
  if (bytes.length > max) throw tooLarge(max)
  if (bytes.length > comparedUpTo) return undefined
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (expect !== undefined && expect !== digest) throw mismatch(expect, digest)
  return (await touched(fileOf(tenant, digest), bytes)) ? digest : undefined
}

async function touched(file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const handle = await open(file, constants.O_RDONLY)
    try {
      if ((await handle.stat()).size !== bytes.length || !(await handle.readFile()).equals(bytes)) return false
      const now = new Date()
      await utimes(file, now, now)
    } finally {
      await handle.close()
    }
    // made durable by whoever wrote it, unless that one is between rename and fsync
    await syncDirectory(join(file, '..'))
    // a prune that decided before the touch gives it back or has taken it away
    return (await sizeOf(file)) === bytes.length
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function* read(file: string, digest: Digest, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
  signal?.throwIfAborted()
  const handle = await openForReading(file, digest)
  try {
    const hash = createHash('sha256')
    for (;;) {
      const { bytesRead, buffer } = await withStoreFailures(file, () => handle.read(Buffer.allocUnsafe(readSize), 0, readSize, null))
      signal?.throwIfAborted()
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      hash.update(chunk)
      yield chunk
    }
    const actual: Digest = `sha256:${hash.digest('hex')}`
    if (actual !== digest) throw mismatch(digest, actual)
  } finally {
    await handle.close()
  }
}

async function openForReading(file: string, digest: Digest): Promise<FileHandle> {
  for (const path of [file, tombOf(file), file]) {
    try {
      return await open(path, 'r')
    } catch (error) {
      if (!isMissing(error)) throw storeFailure(error, file)
    }
  }
  throw new BuildError('blob_missing', `There is no blob ${digest}.`)
}

async function sizeOf(file: string): Promise<number | undefined> {
  for (const path of [file, tombOf(file), file]) {
    const found = await stat(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (found !== undefined) return found.size
  }
  return undefined
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function temporaryIn(directory: string): string {
  return join(directory, '.temporary')
}

let written = 0

function temporaryFile(directory: string): string {
  written += 1
  return join(temporaryIn(directory), `${ownMark}.${Date.now().toString(36)}.${written}`)
}

async function withStoreFailures<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeFailure(error, path)
  }
}

function tooLarge(max: number): BuildError {
  return new BuildError('blob_too_large', `There are more than the ${max} bytes allowed.`, { data: { max } })
}

function mismatch(expected: Digest, actual: Digest): BuildError {
  return new BuildError('blob_mismatch', `The bytes have the digest ${actual}, not ${expected}.`, { data: { expected, actual } })
}
