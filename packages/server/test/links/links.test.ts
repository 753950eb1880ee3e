import { memoryStore, type Engine, type Store } from '@kiln/core'
import { expect, test } from 'vitest'
import { systemTenant } from '../../src/auth/keys.ts'
import { createLinks } from '../../src/links/create-links.ts'
import type { Grant } from '../../src/links/links.ts'

const grant: Grant = { purpose: 'upload', tenant: 'acme', id: 'u1', expires: 2000, facts: { region: 'us-west', max: '5' } }

/** An engine as far as links need one: the documents of a store. */
function engineOn(store: Store): Pick<Engine, 'for'> {
  const view = (tenant: string): object => ({
    documents: {
      read: (kind: string, query: { name?: string; limit: number }) => store.read(tenant, kind, query),
      write: (kind: string, name: string, value: never, expected: number | 'new') => store.write(tenant, kind, name, value, expected),
    },
  })
  return { for: view as Engine['for'] }
}

function linksOn(store: Store = memoryStore(), now = 1000): ReturnType<typeof createLinks> {
  return createLinks(engineOn(store), () => now)
}

test('what was signed is opened, with all its facts', async () => {
  const links = linksOn()
  expect(await links.open('upload', await links.sign(grant))).toEqual(grant)
})

test('a token of another purpose is a bad signature', async () => {
  const links = linksOn()
  expect(await links.open('log', await links.sign(grant))).toBe('bad_signature')
})

test('from its time on it is expired, by the clock of the server', async () => {
  const store = memoryStore()
  const token = await linksOn(store).sign(grant)
  expect(await linksOn(store, 1999).open('upload', token)).toEqual(grant)
  expect(await linksOn(store, 2000).open('upload', token)).toBe('expired')
})

test('every changed character, and everything added or cut off, is a bad signature', async () => {
  const links = linksOn()
  const token = await links.sign(grant)
  for (let i = 0; i < token.length; i++) {
    const other = token[i] === 'A' ? 'B' : 'A'
    expect(await links.open('upload', token.slice(0, i) + other + token.slice(i + 1)), `at ${i}`).toBe('bad_signature')
  }
  for (const wrong of ['', '.', 'a', token.slice(0, -1), `${token}=`, `${token}.`, `${token}.x`, ` ${token}`, 'x'.repeat(100_000)])
    expect(await links.open('upload', wrong), wrong.slice(0, 30)).toBe('bad_signature')
})

test('servers on one store open each other’s tokens, also when both make the secret at the same moment', async () => {
  const store = memoryStore()
  const servers = Array.from({ length: 8 }, () => linksOn(store))
  const tokens = await Promise.all(servers.map((server) => server.sign(grant)))
  expect(new Set(tokens).size).toBe(1)
  expect(await linksOn(store).open('upload', tokens[0]!)).toEqual(grant)
})

test('the secret of another store opens nothing', async () => {
  expect(await linksOn().open('upload', await linksOn().sign(grant))).toBe('bad_signature')
})

test('the secret is a document of no tenant that a key can have', async () => {
  const store = memoryStore()
  await linksOn(store).sign(grant)
  expect(await store.read(systemTenant, 'secret', { limit: 10 })).toHaveLength(1)
})

test('a store that failed once is asked again', async () => {
  const store = memoryStore()
  let fails = 1
  const weak: Store = { ...store, read: (...args) => (fails-- > 0 ? Promise.reject(new Error('away')) : store.read(...args)) }
  const links = linksOn(weak)
  await expect(links.sign(grant)).rejects.toThrow('away')
  expect(await links.open('upload', await links.sign(grant))).toEqual(grant)
})
