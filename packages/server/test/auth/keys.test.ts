import { memoryStore } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { createKeys, systemTenant, type KeyDocuments, type Keys } from '../../src/auth/keys.ts'

function setUp(): { keys: Keys; documents: KeyDocuments; reads: () => number; clock: { now: number } } {
  const store = memoryStore()
  let reads = 0
  const documents: KeyDocuments = {
    read: async (kind, query) => {
      reads += 1
      return store.read(systemTenant, kind, query)
    },
    write: (kind, name, value, version) => store.write(systemTenant, kind, name, value, version),
  }
  const clock = { now: Date.parse('2026-11-22T00:00:00Z') }
  return { keys: createKeys(documents, { now: () => clock.now }), documents, reads: () => reads, clock }
}

const asked = (headers: Record<string, string> | [string, string][], path = '/'): Request => new Request(`http://kiln${path}`, { headers })
const bearer = (key: string): Request => asked({ authorization: `Bearer ${key}` })

describe('a key', () => {
  test('names its tenant, scopes and id, and no secret is kept', async () => {
    const { keys, documents } = setUp()
    const { key, record } = await keys.create({ tenant: 'acme', name: 'ci', scopes: ['build', 'read'] })
    expect(key).toMatch(new RegExp(`^kiln_${record.id}_[0-9a-f]{64}$`))
    expect(await keys.authenticate(bearer(key))).toEqual({
      tenant: 'acme',
      id: record.id,
      scopes: new Set(['read', 'build']),
      kind: 'service_account',
    })
    const kept = JSON.stringify(await documents.read('api-key', { limit: 10 }))
    expect(kept).not.toContain(key.split('_')[2])
    expect(JSON.stringify(await keys.list())).not.toContain('hash')
  })

  test('two have nothing in common', async () => {
    const { keys } = setUp()
    const [one, two] = [await keys.create({ tenant: 'a' }), await keys.create({ tenant: 'a' })]
    expect(one.key.slice(5)).not.toBe(two.key.slice(5))
    expect((await keys.list('a')).map(({ id }) => id).sort()).toEqual([one.record.id, two.record.id].sort())
    expect(await keys.list('b')).toEqual([])
  })

  test.each(['', '_kiln', 'A', '-a', 'a-', 'a/b', 'a b', '..', 'a'.repeat(64), 'é'])('the tenant %o is refused', async (tenant) => {
    await expect(setUp().keys.create({ tenant })).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  test.each(['a', 'a.b', 'a_b-c', '0', 'a'.repeat(63)])('the tenant %o is taken', async (tenant) => {
    expect((await setUp().keys.create({ tenant })).record.tenant).toBe(tenant)
  })

  test('a tenant has so many good ones and no more, also of many at once', async () => {
    const { documents, clock } = setUp()
    const keys = createKeys(documents, { now: () => clock.now, perTenant: 3 })
    const made = await Promise.allSettled([1, 2, 3, 4, 5].map(() => keys.create({ tenant: 'acme', expiresAt: clock.now + 1000 })))
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'])
    const refused = { code: 'too_many_keys', message: 'The tenant acme has 3 keys that are good.' }
    await expect(keys.create({ tenant: 'acme' })).rejects.toMatchObject(refused)
    await keys.create({ tenant: 'other' })
    const [first] = await keys.list('acme')
    await keys.revoke(first!.id)
    await keys.create({ tenant: 'acme' })
    await expect(keys.create({ tenant: 'acme' })).rejects.toMatchObject(refused)
    clock.now += 1000
    await keys.create({ tenant: 'acme' })
    await keys.create({ tenant: 'acme' })
    await expect(keys.create({ tenant: 'acme' })).rejects.toMatchObject(refused)
  })

  test('that is revoked or expired is kept for 30 days, and goes when the next one is made', async () => {
    const { keys, documents, clock } = setUp()
    const day = 24 * 3600_000
    const good = await keys.create({ tenant: 'acme' })
    const expired = await keys.create({ tenant: 'acme', expiresAt: clock.now + 20 * day })
    const revoked = await keys.create({ tenant: 'other' })
    await keys.revoke(revoked.record.id)
    const ids = async (): Promise<readonly string[]> => (await keys.list()).map(({ id }) => id).sort()
    const sorted = (...all: readonly (typeof good)[]): readonly string[] => all.map(({ record }) => record.id).sort()
    clock.now += 30 * day - 1
    const second = await keys.create({ tenant: 'third' })
    expect(await ids()).toEqual(sorted(good, expired, revoked, second))
    clock.now += 1
    const third = await keys.create({ tenant: 'third' })
    expect(await ids()).toEqual(sorted(good, expired, second, third))
    expect(await documents.read('api-key', { name: revoked.record.id, limit: 1 })).toEqual([])
    clock.now += 20 * day
    const fourth = await keys.create({ tenant: 'third' })
    expect(await ids()).toEqual(sorted(good, second, third, fourth))
  })

  test('that is revoked at once makes room, and does not fill the store', async () => {
    const { documents, clock } = setUp()
    const keys = createKeys(documents, { now: () => clock.now, perTenant: 3 })
    const other = await keys.create({ tenant: 'other' })
    await keys.revoke(other.record.id)
    const made: string[] = []
    for (let i = 0; i < 8; i++) {
      clock.now += 1
      made.push((await keys.create({ tenant: 'acme' })).record.id)
      await keys.revoke(made.at(-1)!)
    }
    expect((await keys.list('acme')).map(({ id }) => id)).toEqual(made.slice(-4))
    expect(await keys.list('other')).toHaveLength(1)
  })

  test('no scopes, unknown ones and a past expiry are refused', async () => {
    const { keys, clock } = setUp()
    for (const wrong of [{ scopes: [] }, { scopes: ['root' as 'read'] }, { expiresAt: clock.now }, { expiresAt: Number.NaN }])
      await expect(keys.create({ tenant: 'a', ...wrong })).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

describe('where a key is read', () => {
  test.each([
    ['bearer', (key: string) => ({ authorization: `Bearer ${key}` })],
    ['bearer in small letters', (key: string) => ({ authorization: `bearer ${key}` })],
    ['x-api-key', (key: string) => ({ 'x-api-key': key })],
    ['X-RunAgents-API-Key', (key: string) => ({ 'X-RunAgents-API-Key': key })],
    ['the same in two', (key: string) => ({ authorization: `Bearer ${key}`, 'X-RunAgents-API-Key': key })],
  ])('%s', async (_what, headers) => {
    const { keys } = setUp()
    const { key } = await keys.create({ tenant: 'a' })
    expect(await keys.authenticate(asked(headers(key)))).toMatchObject({ tenant: 'a' })
  })

  test('nobody', async () => {
    const { keys } = setUp()
    const [{ key }, { key: other }] = [await keys.create({ tenant: 'a' }), await keys.create({ tenant: 'a' })]
    const id = key.slice(0, 'kiln_'.length + 16)
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${key} ${key}` },
      { authorization: `Bearer ${key} b` },
      { authorization: `Basic ${key}` },
      { authorization: key },
      { authorization: `Bearer ${key}`, 'x-api-key': other },
      { authorization: 'Basic eA==', 'x-api-key': key },
      { 'x-api-key': key, 'x-runagents-api-key': other },
      { 'x-api-key': '' },
      { authorization: `Bearer ${key}`, 'x-api-key': '' },
      { authorization: `Bearer ${key.slice(0, -1)}` },
      { authorization: `Bearer ${id}_${'0'.repeat(64)}` },
      { authorization: `Bearer kiln_${'0'.repeat(16)}_${'0'.repeat(64)}` },
      { authorization: `Bearer ${key.toUpperCase()}` },
      { authorization: `Bearer ${'a'.repeat(65_536)}` },
    ])
      expect(await keys.authenticate(asked(headers as Record<string, string>)), JSON.stringify(headers)).toBeUndefined()
    expect(
      await keys.authenticate(
        asked([
          ['authorization', `Bearer ${key}`],
          ['authorization', `Bearer ${key}`],
        ]),
      ),
    ).toBeUndefined()
    expect(await keys.authenticate(asked({}, `/?api_key=${key}&access_token=${key}`))).toBeUndefined()
  })
})

describe('the end of a key', () => {
  test('expiry is on the clock, also for a remembered key', async () => {
    const { keys, clock } = setUp()
    const { key } = await keys.create({ tenant: 'a', expiresAt: clock.now + 500 })
    expect(await keys.authenticate(bearer(key))).toBeDefined()
    clock.now += 500
    expect(await keys.authenticate(bearer(key))).toBeUndefined()
  })

  test('revoked: seen within a second, and for good', async () => {
    const { keys, clock } = setUp()
    const { key, record } = await keys.create({ tenant: 'a' })
    await keys.authenticate(bearer(key))
    expect(await keys.revoke(record.id)).toMatchObject({ revokedAt: clock.now })
    clock.now += 1000
    expect(await keys.authenticate(bearer(key))).toBeUndefined()
    await expect(keys.rotate(record.id)).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(keys.revoke('0'.repeat(16))).rejects.toMatchObject({ code: 'not_found' })
  })

  test('rotated: the old secret ends, id and scopes stay', async () => {
    const { keys, clock } = setUp()
    const { key, record } = await keys.create({ tenant: 'a', scopes: ['admin'] })
    await keys.authenticate(bearer(key))
    const rotated = await keys.rotate(record.id)
    expect(rotated.record).toMatchObject({ id: record.id, scopes: ['admin'], rotatedAt: clock.now })
    clock.now += 1000
    expect(await keys.authenticate(bearer(key))).toBeUndefined()
    expect(await keys.authenticate(bearer(rotated.key))).toMatchObject({ id: record.id })
  })

  test('two changes at once both happen', async () => {
    const { keys } = setUp()
    const { record } = await keys.create({ tenant: 'a' })
    await Promise.all([keys.rotate(record.id), keys.revoke(record.id)].map((done) => done.catch(() => undefined)))
    expect((await keys.list())[0]).toMatchObject({ revokedAt: expect.any(Number) })
  })
})

test('a good key is read once a second, a bad one each time', async () => {
  const { keys, reads, clock } = setUp()
  const { key } = await keys.create({ tenant: 'a' })
  const before = reads()
  for (let at = 0; at < 10; at += 1) await keys.authenticate(bearer(key))
  expect(reads() - before).toBe(1)
  clock.now += 1000
  await keys.authenticate(bearer(key))
  expect(reads() - before).toBe(2)
  const wrong = key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  for (let at = 0; at < 3; at += 1) expect(await keys.authenticate(bearer(wrong))).toBeUndefined()
  expect(reads() - before).toBe(5)
})
