import { createHash } from 'node:crypto'
import { mkdir, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BuildError, type Blobs, type Bytes, type Digest } from '@kiln/core'
import { fileOf, folderOf, temporaryIn, type Place } from './blob-names.ts'
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
  const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (options.expect !== undefined && options.expect !== digest) throw mismatch(options.expect, digest)
  const there = bytes.length <= comparedUpTo && (await touchEqual(place, fileOf(place, tenant, digest), bytes))
  return there ? digest : await writeBlob(place, tenant, [bytes], options)
}

/** Temporary file, fsync, rename, fsync of the directory: the name is there only with all the bytes. */
async function writeBlob(place: Place, tenant: string, bytes: Bytes | readonly Uint8Array[], options: PutOptions): Promise<Digest> {
  const temporary = temporaryFile(place)
  let handle: FileHandle | undefined
  try {
    handle = await open(temporary, 'wx', 0o600)
    const digest = await fill(handle, bytes, options)
    await handle.utimes(place.now() / 1000, place.now() / 1000)
    await handle.sync()
    await handle.close()
    handle = undefined
    options.signal?.throwIfAborted()
    await moveTo(place, tenant, temporary, digest)
    return digest
  } catch (error) {
    await handle?.close().catch(() => {})
    await unlink(temporary).catch(() => {})
    throw error
  }
}

async function fill(handle: FileHandle, bytes: Bytes | readonly Uint8Array[], { signal, max, expect }: PutOptions): Promise<Digest> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of bytes) {
    signal?.throwIfAborted()
    size += chunk.length
    if (size > max) throw tooLarge(max)
    hash.update(chunk)
    for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`
  if (expect !== undefined && expect !== digest) throw mismatch(expect, digest)
  return digest
}

async function moveTo(place: Place, tenant: string, temporary: string, digest: Digest): Promise<void> {
  const folder = folderOf(place, tenant)
  if (!place.synced.has(folder)) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await syncDirectory(place.directory)
    place.synced.add(folder)
  }
  await rename(temporary, fileOf(place, tenant, digest))
  await syncDirectory(folder)
}

/** The same small bytes again: made young, and nothing written. */
async function touchEqual(place: Place, file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    if (!(await touch(place, file, bytes))) return false
    // whoever wrote it may not have come to this
    await syncDirectory(dirname(file))
    // under its own name after the touch: a prune that decided before it will see it
    return (await stat(file)).size === bytes.length
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

async function touch(place: Place, file: string, bytes: Uint8Array): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    if ((await handle.stat()).size !== bytes.length || !(await handle.readFile()).equals(bytes)) return false
    await handle.utimes(place.now() / 1000, place.now() / 1000)
    return true
  } finally {
    await handle.close()
  }
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
