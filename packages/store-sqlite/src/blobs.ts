import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blobs, Bytes } from '@kiln/core'
import { fileOf, temporaryIn, type Place } from './blob-names.ts'
import { pruneBlobs } from './blob-prune.ts'
import { readBlob, sizeOf } from './blob-read.ts'
import { keepBlob } from './blob-write.ts'
import { storeFailure } from './failures.ts'

export interface DirectoryBlobsOptions {
  /** on a local disk; made when it is missing */
  readonly directory: string
  /** ms since the epoch, for the age of blobs; default the system's clock */
  readonly now?: () => number
}

/**
 * Blobs as files: `<directory>/<tenant>/<sha256>`; any number of processes may share the directory. What `put` has answered
 * survives a power cut. Throws `blob_missing`, `blob_mismatch`, `blob_too_large`, `disk_full`, `store_unavailable`.
 */
export async function directoryBlobs({ directory, now = Date.now }: DirectoryBlobsOptions): Promise<Blobs> {
  const place: Place = { directory, now, synced: new Set() }
  const withFailures = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw storeFailure(error, directory)
    }
  }
  await withFailures(() => mkdir(join(directory, temporaryIn), { recursive: true, mode: 0o700 }))
  return {
    async put(tenant, bytes, options) {
      const { signal } = options
      const given = watched(bytes)
      try {
        return await keepBlob(place, tenant, given.bytes, options)
      } catch (error) {
        const callers = error === given.failure() || (signal?.aborted === true && error === signal.reason)
        throw callers ? error : storeFailure(error, directory)
      }
    },
    open: (tenant, digest, options = {}) => readBlob(() => fileOf(place, tenant, digest), digest, options),
    size: (tenant, digest) => withFailures(async () => await sizeOf(fileOf(place, tenant, digest))),
    remove: (tenant, digest) => withFailures(() => rm(fileOf(place, tenant, digest), { force: true })),
    prune: (held, options) => withFailures(() => pruneBlobs(place, held, options)),
  }
}

/** What a caller's bytes end with is no failure of the store, though it may look like one. */
function watched(bytes: Bytes | Uint8Array): { readonly bytes: Bytes | Uint8Array; failure(): unknown } {
  // nothing is equal to it
  let failure: unknown = Symbol('none')
  const pass = async function* (from: Bytes): Bytes {
    try {
      yield* from
    } catch (error) {
      failure = error
      throw error
    }
  }
  return { bytes: bytes instanceof Uint8Array ? bytes : pass(bytes), failure: () => failure }
}
