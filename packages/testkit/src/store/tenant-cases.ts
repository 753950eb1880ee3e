import { toFailure } from '@kiln/core'
import { expect } from 'vitest'
import { accept, accepting, code, claim, digest, events, finishedBuild, stateOf, type StoreCase } from './world.ts'

export const tenantCases: readonly StoreCase[] = [
  {
    name: 'tenants: nothing of a Build can be seen or changed under another name than its tenant',
    run: async ({ store }) => {
      const done = await finishedBuild(store, { key: digest('k') })
      const waiting = await accept(store)
      await store.write('ann', 'agent', 'a', 1, 'new')
      for (const other of ['bob', 'Ann', 'ann ', 'ann%', '', 'an', 'ann\u0000']) {
        expect(await store.get(other, done.id), other).toBeUndefined()
        const calls = [
          () => store.cancel(other, waiting.id),
          () => store.remove(other, done.id),
          () => events(store, done.id, { tenant: other }),
        ]
        for (const call of calls) expect(await code(call()), other).toBe('not_found')
        expect(await store.list(other, { limit: 10 })).toEqual([])
        expect(await store.finished(other, digest('k'))).toEqual([])
        expect(await store.read(other, 'agent', { limit: 10 })).toEqual([])
        expect(await store.read(other, 'agent', { name: 'a', limit: 10 })).toEqual([])
        expect(await store.write(other, 'agent', 'a', null, 1)).toBe(false)
      }
      expect(await stateOf(store, waiting.id)).toBe('queued')
      expect(await stateOf(store, done.id)).toBe('succeeded')
    },
  },
  {
    name: 'tenants: idempotency keys and documents of the same name do not meet',
    run: async ({ store }) => {
      const idempotency = { key: 'once', request: digest('a') }
      await store.accept('ann', accepting({ idempotency }))
      expect((await store.accept('bob', accepting({ idempotency: { ...idempotency, request: digest('b') } }))).repeated).toBe(false)
      expect(await store.write('ann', 'agent', 'a', 1, 'new')).toBe(true)
      expect(await store.write('bob', 'agent', 'a', 2, 'new')).toBe(true)
      expect((await store.read('ann', 'agent', { limit: 10 }))[0]!.value).toBe(1)
    },
  },
  {
    name: 'tenants: a lease under another tenant is none',
    run: async ({ store }) => {
      await accept(store)
      const lease = { ...(await claim(store)), tenant: 'bob' }
      expect(await store.queue.renew(lease)).toBe('lost')
      expect(await store.queue.append(lease, 2, [])).toBe(false)
      expect(await store.queue.settle(lease, { state: 'cancelled', error: toFailure(new Error('x')) })).toBe(false)
      expect(await store.queue.sharers(lease)).toEqual([])
    },
  },
]
