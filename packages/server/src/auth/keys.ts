import { BuildError, shown, type Json, type StoredDocument } from '@kiln/core'
import { scopes as allScopes, type Authenticate, type Caller, type Scope } from '../api.ts'
import { keyOf } from './header.ts'
import { remembered } from './remembered.ts'
import { hashOf, matches, newId, newToken, parseToken, tokenText } from './token.ts'

/** Where keys are kept: `engine.for(systemTenant).documents`. */
export interface KeyDocuments {
  read(kind: string, query: { readonly name?: string; readonly after?: string; readonly limit: number }): Promise<readonly StoredDocument[]>
  write(kind: string, name: string, value: Json, expect: number | 'new'): Promise<boolean>
}

/** The tenant of documents that belong to no tenant. No key can have its name. */
export const systemTenant = '_kiln'

/** A key, without its secret: that is shown once and never kept. */
export interface KeyRecord {
  readonly id: string
  readonly tenant: string
  /** for people */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly kind: Caller['kind']
  /** ms since the epoch, as all times here */
  readonly createdAt: number
  readonly expiresAt?: number
  readonly rotatedAt?: number
  readonly revokedAt?: number
}

export interface NewKey {
  readonly tenant: string
  readonly name?: string
  /** default: read and build */
  readonly scopes?: readonly Scope[]
  readonly kind?: Caller['kind']
  /** ms since the epoch; default never */
  readonly expiresAt?: number
}

export interface Keys {
  /**
   * The only time that the key is seen. Removes keys that have been revoked or expired for 30 days, and of a tenant all such but the
   * last 1000 (`perTenant`). Throws `invalid_argument` for a tenant, scope or time that cannot be, and `too_many_keys`.
   */
  create(key: NewKey): Promise<{ readonly key: string; readonly record: KeyRecord }>
  /** of one tenant, or of all; revoked and expired ones too, until they are removed */
  list(tenant?: string): Promise<readonly KeyRecord[]>
  /** For good. A server sees it within a second. Throws `not_found`. */
  revoke(id: string): Promise<KeyRecord>
  /** The same key with another secret; the old one ends at once, which a server sees within a second. Throws `not_found`. */
  rotate(id: string): Promise<{ readonly key: string; readonly record: KeyRecord }>
  /** The caller of a request by its key, for `createHandler`. A good key is remembered for a second. */
  readonly authenticate: Authenticate
}

const kind = 'api-key'
const page = 1000
/** ms that a key is kept which is good no more */
const keptMs = 30 * 24 * 3600_000
/** keys that are removed with one that is made: more than one, so that they become fewer */
const removedAtOnce = 100
/** What a miss is compared with, so that it takes as long as a wrong secret. */
const nobodysHash = hashOf('nobody')

type Stored = KeyRecord & { readonly hash: string }
interface Found {
  readonly version: number
  readonly stored: Stored
}

export interface KeysOptions {
  /** ms since the epoch */
  readonly now?: () => number
  /** keys of a tenant that are good; default 1000 */
  readonly perTenant?: number
}

/** API keys in documents: found by their public id, compared by the hash of their secret. */
export function createKeys(documents: KeyDocuments, { now = Date.now, perTenant = 1000 }: KeysOptions = {}): Keys {
  let created: Promise<unknown> = Promise.resolve()
  const find = async (id: string): Promise<Found | undefined> => {
    const [document] = await documents.read(kind, { name: id, limit: 1 })
    return document && foundIn(document)
  }
  return {
    async create(wanted) {
      const checked = checkedKey(wanted, now())
      // one after the other, so that many at once are counted, too
      const mine = created.then(async () => {
        const all = await readAll(documents)
        checkRoom(all, checked.tenant, perTenant, now())
        await removeDead(documents, all, perTenant, now())
        return create(documents, checked, now())
      })
      created = mine.catch(() => undefined)
      return mine
    },
    list: (tenant) => list(documents, tenant),
    revoke: async (id) => publicPart(await change(documents, find, id, (stored) => ({ ...stored, revokedAt: stored.revokedAt ?? now() }))),
    rotate: async (id) => {
      const token = newToken(id)
      const stored = await change(documents, find, id, (old) => {
        if (old.revokedAt !== undefined) throw new BuildError('invalid_argument', 'A revoked key cannot be rotated.')
        return { ...old, hash: hashOf(token.secret), rotatedAt: now() }
      })
      return { key: tokenText(token), record: publicPart(stored) }
    },
    authenticate: remembered(keyOf, (text) => verify(find, text, now()), now),
  }
}

async function create(
  documents: KeyDocuments,
  wanted: Required<Omit<NewKey, 'expiresAt'>> & NewKey,
  at: number,
): ReturnType<Keys['create']> {
  const token = newToken(newId())
  const stored: Stored = { id: token.id, ...wanted, createdAt: at, hash: hashOf(token.secret) }
  const written = await documents.write(kind, token.id, stored as unknown as Json, 'new')
  return written ? { key: tokenText(token), record: publicPart(stored) } : create(documents, wanted, at)
}

