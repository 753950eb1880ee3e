import { createHash } from 'node:crypto'
import { mkdir, open, rename, stat, unlink, utimes, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BuildError, type Blobs, type Bytes, type Digest } from '@kiln/core'
import { fileOf, folderOf, temporaryIn, type Place } from './blob-names.ts'
import { writeBlocks } from './blob-blocks.ts'
import { mismatch } from './blob-read.ts'
import { isMissing } from './failures.ts'
import { ownMark } from './process-mark.ts'

type PutOptions = Parameters<Blobs['put']>[2]

/** what is compared with the blob that is there, instead of being written again */
const comparedUpTo = 2 ** 20

export async function keepBlob(place: Place, tenant: string, bytes: Bytes | Uint8Array, options: PutOptions): Promise<Digest> {
  options.signal?.throwIfAborted()
  if (!(bytes instanceof Uint8Array)) return await writeBlob(place, tenant, bytes, options)
  if (bytes.length > options.max) throw tooLarge(options.max)
  // much at once would hold up everybody
  if (bytes.length > comparedUpTo) return await writeBlob(place, tenant, slices(bytes), options)
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (options.expect !== undefined && options.expect !== digest) throw mismatch(options.expect, digest)
  const there = await touchEqual(place, fileOf(place, tenant, digest), bytes, options.durable ?? true)
  return there ? digest : await writeBlob(place, tenant, [bytes], options)
}

/** Temporary file, fsync, rename, fsync of the directory: the name is there only with all the bytes. Not `durable`: without the fsyncs. */
async function writeBlob(place: Place, tenant: string, bytes: Bytes | readonly Uint8Array[], options: PutOptions): Promise<Digest> {
  const { durable = true } = options
  const temporary = temporaryFile(place)
  let handle: FileHandle | undefined
  try {
    handle = await open(temporary, 'wx', 0o600)
    const digest = await fill(handle, bytes, options)
    await handle.utimes(place.now() / 1000, place.now() / 1000)
    if (durable) await handle.sync()
    await handle.close()
    handle = undefined
    options.signal?.throwIfAborted()
    await moveTo(place, tenant, temporary, digest, durable)
    return digest
  } catch (error) {
    await handle?.close().catch(() => {})
    await unlink(temporary).catch(() => {})
    throw error
  }
}

async function fill(handle: FileHandle, bytes: Bytes | readonly Uint8Array[], options: PutOptions): Promise<Digest> {
  const { signal, max, expect, durable = true } = options
  const hash = createHash('sha256')
  using blocks = writeBlocks(handle, durable)
  let size = 0
  for await (const chunk of bytes) {
    signal?.throwIfAborted()
    size += chunk.length
    if (size > max) throw tooLarge(max)
    hash.update(chunk)
    const writing = blocks.write(chunk)
    if (writing !== undefined) await writing
  }
  await blocks.end()
  const digest: Digest = `sha256:${hash.digest('hex')}`
  if (expect !== undefined && expect !== digest) throw mismatch(expect, digest)
  return digest
}

async function moveTo(place: Place, tenant: string, temporary: string, digest: Digest, durable: boolean): Promise<void> {
  const folder = folderOf(place, tenant)
  if (!place.synced.has(folder)) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (durable) await syncDirectory(place.directory)
    if (durable) place.synced.add(folder)
  }
  const file = fileOf(place, tenant, digest)
  if (!durable && (await leaveThere(place, file))) return await unlink(temporary)
  await rename(temporary, file)
  if (durable) await syncDirectory(folder)
}

/** Bytes that may be durable already are not replaced by some that are not; they are made young. */
async function leaveThere(place: Place, file: string): Promise<boolean> {
  try {
    await utimes(file, place.now() / 1000, place.now() / 1000)
    // under its own name after the touch: a prune that decided before it will see it
    await stat(file)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** The same small bytes again: made young, and nothing written. */
async function touchEqual(place: Place, file: string, bytes: Uint8Array, durable: boolean): Promise<boolean> {
  try {
    if (!(await touch(place, file, bytes, durable))) return false
    // whoever wrote it may not have come to this
    if (durable) await syncDirectory(dirname(file))
    // under its own name after the touch: a prune that decided before it will see it
    return (await stat(file)).size === bytes.length
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function touch(place: Place, file: string, bytes: Uint8Array, durable: boolean): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    if ((await handle.stat()).size !== bytes.length || !(await handle.readFile()).equals(bytes)) return false
    await handle.utimes(place.now() / 1000, place.now() / 1000)
    if (durable) await handle.datasync()
    return true
  } finally {
    await handle.close()
  }
}

function slices(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / comparedUpTo) }, (_, i) => bytes.subarray(i * comparedUpTo, (i + 1) * comparedUpTo))
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

let written = 0

function temporaryFile(place: Place): string {
  written += 1
  return join(place.directory, temporaryIn, `${ownMark}.${Date.now().toString(36)}.${written}`)
}

function tooLarge(max: number): BuildError {
  return new BuildError('blob_too_large', `There are more than the ${max} bytes allowed.`, { data: { max } })
}
