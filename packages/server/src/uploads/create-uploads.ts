import { archive, classOf, digestApart, isBuildError, type Bytes, type Digest, type DigestApart, type Kiln } from '@kiln/core'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'
import { readForm } from './form.ts'
import { pull } from '../input/pull.ts'
import type { Kept, Uploads } from './uploads.ts'

type UploadLimits = Pick<ServerLimits, 'fields' | 'field' | 'bodyRate' | 'bodyRateMs'>

export function createUploads(limits: UploadLimits): Uploads {
  return {
    async keep(kiln, bytes, options) {
      const body = pull(bytes, limits, options.signal)
      try {
        return await stored(kiln, body.all(), options)
      } finally {
        body.close()
      }
    },
    async open(kiln, digest, { max, signal }) {
      try {
        return await archive(kiln.uploads.open(digest, { signal, lend: true }), { signal, limits: { packed: max } })
      } catch (error) {
        if (isBuildError(error) && classOf(error.code) === 'source') await kiln.uploads.remove(digest)
        throw error
      }
    },
    form: (kiln, request, options) => readForm(request, limits, options, (bytes) => stored(kiln, bytes, options)),
  }
}

interface Storing {
  readonly max: number
  readonly md5?: boolean
  readonly expect?: Digest
  readonly signal: AbortSignal
}

/** Into the tenant's uploads: there is nothing there unless `bytes` came to their end. */
async function stored(kiln: Kiln, bytes: Bytes, { max, md5, expect, signal }: Storing): Promise<Kept> {
  using hash = md5 ? digestApart('md5') : undefined
  const seen = watched(bytes, max, hash)
  let digest: Digest
  try {
    digest = await kiln.uploads.put(seen.bytes, { max, durable: false, ...(expect && { expect }), signal })
  } catch (error) {
    throw seen.failure() ?? (isBuildError(error) && error.code === 'blob_too_large' ? tooLarge(max) : error)
  }
  return { digest, bytes: seen.size(), ...(hash && { md5: await hash.hex() }) }
}

interface Watched {
  readonly bytes: Bytes
  size(): number
  /** what the bytes themselves ended with, whatever the store made of it */
  failure(): unknown
}

function watched(bytes: Bytes, max: number, hash: DigestApart | undefined): Watched {
  let size = 0
  let failure: unknown
  const pass = async function* (): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of bytes) {
        size += chunk.length
        if (size > max) throw tooLarge(max)
        const hashing = hash?.update(chunk)
        if (hashing) await hashing
        yield chunk
      }
    } catch (error) {
      failure = error
      throw error
    }
  }
  return { bytes: pass(), size: () => size, failure: () => failure }
}

function tooLarge(max: number): Refused {
  return new Refused('payload_too_large', `The upload has more than ${max} bytes.`)
}