/** Keys that are revoked or expired do not count. */
function checkRoom(all: readonly Found[], tenant: string, most: number, now: number): void {
  const good = all.filter(({ stored }) => stored.tenant === tenant && endOf(stored) > now)
  if (good.length >= most) throw new BuildError('too_many_keys', `The tenant ${tenant} has ${good.length} keys that are good.`)
}

async function removeDead(documents: KeyDocuments, all: readonly Found[], perTenant: number, now: number): Promise<void> {
  const dead = all.filter(({ stored }) => endOf(stored) <= now).toSorted((a, b) => endOf(b.stored) - endOf(a.stored))
  const kept = [...Map.groupBy(dead, ({ stored }) => stored.tenant).values()].flatMap((own) =>
    own.slice(0, perTenant).filter(({ stored }) => endOf(stored) > now - keptMs),
  )
  const over = new Set(dead).difference(new Set(kept))
  // what somebody changes at this moment is left to the next time
  for (const { version, stored } of [...over].slice(0, removedAtOnce)) await documents.write(kind, stored.id, null, version)
}

/** when a key stops being good, ms since the epoch */
function endOf({ revokedAt = Infinity, expiresAt = Infinity }: KeyRecord): number {
  return Math.min(revokedAt, expiresAt)
}

async function list(documents: KeyDocuments, tenant: string | undefined): Promise<readonly KeyRecord[]> {
  const all = (await readAll(documents)).map(({ stored }) => publicPart(stored))
  return all.filter((key) => tenant === undefined || key.tenant === tenant).sort((a, b) => a.createdAt - b.createdAt)
}

async function readAll(documents: KeyDocuments): Promise<readonly Found[]> {
  const all: Found[] = []
  for (let after: string | undefined; ;) {
    const some = await documents.read(kind, { ...(after !== undefined && { after }), limit: page })
    all.push(...some.map(foundIn))
    after = some.at(-1)?.name
    if (some.length < page) return all
  }
}

function foundIn({ version, value }: StoredDocument): Found {
  return { version, stored: value as unknown as Stored }
}

/** Again when another process wrote at the same moment. */
async function change(
  documents: KeyDocuments,
  find: (id: string) => Promise<Found | undefined>,
  id: string,
  how: (stored: Stored) => Stored,
): Promise<Stored> {
  const found = await find(id)
  if (!found) throw new BuildError('not_found', `There is no key "${shown(id)}".`, { hint: 'kiln keys ls shows the ids.' })
  const stored = how(found.stored)
  if (await documents.write(kind, id, stored as unknown as Json, found.version)) return stored
  return change(documents, find, id, how)
}

async function verify(
  find: (id: string) => Promise<Found | undefined>,
  text: string,
  now: number,
): Promise<{ caller: Caller; expiresAt: number } | undefined> {
  const token = parseToken(text)
  const stored = token && (await find(token.id))?.stored
  const right = matches(token?.secret ?? '', stored?.hash ?? nobodysHash)
  const expiresAt = stored?.expiresAt ?? Number.POSITIVE_INFINITY
  if (!stored || !right || stored.revokedAt !== undefined || expiresAt <= now) return undefined
  const { tenant, id, scopes } = stored
  return { caller: { tenant, id, scopes: new Set(scopes), kind: stored.kind }, expiresAt }
}

function publicPart({ hash: _hash, ...record }: Stored): KeyRecord {
  return record
}

function checkedKey(wanted: NewKey, now: number): Required<Omit<NewKey, 'expiresAt'>> & NewKey {
  const { tenant, name = '', scopes = ['read', 'build'], kind: of = 'service_account', expiresAt } = wanted
  const wrong = scopes.find((scope) => !allScopes.includes(scope))
  if (wrong !== undefined || scopes.length === 0)
    throw new BuildError('invalid_argument', `The scope "${shown(wrong ?? '')}" is not one of ${allScopes.join(', ')}.`)
  if (expiresAt !== undefined && !(expiresAt > now)) throw new BuildError('invalid_argument', 'The key would have expired already.')
  if (name.length > 200) throw new BuildError('invalid_argument', 'The name of a key has at most 200 characters.')
  return {
    tenant: checkTenant(tenant),
    name,
    scopes: allScopes.filter((scope) => scopes.includes(scope)),
    kind: of,
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

/** A tenant's name as keys have it: it is a part of image names and addresses. Throws `invalid_argument`. */
export function checkTenant(tenant: string): string {
  if (/^[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/.test(tenant)) return tenant
  throw new BuildError(
    'invalid_argument',
    `The tenant "${shown(tenant)}" cannot be: 1 to 63 of a-z, 0-9, "-", "_" and ".", no sign first or last.`,
  )
}
