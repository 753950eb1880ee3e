import { expect } from 'vitest'
import {
  accept,
  accepting,
  brief,
  claim,
  claimNothing,
  code,
  events,
  finishedBuild,
  log,
  stateOf,
  succeed,
  type StoreCase,
} from './world.ts'

const stopped = { code: 'cancelled', message: 'stopped', hint: 'None.', retryable: false, data: {} } as const

export const cancelCases: readonly StoreCase[] = [
  {
    name: 'cancel: the only Build of a queued Run is cancelled at once, and the Run never taken',
    run: async ({ store, now }) => {
      const { id } = await accept(store)
      expect(await store.cancel('ann', id)).toMatchObject({
        id,
        state: 'cancelled',
        cancelling: false,
        endedAt: now(),
        error: { code: 'cancelled' },
      })
      await claimNothing(store)
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 cancelled'])
    },
  },
  {
    name: 'cancel: one of several Builds of a queued Run is cancelled at once, and the others go on',
    run: async ({ store }) => {
      const first = await accept(store)
      const second = await accept(store, { key: first.key })
      expect(await store.cancel('ann', first.id)).toMatchObject({ state: 'cancelled', attempt: 0 })
      const lease = await claim(store)
      await succeed(store, lease)
      expect(await stateOf(store, second.id)).toBe('succeeded')
      const record = await store.get('ann', first.id)
      expect(record).toMatchObject({ state: 'cancelled', attempt: 0, error: { code: 'cancelled' } })
      for (const field of ['built', 'startedAt']) expect(record).not.toHaveProperty(field)
    },
  },
  {
    name: 'cancel: the only Build of a building Run is cancelling until the worker has stopped',
    run: async ({ store, now, pass }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      expect(await store.queue.renew(lease)).toBe('keep')
      expect(await store.cancel('ann', id)).toMatchObject({ state: 'building', cancelling: true })
      expect(await store.queue.renew(lease)).toBe('cancel')
      expect(await store.queue.append(lease, 2, [log('last words')])).toBe(true)
      pass(1000)
      expect(await store.queue.settle(lease, { state: 'cancelled', error: stopped })).toBe(true)
      expect(await store.get('ann', id)).toMatchObject({ state: 'cancelled', cancelling: false, error: stopped, endedAt: now() })
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 last words', '3 cancelled'])
    },
  },
  {
    name: 'cancel: Builds leave a building Run one by one, at once; the last one stops it',
    run: async ({ store }) => {
      const first = await accept(store)
      const second = await accept(store, { key: first.key })
      const third = await accept(store, { key: first.key })
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a')])
      expect(await store.cancel('ann', first.id)).toMatchObject({ state: 'cancelled', cancelling: false, attempt: 1 })
      await store.queue.append(lease, 3, [log('b')])
      expect(await store.cancel('ann', second.id)).toMatchObject({ state: 'cancelled' })
      expect(await store.queue.renew(lease)).toBe('keep')
      expect(await store.cancel('ann', third.id)).toMatchObject({ state: 'building', cancelling: true })
      expect(await store.queue.renew(lease)).toBe('cancel')
      expect(await store.get('ann', first.id)).toMatchObject({ state: 'cancelled', cancelling: false })
      await store.queue.settle(lease, { state: 'cancelled', error: stopped })
      expect(brief(await events(store, first.id))).toEqual(['0 queued', '1 building', '2 a', '3 cancelled'])
      expect(brief(await events(store, second.id))).toEqual(['0 queued', '1 building', '2 a', '3 b', '4 cancelled'])
      expect(brief(await events(store, third.id))).toEqual(['0 queued', '1 building', '2 a', '3 b', '4 cancelled'])
    },
  },
  {
    name: 'cancel: is idempotent at every state, and a final Build is answered as it is',
    run: async ({ store, pass }) => {
      const queued = await accept(store)
      const once = await store.cancel('ann', queued.id)
      const shared = await accept(store)
      await accept(store, { key: shared.key })
      await claim(store)
      const off = await store.cancel('ann', shared.id)
      const sole = await accept(store)
      const lease = await claim(store)
      const flagged = await store.cancel('ann', sole.id)
      pass(5_000)
      expect(await store.cancel('ann', queued.id)).toEqual(once)
      expect(await store.cancel('ann', shared.id)).toEqual(off)
      expect(await store.cancel('ann', sole.id)).toEqual(flagged)
      await succeed(store, lease)
      const done = await store.get('ann', sole.id)
      expect(done).toMatchObject({ state: 'succeeded', cancelling: false })
      expect(await store.cancel('ann', sole.id)).toEqual(done)
    },
  },
  {
    name: 'cancel: a hit is succeeded and stays so',
    run: async ({ store }) => {
      const first = await finishedBuild(store)
      const hit = await store.accept('ann', accepting({ key: first.key, hit: first.run }))
      expect(await store.cancel('ann', hit.record.id)).toEqual(hit.record)
    },
  },
  {
    name: 'cancel: a Run that is being cancelled is not joined; the same Key runs anew beside it',
    run: async ({ store }) => {
      const first = await accept(store)
      const old = await claim(store)
      await store.cancel('ann', first.id)
      const { record, reuse } = await store.accept('ann', accepting({ key: first.key }))
      expect(reuse).toBe('none')
      expect((await store.accept('ann', accepting({ key: first.key }))).record.run).toBe(record.run)
      await succeed(store, await claim(store))
      await store.queue.settle(old, { state: 'cancelled', error: stopped })
      expect([await stateOf(store, first.id), await stateOf(store, record.id)]).toEqual(['cancelled', 'succeeded'])
    },
  },
  {
    name: 'cancel: a Run that is being cancelled and loses its lease, or is handed back, is cancelled',
    run: async ({ store, pass, leaseMs }) => {
      const lost = await accept(store)
      await claim(store)
      await store.cancel('ann', lost.id)
      pass(leaseMs)
      // not worker_lost either, where that was the last attempt
      await claimNothing(store, { attempts: 1 })
      expect(await store.get('ann', lost.id)).toMatchObject({ state: 'cancelled', cancelling: false, attempt: 1 })
      for (const why of ['drain', 'retry'] as const) {
        const back = await accept(store)
        const lease = await claim(store)
        await store.cancel('ann', back.id)
        await store.queue.release(lease, why)
        expect(await stateOf(store, back.id)).toBe('cancelled')
      }
      await claimNothing(store)
    },
  },
  {
    name: 'cancel: after a lost lease the Run is queued again, and cancelled at once',
    run: async ({ store }) => {
      const { id } = await accept(store)
      await store.queue.release(await claim(store), 'retry')
      expect(await store.cancel('ann', id)).toMatchObject({ state: 'cancelled', attempt: 1 })
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 queued', '3 cancelled'])
    },
  },
  {
    name: 'cancel: an unknown Build is not_found',
    run: async ({ store }) => {
      expect(await code(store.cancel('ann', 'none'))).toBe('not_found')
    },
  },
  {
    name: 'cancel: at the same moment as settle, a Build has one end',
    run: async ({ store }) => {
      for (let i = 0; i < 20; i++) {
        const { id } = await accept(store)
        const lease = await claim(store)
        const both = [() => store.cancel('ann', id), () => succeed(store, lease)]
        await Promise.all((i % 2 === 0 ? both : both.toReversed()).map((act) => act()))
        expect(await stateOf(store, id)).toBe('succeeded')
        expect((await events(store, id)).filter((event) => event.type === 'state' && event.state === 'succeeded').length).toBe(1)
      }
    },
  },
]
