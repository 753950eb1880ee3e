import type { Dirent } from 'node:fs'
import { link, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blobs, Digest } from '@kiln/core'
import { temporaryIn, tenantPart, tombOf, type Place } from './blob-names.ts'
import { isMissing } from './failures.ts'
import { isAlive } from './process-mark.ts'

/** Temporary files of dead writers go after this; those of writers that seem to live, after a day: ids mean nothing across containers. */
const deadMs = 10 * 60_000
const staleMs = 24 * 3_600_000

type Held = Parameters<Blobs['prune']>[0]
type Options = Parameters<Blobs['prune']>[1]

export async function pruneBlobs(
  place: Place,
  held: Held,
  options: Options,
): Promise<{ readonly removed: number; readonly bytes: number }> {
  const { directory } = place
  const total = { removed: 0, bytes: 0 }
  const before = place.now() - options.olderThanMs
  const heldIn = new Map([...held].map(([tenant, digests]) => [tenantPart(tenant), digests]))
  for (const { name } of (await readdir(directory, { withFileTypes: true })).filter(isTenants)) {
    for await (const size of removedFrom(join(directory, name), heldIn.get(name), before, options.signal)) {
      total.removed += 1
      total.bytes += size
    }
  }
  await pruneTemporary(join(directory, temporaryIn), options.signal)
  return total
}

function isTenants(entry: Dirent): boolean {
  return entry.isDirectory() && entry.name !== temporaryIn
}

async function* removedFrom(
  folder: string,
  held: ReadonlySet<Digest> | undefined,
  before: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  for (const name of await readdir(folder)) {
    signal?.throwIfAborted()
    const hex = name.slice(0, 64)
    if (held?.has(`sha256:${hex}`) === true) {
      if (name !== hex) await giveBack(join(folder, hex))
      continue
    }
    const size = await removeOld(join(folder, hex), join(folder, name), before)
    if (size !== undefined) yield size
  }
}

/** Two steps, so that a blob that is put again at this moment stays: moved aside, then looked at once more. */
async function removeOld(file: string, found: string, before: number): Promise<number | undefined> {
  const tomb = tombOf(file)
  try {
    if ((await stat(found)).mtimeMs > before) {
      if (found === tomb) await giveBack(file)
      return undefined
    }
    if (found !== tomb) await rename(file, tomb)
    const { mtimeMs, size } = await stat(tomb)
    if (mtimeMs > before) {
      await giveBack(file)
      return undefined
    }
    await unlink(tomb)
    return size
  } catch (error) {
    // another prune was faster
    if (isMissing(error)) return undefined
    throw error
  }
}

async function giveBack(file: string): Promise<void> {
  const tomb = tombOf(file)
  // a link does not overwrite what was written meanwhile
  await link(tomb, file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !isMissing(error)) throw error
  })
  await unlink(tomb).catch(() => {})
}

async function pruneTemporary(folder: string, signal: AbortSignal | undefined): Promise<void> {
  for (const name of await readdir(folder)) {
    signal?.throwIfAborted()
    const mark = name.slice(0, name.indexOf('.'))
    const path = join(folder, name)
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs
    if (age > staleMs || (age > deadMs && !isAlive(mark))) await unlink(path).catch(() => {})
  }
}
