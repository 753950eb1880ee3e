import { createHash } from 'node:crypto'
import type { Bytes, Digest } from '../driver/driver.ts'
import { BuildError } from '../failure/error.ts'
import type { Blobs } from './blobs.ts'

interface Blob {
  readonly bytes: Uint8Array
  readonly at: number
}

export interface MemoryBlobsOptions {
  /** ms since the epoch; default the system's clock */
  readonly now?: () => number
}

/** The reference of what blobs do, and some for tests and short-lived processes. */
export function memoryBlobs(options: MemoryBlobsOptions = {}): Blobs {
  const now = options.now ?? Date.now
  const tenants = new Map<string, Map<Digest, Blob>>()
  const find = (tenant: string, digest: Digest): Blob | undefined => tenants.get(tenant)?.get(digest)
  return {
    put: async (tenant, given, { signal, max, expect }) => {
      const bytes = await collect(given, max, signal)
      const digest = digestOf(bytes)
      if (expect !== undefined && expect !== digest) throw mismatch(expect, digest)
      const blobs = tenants.get(tenant) ?? new Map<Digest, Blob>()
      tenants.set(tenant, blobs.set(digest, { bytes, at: now() }))
      return digest
    },
    open: (tenant, digest, { signal } = {}) => read(() => find(tenant, digest), digest, signal),
    size: async (tenant, digest) => find(tenant, digest)?.bytes.length,
    remove: async (tenant, digest) => void tenants.get(tenant)?.delete(digest),
    prune: async (held, { olderThanMs, signal }) => {
      signal?.throwIfAborted()
      let [removed, bytes] = [0, 0]
      for (const [tenant, blobs] of tenants) {
        for (const [digest, blob] of blobs) {
          if (held.get(tenant)?.has(digest) === true || blob.at > now() - olderThanMs) continue
          blobs.delete(digest)
          removed += 1
          bytes += blob.bytes.length
        }
      }
      return { removed, bytes }
    },
  }
}

async function collect(given: Bytes | Uint8Array, max: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of given instanceof Uint8Array ? [given] : given) {
    signal?.throwIfAborted()
    size += chunk.length
    if (size > max) throw new BuildError('blob_too_large', `There are more than the ${max} bytes allowed.`, { data: { max } })
    chunks.push(Uint8Array.from(chunk))
  }
  signal?.throwIfAborted()
  return Buffer.concat(chunks)
}

async function* read(find: () => Blob | undefined, digest: Digest, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted()
  const blob = find()
  if (blob === undefined) throw new BuildError('blob_missing', `There is no blob ${digest}.`)
  const actual = digestOf(blob.bytes)
  if (actual !== digest) throw mismatch(digest, actual)
  yield Uint8Array.from(blob.bytes)
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function mismatch(expected: Digest, actual: Digest): BuildError {
  return new BuildError('blob_mismatch', `The bytes have the digest ${actual}, not ${expected}.`, { data: { expected, actual } })
}
