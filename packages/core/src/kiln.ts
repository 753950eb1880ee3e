import { accept, type AcceptDeps } from './accept.ts'
import { buildHandle, type Build, type BuildDeps } from './build.ts'
import type { Bytes, Digest } from './driver/driver.ts'
import { BuildError, shown, type Json } from './failure/error.ts'
import type { Findings } from './findings/findings.ts'
import { checkName } from './image.ts'
import { sha256 } from './key/digest.ts'
import { canonical, frame } from './key/key.ts'
import type { Config } from './plan/config.ts'
import type { Planned } from './plan/plan.ts'
import type { Finder, Planner } from './planner.ts'
import { checkRequest, type BuildRequest } from './request.ts'
import type { Source } from './source/source.ts'
import type { Blobs } from './store/blobs.ts'
import type { BuildRecord, Idempotency, NewDocument } from './store/records.ts'
import type { BuildFilter, ListQuery, StoredDocument } from './store/store.ts'

type Signal = { readonly signal?: AbortSignal }

/** One tenant's engine. */
export interface Kiln {
  /** Resolves when the Build is durable. Throws a BuildError for what is wrong with the request or the source. */
  build(request: BuildRequest, options?: Signal): Promise<Build>
  /** A Build of an image that somebody else has made: succeeded at once, no driver runs, no digest is known, no request hits it. */
  register(image: RegisteredImage): Promise<Build>
  /** What `build` would plan, and where: off the main thread with a budget where the engine plans apart. Throws `plan_timeout`. */
  plan(source: Source, config?: Config, options?: Signal): Promise<Planned>
  /** What the code says of its use of others, found where plans are made. Throws `plan_timeout`. */
  findings(source: Source, options?: Signal): Promise<Findings>
  get(id: string): Promise<Build | undefined>
  list(query: ListQuery): Promise<readonly BuildRecord[]>
  count(filter?: BuildFilter): Promise<number>
  /** Whether the Run of this Build could answer a request of the same inputs now, or why not. Throws `not_found`. */
  reusable(id: string): Promise<true | string>
  /** Removes a final Build. */
  remove(id: string): Promise<void>
  /** small JSON values of an adapter, by kind and name */
  readonly documents: Documents
  /** what this tenant's Builds name: contexts, plans, recipes */
  readonly blobs: Pick<TenantBlobs, 'open' | 'size'>
  /** what this tenant has sent to build from it, apart from what Builds name; pruned once it is older than an hour */
  readonly uploads: TenantBlobs
}

export interface RegisteredImage {
  readonly name: string
  /** any reference, printable and without spaces, up to 512 characters; nobody looks whether it is there */
  readonly image: string
  readonly tags?: readonly string[]
  readonly attributes?: Readonly<Record<string, string>>
  /** as of a BuildRequest */
  readonly documents?: readonly NewDocument[]
  readonly idempotencyKey?: string
}

export interface Documents {
  /** the one of a name, or those of a kind by the bytes of their names, behind `after`; limit 1 to 10,000 */
  read(kind: string, query: { readonly name?: string; readonly after?: string; readonly limit: number }): Promise<readonly StoredDocument[]>
  /** Compare and set: false when the version is not the expected one. `null` removes. */
  write(kind: string, name: string, value: Json, expect: number | 'new'): Promise<boolean>
}

export interface TenantBlobs {
  /** As `Blobs.put`: throws `blob_too_large`, `blob_mismatch`, `disk_full`, and leaves nothing behind then. */
  put(
    bytes: Bytes | Uint8Array,
    options: Signal & { readonly max: number; readonly expect?: Digest; readonly durable?: boolean },
  ): Promise<Digest>
  /**
   * Checked against the digest while read; throws `blob_missing`, `blob_mismatch`. `lend` is for a reader who is done with a chunk when he
   * asks for the next one: its memory is then used again.
   */
  open(digest: Digest, options?: Signal & { readonly lend?: boolean }): Bytes
  /** bytes, or undefined */
  size(digest: Digest): Promise<number | undefined>
  remove(digest: Digest): Promise<void>
}

