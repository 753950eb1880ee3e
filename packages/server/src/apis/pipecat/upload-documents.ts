import type { Digest, Kiln } from '@kiln/core'
import type { Parts } from '../../parts.ts'
import { Refused } from '../../refusal.ts'

/** An upload that was asked for: `issued`, then `stored` once its bytes are there. */
export type Upload = {
  readonly region: string
  /** ms since the epoch: until then it can be stored, or, when stored, built */
  readonly expires: number
} & (
  | { readonly state: 'issued' }
  | { readonly state: 'stored'; readonly digest: Digest; readonly contextHash: string; readonly bytes: number }
)
export type StoredUpload = Extract<Upload, { state: 'stored' }>

/** What an upload was used for. */
export interface Used {
  readonly build: string
  readonly cached: boolean
  readonly region: string
  readonly dockerfilePath: string
}

/**
 * Uploads as documents: one of the kind `upload` while it is open, one of the kind `upload-used` afterwards, which is written first.
 * Every step is a compare-and-set, so that of several servers one wins.
 */
export interface UploadDocuments {
  /** Throws `too_many_uploads`. */
  issue(kiln: Kiln, tenant: string, region: string): Promise<{ readonly id: string; readonly expires: number }>
  /** Throws `upload_already_used`, `upload_expired`. */
  checkIssued(kiln: Kiln, id: string): Promise<void>
  /** issued -> stored. Throws as `checkIssued`: of several the first wins. */
  store(kiln: Kiln, id: string, kept: Omit<StoredUpload, 'state' | 'region' | 'expires'>): Promise<void>
  /** Where it is now. Throws `upload_not_found`, the same for every reason. */
  find(kiln: Kiln, id: string): Promise<StoredUpload | Used>
  /** stored -> used; the answer is what the first one used it for. */
  use(kiln: Kiln, id: string, used: Used): Promise<Used>
}

const open = 'upload'
const done = 'upload-used'
/** ms that a repeated request for a build finds the build of its upload */
const usedMs = 24 * 3600_000
/** documents that are removed on the way, each time */
const sweep = 100

export function createUploadDocuments({ limits, now }: Pick<Parts, 'limits' | 'now'>): UploadDocuments {
  const issuing = inTurn()
  const find = async (kiln: Kiln, id: string): Promise<{ readonly version: number; readonly upload: Upload } | undefined> => {
    const [found] = await kiln.documents.read(open, { name: id, limit: 1 })
    return found && { version: found.version, upload: found.value as unknown as Upload }
  }
  const issued: (kiln: Kiln, id: string) => ReturnType<typeof find> = async (kiln, id) => {
    const found = await find(kiln, id)
    if (found?.upload.state === 'issued') return found
    if (found || (await usedOf(kiln, id))) throw new Refused('upload_already_used', 'This upload URL was used before.')
    throw new Refused('upload_expired', 'This upload URL has expired.')
  }
  return {
    issue: (kiln, tenant, region) =>
      issuing(tenant, async () => {
        if ((await countOpen(kiln, limits.openUploads, now())) >= limits.openUploads)
          throw new Refused('too_many_uploads', `${limits.openUploads} uploads are open.`, { retryAfter: 60 })
        const [id, expires] = [newId(now()), now() + limits.uploadMs]
        await kiln.documents.write(open, id, { state: 'issued', region, expires }, 'new')
        return { id, expires }
      }),
    async checkIssued(kiln, id) {
      await issued(kiln, id)
    },
    async store(kiln, id, kept) {
      const { version, upload } = (await issued(kiln, id))!
      const stored = { ...kept, state: 'stored', region: upload.region, expires: now() + limits.uploadMs }
      if (await kiln.documents.write(open, id, stored, version)) return
      throw new Refused('upload_already_used', 'This upload URL was used before.')
    },
    async find(kiln, id) {
      const found = await find(kiln, id)
      // read after the other: what was used is there before it is gone here
      const used = await usedOf(kiln, id)
      if (used) return used
      if (found?.upload.state === 'stored' && found.upload.expires > now()) return found.upload
      throw uploadNotFound()
    },
    async use(kiln, id, used) {
      const first = await kiln.documents.write(done, id, { ...used, at: now() }, 'new')
      if (!first) return (await usedOf(kiln, id)) ?? used
      const found = await find(kiln, id)
      if (found) await kiln.documents.write(open, id, null, found.version)
      await removeUsed(kiln, now())
      return used
    },
  }
}

/** The same words for an upload that is unknown, another's, not stored yet, expired or gone. */
export function uploadNotFound(): Refused {
  return new Refused('upload_not_found', 'There is no upload with this id to build.')
}

async function usedOf(kiln: Kiln, id: string): Promise<Used | undefined> {
  const [found] = await kiln.documents.read(done, { name: id, limit: 1 })
  return found && (found.value as unknown as Used)
}

/** Counts what is open, and removes what no longer is: ids rise with the time, so that the oldest are read first. */
async function countOpen(kiln: Kiln, most: number, now: number): Promise<number> {
  const found = await kiln.documents.read(open, { limit: Math.min(most + sweep, 10_000) })
  const over = found.filter(({ value }) => (value as unknown as Upload).expires <= now)
  await Promise.all(over.slice(0, sweep).map(({ name, version }) => kiln.documents.write(open, name, null, version)))
  return found.length - over.length
}

async function removeUsed(kiln: Kiln, now: number): Promise<void> {
  const oldest = await kiln.documents.read(done, { limit: 10 })
  const over = oldest.filter(({ value }) => (value as unknown as { readonly at: number }).at < now - usedMs)
  await Promise.all(over.map(({ name, version }) => kiln.documents.write(done, name, null, version)))
}

/** The works of a tenant one after the other: each counts what the one before has written. */
function inTurn(): <T>(tenant: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (tenant, work) => {
    const before = last.get(tenant) ?? Promise.resolve()
    const own = before.then(work, work)
    last.set(tenant, own)
    try {
      return await own
    } finally {
      if (last.get(tenant) === own) last.delete(tenant)
    }
  }
}

/** A UUID of version 7: begins with the time. */
function newId(now: number): string {
  const time = Math.trunc(now).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
