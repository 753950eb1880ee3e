import { createEngine, type Engine } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { createHandler, createKeys, native, nativeWithKeys, systemTenant, type Keys, type KeyRecord } from '../../src/index.ts'

interface World extends AsyncDisposable {
  readonly keys: Keys
  ask(key: string, method: string, path: string, json?: unknown): Promise<{ readonly status: number; readonly text: string }>
  drain(): void
}

function world(): World {
  const engine: Engine = createEngine({ drivers: [fakeDriver()], worker: false })
  const keys = createKeys(engine.for(systemTenant).documents)
  const handler = createHandler({ engine, authenticate: keys.authenticate, publicUrl: 'http://kiln', apis: [nativeWithKeys(keys)] })
  return {
    keys,
    drain: () => handler.drain(),
    async ask(key, method, path, json) {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const answer = await handler(
        new Request(`http://kiln/kiln/v1${path}`, { method, headers, ...(json !== undefined && { body: JSON.stringify(json) }) }),
      )
      return { status: answer.status, text: await answer.text() }
    },
    async [Symbol.asyncDispose]() {
      await handler[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

const admin = async ({ keys }: World, tenant = 'acme'): Promise<string> => (await keys.create({ tenant, scopes: ['admin'] })).key
const made = ({ text }: { readonly text: string }) => JSON.parse(text) as { readonly key: string; readonly record: KeyRecord }

test('a new key is shown once, works, and no list has its secret', async () => {
  await using at = world()
  const boss = await admin(at)
  const answer = await at.ask(boss, 'POST', '/keys', { name: 'ci' })
  const { key, record } = made(answer)
  expect(answer.status).toBe(201)
  expect(record).toMatchObject({ tenant: 'acme', name: 'ci', scopes: ['read', 'build'] })
  expect((await at.ask(key, 'GET', '/builds')).status).toBe(200)
  const list = await at.ask(boss, 'GET', '/keys')
  expect((JSON.parse(list.text) as { keys: KeyRecord[] }).keys.map(({ id }) => id)).toContain(record.id)
  expect(list.text).not.toContain(key.split('_')[2])
  expect(list.text).not.toContain('hash')
})

test('admin may give any scope, also what it has not itself', async () => {
  await using at = world()
  const boss = await admin(at)
  expect((await at.ask(boss, 'GET', '/builds')).status).toBe(403)
  const { record } = made(await at.ask(boss, 'POST', '/keys', { scopes: ['admin', 'deploy', 'build', 'read'] }))
  expect(record.scopes).toEqual(['read', 'build', 'deploy', 'admin'])
})

test.each([{ scopes: [] }, { scopes: ['root'] }, { tenant: 'other' }, { expiresAt: 1 }, { name: 'x'.repeat(201) }])(
  '%j is no key that can be made',
  async (wanted) => {
    await using at = world()
    expect((await at.ask(await admin(at), 'POST', '/keys', wanted)).status).toBe(400)
  },
)

test('rotating ends the old secret, revoking the key', async () => {
  await using at = world()
  const boss = await admin(at)
  const { key, record } = made(await at.ask(boss, 'POST', '/keys', {}))
  const rotated = await at.ask(boss, 'POST', `/keys/${record.id}/rotate`)
  expect([rotated.status, made(rotated).record.id]).toEqual([200, record.id])
  expect((await at.ask(key, 'GET', '/builds')).status).toBe(401)
  at.drain()
  expect((await at.ask(boss, 'DELETE', `/keys/${record.id}`)).status).toBe(200)
  expect((await at.ask(made(rotated).key, 'GET', '/builds')).status).toBe(401)
  expect((await at.keys.list('acme')).find(({ id }) => id === record.id)!.revokedAt).toBeGreaterThan(0)
})

test("another tenant's key answers as one that is not there, and stays", async () => {
  await using at = world()
  const boss = await admin(at)
  const { record } = await at.keys.create({ tenant: 'other' })
  for (const [method, after] of [
    ['POST', '/rotate'],
    ['DELETE', ''],
  ] as const) {
    const theirs = await at.ask(boss, method, `/keys/${record.id}${after}`)
    expect(theirs).toEqual(await at.ask(boss, method, `/keys/0123456789abcdef${after}`))
    expect(theirs.status).toBe(404)
  }
  expect((await at.ask(boss, 'GET', '/keys')).text).not.toContain(record.id)
  expect(await at.keys.list('other')).toEqual([record])
})

test.each([
  ['GET', '/keys'],
  ['POST', '/keys'],
  ['POST', '/keys/0123456789abcdef/rotate'],
  ['DELETE', '/keys/0123456789abcdef'],
])('%s %s needs the scope admin', async (method, path) => {
  await using at = world()
  const { key } = await at.keys.create({ tenant: 'acme', scopes: ['read', 'build', 'deploy'] })
  expect((await at.ask(key, method, path, method === 'POST' ? {} : undefined)).status).toBe(403)
  expect((await at.ask('kiln_none', method, path)).status).toBe(401)
})

test('a server whose keys are not Kiln’s has no such paths', async () => {
  await using engine = createEngine({ drivers: [fakeDriver()], worker: false })
  await using handler = createHandler({ engine, authenticate: async () => undefined, publicUrl: 'http://kiln', apis: [native] })
  expect((await handler(new Request('http://kiln/kiln/v1/keys'))).status).toBe(404)
})
