import type { ListQuery, Store } from '@kiln/core'
import { expect } from 'vitest'
import { accept, claim, code, finishedBuild, type StoreCase } from './world.ts'

async function ids(store: Store, query: Partial<ListQuery> = {}): Promise<readonly string[]> {
  return (await store.list('ann', { limit: 100, ...query })).map(({ id }) => id)
}

async function several(store: Store, count: number): Promise<readonly string[]> {
  const made: string[] = []
  for (let i = 0; i < count; i++) made.push((await accept(store)).id)
  return made.toReversed()
}

export const listCases: readonly StoreCase[] = [
  {
    name: 'list: newest first in the order of acceptance, though the clock stands still or goes back',
    run: async ({ store, pass }) => {
      const older = await several(store, 5)
      pass(-60_000)
      const newer = await several(store, 5)
      expect(await ids(store)).toEqual([...newer, ...older])
      expect(await ids(store, { limit: 3 })).toEqual(newer.slice(0, 3))
    },
  },
  {
    name: 'list: `after` gives the older ones, `before` the newer ones next to it, both newest first',
    run: async ({ store }) => {
      const all = await several(store, 9)
      expect(await ids(store, { after: all[3]! })).toEqual(all.slice(4))
      expect(await ids(store, { after: all[3]!, limit: 2 })).toEqual(all.slice(4, 6))
      expect(await ids(store, { before: all[6]! })).toEqual(all.slice(0, 6))
      expect(await ids(store, { before: all[6]!, limit: 2 })).toEqual(all.slice(4, 6))
      expect(await ids(store, { after: all[1]!, before: all[6]! })).toEqual(all.slice(2, 6))
      expect(await ids(store, { after: all[8]! })).toEqual([])
    },
  },
  {
    name: 'list: pages meet without gap or repetition while Builds come in',
    run: async ({ store }) => {
      const all = await several(store, 20)
      const seen: string[] = []
      for (let after: string | undefined; ;) {
        const page = await ids(store, { limit: 3, ...(after === undefined ? {} : { after }) })
        seen.push(...page)
        await accept(store)
        if (page.length === 0) break
        after = page.at(-1)!
      }
      expect(seen).toEqual(all)
    },
  },
  {
    name: 'list: by name and by state, also after every change of state',
    run: async ({ store }) => {
      const done = await finishedBuild(store, { name: 'a' })
      const gone = await accept(store, { name: 'b' })
      await store.cancel('ann', gone.id)
      const running = await accept(store, { name: 'a' })
      const lease = await claim(store)
      const waiting = await accept(store, { name: 'b' })
      expect(await ids(store, { name: 'a' })).toEqual([running.id, done.id])
      for (const [state, id] of [
        ['succeeded', done.id],
        ['cancelled', gone.id],
        ['building', running.id],
        ['queued', waiting.id],
      ] as const)
        expect(await ids(store, { state }), state).toEqual([id])
      expect(await ids(store, { name: 'a', state: 'building' })).toEqual([running.id])
      await store.queue.release(lease, 'drain')
      expect(await ids(store, { state: 'queued' })).toEqual([waiting.id, running.id])
      expect(await ids(store, { state: 'building' })).toEqual([])
    },
  },
  {
    name: 'list: a Build that joined or was cancelled off a Run is listed under its own state',
    run: async ({ store }) => {
      const first = await accept(store)
      const lease = await claim(store)
      const joined = await accept(store, { key: first.key })
      await store.cancel('ann', first.id)
      expect(await ids(store, { state: 'building' })).toEqual([joined.id])
      expect(await ids(store, { state: 'cancelled' })).toEqual([first.id])
      await store.queue.release(lease, 'retry')
      expect([await ids(store, { state: 'queued' }), await ids(store, { state: 'cancelled' })]).toEqual([[joined.id], [first.id]])
    },
  },
  {
    name: 'list: a cursor that is unknown and a limit that is none are refused',
    run: async ({ store }) => {
      const { id } = await accept(store, {}, 'bob')
      for (const query of [
        { after: 'none' },
        { before: 'none' },
        { after: id },
        { before: id },
        { limit: 0 },
        { limit: 1.5 },
        { limit: 10_001 },
        { limit: NaN },
      ])
        expect(await code(ids(store, query)), JSON.stringify(query)).toBe('invalid_argument')
      expect(await ids(store, { limit: 10_000 })).toEqual([])
    },
  },
  {
    name: 'remove: takes a final Build, and its Run with the last one',
    run: async ({ store }) => {
      const first = await accept(store)
      const second = await accept(store, { key: first.key })
      for (const id of [first.id, second.id]) expect(await code(store.remove('ann', id))).toBe('invalid_argument')
      await store.queue.settle(await claim(store), {
        state: 'succeeded',
        built: { digest: first.key, digestKind: 'index', ref: 'r', bases: {}, builder: 'b' },
      })
      await store.remove('ann', first.id)
      expect(await store.get('ann', first.id)).toBeUndefined()
      expect(await store.get('ann', second.id)).toMatchObject({ state: 'succeeded' })
      expect((await store.finished('ann', first.key)).length).toBe(1)
      await store.remove('ann', second.id)
      expect(await store.finished('ann', first.key)).toEqual([])
      expect(await code(store.remove('ann', second.id))).toBe('not_found')
      expect(await ids(store)).toEqual([])
    },
  },
]
