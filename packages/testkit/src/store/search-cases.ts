import type { BuildFilter, ListQuery, Store } from '@kiln/core'
import { expect } from 'vitest'
import { accept, claim, code, finishedBuild, succeed, type StoreCase } from './world.ts'

async function ids(store: Store, query: Partial<ListQuery> = {}): Promise<readonly string[]> {
  return (await store.list('ann', { limit: 100, ...query })).map(({ id }) => id)
}

const all = async (store: Store, of: readonly Readonly<Record<string, string>>[]): Promise<readonly string[]> => {
  const made: string[] = []
  for (const attributes of of) made.push((await accept(store, { attributes })).id)
  return made
}

/** Every page of a list, one after the other. */
async function paged(store: Store, query: Partial<ListQuery>): Promise<readonly string[]> {
  const seen: string[] = []
  for (let after: string | undefined; ;) {
    const page = await ids(store, { ...query, limit: 3, ...(after !== undefined && { after }) })
    if (page.length === 0) return seen
    expect(seen.length, 'pages without end').toBeLessThan(100)
    seen.push(...page)
    after = page.at(-1)!
  }
}

const sorts: readonly NonNullable<ListQuery['sort']>[] = ['accepted', 'name', 'state', { attribute: 'team' }]

export const searchCases: readonly StoreCase[] = [
  {
    name: 'search: by attributes, exactly and all of them, together with name and state',
    run: async ({ store }) => {
      const [a, b, c, d] = await all(store, [{ team: 'x', env: 'live' }, { team: 'x' }, { team: 'X', env: 'live' }, { env: 'x' }])
      const named = (await accept(store, { name: 'other', attributes: { team: 'x', env: 'live' } })).id
      await accept(store, { attributes: { team: 'x', env: 'live' } }, 'bob')
      await store.cancel('ann', b!)
      const found = async (filter: BuildFilter): Promise<unknown> => [await ids(store, filter), await store.count('ann', filter)]
      expect(await found({ where: { team: 'x' } })).toEqual([[named, b, a], 3])
      expect(await found({ where: { team: 'x', env: 'live' } })).toEqual([[named, a], 2])
      expect(await found({ where: { team: 'x', env: 'live' }, name: 'agent' })).toEqual([[a], 1])
      expect(await found({ where: { team: 'x' }, state: 'cancelled' })).toEqual([[b], 1])
      expect(await found({ where: { env: 'x' } })).toEqual([[d], 1])
      expect(await found({ where: { team: '' } })).toEqual([[], 0])
      expect(await found({ where: { toString: 'x' } })).toEqual([[], 0])
      expect(await found({ where: {} })).toEqual([[named, d, c, b, a], 5])
      expect(await found({ name: 'agent', state: 'queued' })).toEqual([[d, c, a], 3])
    },
  },
  {
    name: 'search: odd text in names and values of attributes is text',
    run: async ({ store }) => {
      const odd = { "'; drop table builds; --": '%_\u0000"', __proto__x: 'ä😀\u2028' }
      const { id } = await accept(store, { attributes: odd })
      for (const [key, value] of Object.entries(odd)) {
        expect(await ids(store, { where: { [key]: value } }), key).toEqual([id])
        expect(await ids(store, { where: { [key]: '%' } }), key).toEqual([])
      }
    },
  },
  {
    name: 'search: a Build that is removed or whose state changes is found and counted as it is then',
    run: async ({ store }) => {
      const where = { team: 'x' }
      const first = await finishedBuild(store, { attributes: where })
      const second = await accept(store, { attributes: where })
      const counts = async (): Promise<unknown> =>
        Promise.all([
          store.count('ann', { where }),
          store.count('ann', { where, state: 'building' }),
          store.count('ann', { state: 'succeeded' }),
        ])
      expect(await counts()).toEqual([2, 0, 1])
      const lease = await claim(store)
      expect(await counts()).toEqual([2, 1, 1])
      await succeed(store, lease)
      expect(await counts()).toEqual([2, 0, 2])
      await store.remove('ann', first.id)
      expect(await counts()).toEqual([1, 0, 1])
      expect(await ids(store, { where })).toEqual([second.id])
      await store.remove('ann', second.id)
      expect([await counts(), await ids(store, { where })]).toEqual([[0, 0, 0], []])
    },
  },
  {
    name: 'search: a joined Build and a hit are found under their own attributes',
    run: async ({ store }) => {
      const first = await accept(store, { attributes: { team: 'x' } })
      const joined = await accept(store, { key: first.key, attributes: { team: 'y' } })
      await succeed(store, await claim(store))
      const hit = await accept(store, { key: first.key, hit: first.run, attributes: { team: 'y' } })
      expect(await ids(store, { where: { team: 'x' } })).toEqual([first.id])
      expect(await ids(store, { where: { team: 'y' }, state: 'succeeded' })).toEqual([hit.id, joined.id])
    },
  },
  {
    name: 'search: sorted by name, state or attribute by their bytes, equal ones in the order of acceptance, in both directions',
    run: async ({ store }) => {
      const make = async (name: string, attributes: Record<string, string>): Promise<string> =>
        (await accept(store, { name, attributes })).id
      const a1 = await make('b', { team: 'ä' })
      const a2 = await make('a', {})
      const a3 = await make('B', { team: 'z' })
      const a4 = await make('a', { team: 'ä' })
      const a5 = await make('b', { team: '', other: 'q' })
      await store.cancel('ann', a2)
      await store.cancel('ann', a5)
      const lists = async (sort: NonNullable<ListQuery['sort']>): Promise<unknown> => [
        await ids(store, { sort, order: 'asc' }),
        await ids(store, { sort }),
      ]
      expect(await lists('name')).toEqual([
        [a3, a2, a4, a1, a5],
        [a5, a1, a4, a2, a3],
      ])
      expect(await lists('state')).toEqual([
        [a2, a5, a1, a3, a4],
        [a4, a3, a1, a5, a2],
      ])
      expect(await lists('accepted')).toEqual([
        [a1, a2, a3, a4, a5],
        [a5, a4, a3, a2, a1],
      ])
      // without the attribute: last in both
      expect(await lists({ attribute: 'team' })).toEqual([
        [a5, a3, a1, a4, a2],
        [a4, a1, a3, a5, a2],
      ])
    },
  },
  {
    name: 'search: pages of every order meet without gap or repetition, forwards and backwards, filtered or not',
    run: async ({ store }) => {
      for (let i = 0; i < 17; i++)
        await accept(store, { name: `n${i % 3}`, attributes: { even: String(i % 2), ...(i % 4 > 0 && { team: `t${i % 4}` }) } })
      const listed = (await ids(store)).toReversed()
      for (const i of [1, 4, 5, 12]) await store.cancel('ann', listed[i]!)
      for (const sort of sorts)
        for (const order of ['asc', 'desc'] as const)
          for (const filter of [{}, { where: { even: '1' } }, { state: 'queued' }, { name: 'n1' }] as const) {
            const query = { sort, order, ...filter }
            const whole = await ids(store, query)
            const what = JSON.stringify(query)
            expect(await paged(store, query), what).toEqual(whole)
            const last = whole.at(-1)!
            for (const limit of [1, 2, 50]) {
              const before = await ids(store, { ...query, before: last, limit })
              expect(before, `${what} before, ${limit}`).toEqual(whole.slice(0, -1).slice(-limit))
            }
            expect(await ids(store, { ...query, offset: 2, limit: 3 }), `${what} offset`).toEqual(whole.slice(2, 5))
            expect(await ids(store, { ...query, after: whole[0]!, offset: 1, limit: 2 }), `${what} after, offset`).toEqual(
              whole.slice(2, 4),
            )
            expect(await ids(store, { ...query, before: last, offset: 1, limit: 2 }), `${what} before, offset`).toEqual(
              whole.slice(0, -2).slice(-2),
            )
            expect(await ids(store, { ...query, after: whole[1]!, before: last }), `${what} between`).toEqual(whole.slice(2, -1))
            expect(await ids(store, { ...query, offset: 100 }), `${what} far`).toEqual([])
          }
    },
  },
  {
    name: 'search: a cursor need not pass the filter, and stands where it would be in the list',
    run: async ({ store }) => {
      const [a, b, c] = await all(store, [{ team: 'x' }, { team: 'y' }, { team: 'x' }])
      expect(await ids(store, { where: { team: 'x' }, after: b! })).toEqual([a])
      expect(await ids(store, { where: { team: 'x' }, before: b! })).toEqual([c])
      expect(await ids(store, { where: { team: 'x' }, sort: { attribute: 'team' }, order: 'asc', before: b! })).toEqual([a, c])
    },
  },
  {
    name: 'search: Builds that come in while a list is paged move nothing',
    run: async ({ store }) => {
      const first = await all(
        store,
        Array.from({ length: 10 }, () => ({ team: 'x' })),
      )
      const seen: string[] = []
      for (let after: string | undefined; ;) {
        const page = await ids(store, { where: { team: 'x' }, limit: 3, ...(after !== undefined && { after }) })
        if (page.length === 0) break
        seen.push(...page)
        after = page.at(-1)!
        await accept(store, { attributes: { team: 'x' } })
      }
      expect(seen).toEqual(first.toReversed())
    },
  },
  {
    name: 'search: what is no offset, sort or filter is refused',
    run: async ({ store }) => {
      await accept(store)
      const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`a${i}`, 'x']))
      for (const query of [{ offset: -1 }, { offset: 0.5 }, { sort: 'key' as never }, { sort: {} as never }, { where: many }])
        expect(await code(ids(store, query)), JSON.stringify(query)).toBe('invalid_argument')
      expect(await code(store.count('ann', { where: many }))).toBe('invalid_argument')
    },
  },
]
