import type { BuildRecord, Kiln, ListQuery } from '@kiln/core'
import { expect, test } from 'vitest'
import { listInTurns } from '../../src/list-in-turns.ts'
import { world } from '../scale/world.ts'

/** 450 builds; `between` runs before every search but the first. */
async function several(kiln: Kiln, between: (search: number) => Promise<void> = async () => {}): Promise<Kiln & { searches: ListQuery[] }> {
  for (let i = 0; i < 450; i++)
    await kiln.register({ name: `n${i % 7}`, image: `r.io/x:${i}`, attributes: { api: 'scale', agent_name: `a${i % 5}` } })
  const searches: ListQuery[] = []
  const list: Kiln['list'] = async (query) => {
    if (searches.push(query) > 1) await between(searches.length)
    return kiln.list(query)
  }
  return { ...kiln, list, searches }
}

const ids = (found: readonly { readonly id: string }[]): readonly string[] => found.map(({ id }) => id)

test('a long list is what one search would find, in any order and direction', async () => {
  await using one = world()
  const kiln = await several(one.engine.for('acme'))
  const all = ids(await one.engine.for('acme').list({ limit: 1000 }))
  expect(all).toHaveLength(450)
  const queries: readonly ListQuery[] = [
    { limit: 10_000 },
    { limit: 400 },
    { limit: 401, order: 'asc' },
    { limit: 300, sort: 'name' },
    { limit: 10_000, sort: { attribute: 'agent_name' }, order: 'asc' },
    { limit: 10_000, after: all[10]! },
    { limit: 10_000, before: all[440]! },
    { limit: 300, before: all[440]! },
    { limit: 10_000, after: all[10]!, before: all[440]! },
  ]
  for (const query of queries) {
    const found = await listInTurns(kiln, query, ({ id, name }) => ({ id, name }))
    const expected = await one.engine.for('acme').list(query)
    expect(found.map(({ text }) => text)).toEqual(expected.map(({ id, name }) => JSON.stringify({ id, name })))
  }
  expect(Math.max(...kiln.searches.map(({ limit }) => limit))).toBe(200)
})

test('others have their turn while it is read', async () => {
  await using one = world()
  let turns = 0
  const seen: number[] = []
  const kiln = await several(one.engine.for('acme'), async () => void seen.push(turns))
  const other = (): void => void (turns++, (going = setImmediate(other)))
  let going = setImmediate(other)
  await listInTurns(kiln, { limit: 10_000 }, () => 0)
  clearImmediate(going)
  expect(seen).toHaveLength(2)
  expect(seen[0]).toBeGreaterThan(0)
  expect(seen[1]).toBeGreaterThan(seen[0]!)
})

test('what comes meanwhile changes nothing; where its place is removed it begins anew', async () => {
  await using one = world()
  const own = one.engine.for('acme')
  const before = async (): Promise<readonly string[]> => ids(await own.list({ limit: 1000 }))
  const arriving = await several(own, async () => void (await own.register({ name: 'late', image: 'r.io/x:late' })))
  const first = await before()
  expect(ids(await listInTurns(arriving, { limit: 10_000 }, () => 0))).toEqual(first)

  const all = await before()
  const removing = { ...own, list: async (query: ListQuery) => own.list(query) }
  let removed = false
  removing.list = async (query) => {
    if (query.after !== undefined && !removed) {
      removed = true
      await own.remove(query.after)
    }
    return own.list(query)
  }
  expect(ids(await listInTurns(removing, { limit: 10_000 }, () => 0))).toEqual(all.filter((id) => id !== all[199]))
  expect(removed).toBe(true)
  // a place of the caller's own is the caller's to know
  await expect(listInTurns(own, { limit: 1000, after: 'nothing' }, () => 0)).rejects.toMatchObject({ code: 'invalid_argument' })
})

test('a page that brings again what moved behind the cursor is no end', async () => {
  const all = Array.from({ length: 500 }, (_, n) => ({ id: `b${n}` }) as BuildRecord)
  // b0 has a new place behind b399
  const later = [...all.slice(1, 400), all[0]!, ...all.slice(400)]
  const list: Kiln['list'] = async ({ after, limit }) => {
    if (after === undefined) return all.slice(0, limit)
    const from = later.findIndex(({ id }) => id === after) + 1
    return later.slice(from, from + limit)
  }
  const found = await listInTurns({ list } as Kiln, { limit: 450 }, () => 0)
  expect(ids(found)).toEqual(ids(all.slice(0, 450)))
})

test('the list of an account is read so', async () => {
  await using one = world()
  await several(one.engine.for('acme'))
  const { body } = await one.ask('/v5/builds?limit=10000')
  expect(body).toMatchObject({ total: 450, has_more: false, limit: 10_000, object: 'list' })
  expect(ids(body.items)).toEqual(ids(await one.engine.for('acme').list({ limit: 1000 })))
  const part = await one.ask(`/v5/builds?limit=300&ending_before=${body.items[400].id}`)
  expect(part.body).toMatchObject({ total: 450, has_more: true, limit: 300 })
  expect(ids(part.body.items)).toEqual(ids(body.items.slice(100, 400)))
})
