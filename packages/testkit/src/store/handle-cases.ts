import { expect } from 'vitest'
import {
  accept,
  accepting,
  brief,
  built,
  claim,
  code,
  digest,
  events,
  finishedBuild,
  log,
  rules,
  stateOf,
  succeed,
  type StoreCase,
} from './world.ts'

export const handleCases: readonly StoreCase[] = [
  {
    name: 'handles: what one has answered the other sees at once, whatever it is',
    run: async ({ store, again }) => {
      const other = await again()
      const { id, run } = await accept(store, { key: digest('k') })
      expect((await other.accept('ann', accepting({ key: digest('k') }))).record.run).toBe(run)
      const lease = await claim(other)
      expect(await stateOf(store, id)).toBe('building')
      expect(await store.queue.append(lease, 2, [log('a')])).toBe(true)
      await store.cancel('ann', id)
      expect(brief(await events(other, id))).toEqual(['0 queued', '1 building', '2 a', '3 cancelled'])
      await succeed(store, lease)
      expect(await other.queue.settle(lease, { state: 'succeeded', built: built('other') })).toBe(false)
    },
  },
  {
    name: 'handles: all of it is there when the store is opened anew',
    run: async ({ store, again, pass, leaseMs }) => {
      const first = await again()
      const done = await finishedBuild(first, { idempotency: { key: 'once', request: digest('a') } })
      const running = await accept(first)
      const lease = await claim(first)
      await first.queue.append(lease, 2, [log('a')])
      await first.queue.commit(lease, built('winner'))
      await first.write('ann', 'agent', 'a', { x: 1 }, 'new')
      const [records, seen] = [await first.list('ann', { limit: 10 }), await events(first, done.id)]
      await first[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      const second = await again()
      expect(await second.list('ann', { limit: 10 })).toEqual(records)
      expect(await events(second, done.id)).toEqual(seen)
      expect((await second.accept('ann', accepting({ idempotency: { key: 'once', request: digest('a') } }))).record.id).toBe(done.id)
      expect((await second.read('ann', 'agent', { limit: 1 }))[0]).toEqual({ name: 'a', version: 1, value: { x: 1 } })
      expect(await second.queue.append(lease, 3, [log('b')])).toBe(true)
      pass(leaseMs)
      expect(await claim(second)).toMatchObject({ run: running.run, attempt: 2, built: built('winner') })
    },
  },
  {
    name: 'handles: who reads a final Build cannot change what the next one reads',
    run: async ({ store }) => {
      const { id } = await finishedBuild(store, { attributes: { by: 'ann' } })
      const record = await store.get('ann', id)
      try {
        ;(record!.attributes as Record<string, string>)['by'] = 'bob'
      } catch {
        // frozen, or a copy: both will do
      }
      expect((await store.get('ann', id))!.attributes).toEqual({ by: 'ann' })
    },
  },
  {
    name: 'handles: a closed one refuses with `closed`, and who waits is told',
    run: async ({ store }) => {
      const { id } = await accept(store, { driver: { name: 'other', why: 'a test' } })
      const waiting = [
        store.queue.claim('w', rules),
        events(store, id, { follow: true }),
        events(store, id, { follow: true, after: 0 }),
      ].map(code)
      await new Promise((resolve) => setTimeout(resolve, 20))
      await store[Symbol.asyncDispose]()
      expect(await Promise.all(waiting)).toEqual(['closed', 'closed', 'closed'])
      const calls = [
        store.get('ann', id),
        store.accept('ann', accepting()),
        store.list('ann', { limit: 1 }),
        events(store, id),
        store.queue.claim('w', rules),
      ]
      expect(await Promise.all(calls.map(code))).toEqual(Array.from(calls, () => 'closed'))
      await store[Symbol.asyncDispose]()
    },
  },
  {
    name: 'handles: what was asked before the close is done or refused, not lost',
    run: async ({ store }) => {
      const asked = Array.from({ length: 20 }, (_, i) => code(store.accept('ann', accepting({ key: digest(`${i}`) }))))
      await store[Symbol.asyncDispose]()
      for (const answer of await Promise.all(asked)) expect(['no error', 'closed']).toContain(answer)
    },
  },
]
