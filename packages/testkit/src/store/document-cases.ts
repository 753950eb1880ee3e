import type { Store } from '@kiln/core'
import { expect } from 'vitest'
import { code, type StoreCase } from './world.ts'

async function names(store: Store, query: { after?: string; limit?: number } = {}): Promise<readonly string[]> {
  return (await store.read('ann', 'agent', { limit: 100, ...query })).map(({ name }) => name)
}

export const documentCases: readonly StoreCase[] = [
  {
    name: 'documents: written new, read by name and changed by the expected version only',
    run: async ({ store }) => {
      expect(await store.write('ann', 'agent', 'a', { x: [1, null] }, 'new')).toBe(true)
      expect(await store.write('ann', 'agent', 'a', { x: 2 }, 'new')).toBe(false)
      expect(await store.read('ann', 'agent', { name: 'a', limit: 1 })).toEqual([{ name: 'a', version: 1, value: { x: [1, null] } }])
      expect(await store.write('ann', 'agent', 'a', 'text', 2)).toBe(false)
      expect(await store.write('ann', 'agent', 'a', 'text', 1)).toBe(true)
      expect(await store.write('ann', 'agent', 'a', 'other', 1)).toBe(false)
      expect(await store.read('ann', 'agent', { name: 'a', limit: 1 })).toEqual([{ name: 'a', version: 2, value: 'text' }])
      expect(await store.write('ann', 'agent', 'b', 1, 1)).toBe(false)
      expect(await store.read('ann', 'agent', { name: 'b', limit: 1 })).toEqual([])
    },
  },
  {
    name: 'documents: of many writers with the same expectation one wins',
    run: async ({ store }) => {
      await store.write('ann', 'agent', 'a', 0, 'new')
      const won = await Promise.all(Array.from({ length: 20 }, (_, i) => store.write('ann', 'agent', 'a', i + 1, 1)))
      const [document] = await store.read('ann', 'agent', { name: 'a', limit: 1 })
      expect(won.filter(Boolean).length).toBe(1)
      expect(document).toEqual({ name: 'a', version: 2, value: won.indexOf(true) + 1 })
    },
  },
  {
    name: 'documents: null removes, with the expected version only',
    run: async ({ store }) => {
      await store.write('ann', 'agent', 'a', 1, 'new')
      expect(await store.write('ann', 'agent', 'a', null, 'new')).toBe(false)
      expect(await store.write('ann', 'agent', 'a', null, 1)).toBe(true)
      expect(await names(store)).toEqual([])
      expect(await store.write('ann', 'agent', 'a', null, 1)).toBe(false)
      expect(await store.write('ann', 'agent', 'a', 1, 'new')).toBe(true)
    },
  },
  {
    name: 'documents: listed by the bytes of their names, page by page, each kind by itself',
    run: async ({ store }) => {
      for (const name of ['b', 'a', '😀', '\uffee', 'B', 'ä', '__proto__']) await store.write('ann', 'agent', name, 1, 'new')
      await store.write('ann', 'key', 'c', 1, 'new')
      const all = ['B', '__proto__', 'a', 'b', 'ä', '\uffee', '😀']
      expect(await names(store)).toEqual(all)
      expect(await names(store, { limit: 2 })).toEqual(all.slice(0, 2))
      expect(await names(store, { after: '__proto__', limit: 2 })).toEqual(all.slice(2, 4))
      expect(await names(store, { after: 'aa' })).toEqual(all.slice(3))
      expect(await names(store, { after: '\uffee' })).toEqual(['😀'])
    },
  },
  {
    name: 'documents: a limit that is none, and a value that is no JSON, are refused',
    run: async ({ store }) => {
      for (const limit of [0, -1, 1.5, 10_001])
        expect(await code(store.read('ann', 'agent', { limit })), String(limit)).toBe('invalid_argument')
      expect(await code(store.write('ann', 'agent', 'a', undefined as never, 'new'))).toBe('invalid_argument')
      expect(await names(store)).toEqual([])
    },
  },
]