export interface KilnDeps extends BuildDeps {
  readonly accept: AcceptDeps
  readonly planner: Planner
  readonly finder: Finder
}

/** A view of the engine that cannot name another tenant. `open` throws once the engine was disposed. */
export function tenantView(deps: KilnDeps, tenant: string, open: () => void): Kiln {
  const { store, blobs } = deps
  return {
    async build(request, { signal } = {}) {
      open()
      signal?.throwIfAborted()
      const { record, reuse, notices } = await accept(deps.accept, tenant, request, signal)
      return buildHandle(deps, tenant, record, reuse, notices)
    },
    async register(image) {
      open()
      const record = await register(deps, tenant, image)
      return buildHandle(deps, tenant, record, record.reuse, [])
    },
    async plan(source, config = {}, { signal } = {}) {
      open()
      signal?.throwIfAborted()
      return await deps.planner(source, config, signal)
    },
    async findings(source, { signal } = {}) {
      open()
      signal?.throwIfAborted()
      return await deps.finder(source, signal)
    },
    async get(id) {
      open()
      const record = await store.get(tenant, id)
      return record && buildHandle(deps, tenant, record, record.reuse, [])
    },
    list: (query) => store.list(tenant, query),
    count: (filter = {}) => store.count(tenant, filter),
    async reusable(id) {
      open()
      return await reusable(deps, tenant, id)
    },
    remove: (id) => store.remove(tenant, id),
    documents: {
      read: (kind, query) => store.read(tenant, kind, query),
      write: (kind, name, value, expect) => store.write(tenant, kind, name, value, expect),
    },
    blobs: blobsOf(blobs, tenant),
    uploads: blobsOf(blobs, `${tenant}\u0001uploads`),
  }
}

function blobsOf(blobs: Blobs, owner: string): TenantBlobs {
  return {
    put: (bytes, options) => blobs.put(owner, bytes, options),
    open: (digest, options) => blobs.open(owner, digest, options),
    size: (digest) => blobs.size(owner, digest),
    remove: (digest) => blobs.remove(owner, digest),
  }
}

async function reusable(deps: KilnDeps, tenant: string, id: string): Promise<true | string> {
  const record = await deps.store.get(tenant, id)
  if (!record) throw new BuildError('not_found', `There is no build ${shown(id)}.`)
  const run = (await deps.store.finished(tenant, record.key)).find((one) => one.run === record.run)
  if (!run) return 'it has no image of its own that is kept'
  return (await deps.accept.refuses(tenant, run, {})) ?? true
}

async function register({ store }: KilnDeps, tenant: string, given: RegisteredImage): Promise<BuildRecord> {
  const { name, image, tags = [], attributes = {}, documents } = given
  checkName(name)
  checkRequest(given)
  if (!/^[\x21-\x7e]{1,512}$/.test(image)) throw new BuildError('invalid_reference', `"${shown(image)}" is no image reference.`)
  const key = await sha256(
    frame([
      ['format', 'kiln-registered-1'],
      ['tenant', tenant],
      ['name', name],
      ['image', image],
    ]),
  )
  const nothing = await sha256('')
  const idempotency = await idempotencyOf(given, key)
  const registration = { name, key, image, tags, attributes, inputs: { tree: nothing, recipe: nothing, parts: {} } }
  const { record } = await store.register(tenant, { ...registration, ...(documents && { documents }), ...(idempotency && { idempotency }) })
  return record
}

async function idempotencyOf({ idempotencyKey, ...asked }: RegisteredImage, key: Digest): Promise<Idempotency | undefined> {
  if (idempotencyKey === undefined) return undefined
  const { tags = [], attributes = {} } = asked
  const parts = [
    ['key', key],
    ['request', canonical({ tags, attributes })],
  ] as const
  return { key: idempotencyKey, request: await sha256(frame(parts)) }
}
