import type { Lease, Store } from '@kiln/core'
import { expect } from 'vitest'
import { accept, brief, built, claim, claimNothing, code, events, log, passBy, stateOf, succeed, type StoreCase } from './world.ts'

const failed = { code: 'step_failed', message: 'pip failed', hint: 'Look.', retryable: false, data: { step: '2' } } as const

/** Every write of a lease that was lost: refused, and nothing of it stored. */
async function expectRefused(store: Store, lease: Lease): Promise<void> {
  expect(await store.queue.renew(lease)).toBe('lost')
  expect(await store.queue.append(lease, lease.nextSeq, [log('foreign')])).toBe(false)
  expect(await store.queue.commit(lease, built('foreign'))).toBe(false)
  expect(await store.queue.settle(lease, { state: 'succeeded', built: built('foreign') })).toBe(false)
  expect(await store.queue.settle(lease, { state: 'failed', error: failed })).toBe(false)
  await store.queue.release(lease, 'drain')
  expect(await store.queue.alive(lease.run, lease.attempt)).toBe(false)
}

export const leaseCases: readonly StoreCase[] = [
  {
    name: 'lease: renew keeps it alive on the clock of the store',
    run: async ({ store, pass, leaseMs }) => {
      await accept(store)
      const lease = await claim(store)
      for (let i = 0; i < 10; i++) {
        pass(leaseMs - 1)
        expect(await store.queue.renew(lease)).toBe('keep')
      }
      await claimNothing(store)
      expect(store.queue.leaseMs).toBe(leaseMs)
    },
  },
  {
    name: 'lease: one that ran out and that nobody has taken can still be renewed and used',
    run: async ({ store, pass, leaseMs }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      pass(leaseMs * 2)
      expect(await store.queue.append(lease, 2, [log('late')])).toBe(true)
      expect(await store.queue.renew(lease)).toBe('keep')
      await claimNothing(store)
      await succeed(store, lease)
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 late', '3 succeeded'])
    },
  },
  {
    name: 'lease: once another attempt exists, every write of the old one is refused',
    run: async ({ store, pass, leaseMs }) => {
      const { id } = await accept(store)
      const old = await claim(store)
      pass(leaseMs)
      const lease = await claim(store)
      await expectRefused(store, old)
      expect(await store.queue.append(lease, lease.nextSeq, [log('own')])).toBe(true)
      await succeed(store, lease)
      await expectRefused(store, old)
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 queued', '3 building', '4 own', '5 succeeded'])
      expect((await store.get('ann', id))?.built).toMatchObject({ ...built(), ref: expect.any(String) })
    },
  },
  {
    name: 'lease: once it was found to have run out, it is lost, though nobody has taken the Run',
    run: async ({ store, pass, leaseMs }) => {
      const { id } = await accept(store)
      const old = await claim(store)
      pass(leaseMs)
      await passBy(store)
      expect(await stateOf(store, id)).toBe('queued')
      await expectRefused(store, old)
      expect(await stateOf(store, id)).toBe('queued')
    },
  },
  {
    name: 'lease: after settle, release and the end of the Run it is lost',
    run: async ({ store }) => {
      await accept(store)
      const released = await claim(store)
      await store.queue.release(released, 'retry')
      await expectRefused(store, released)
      const settled = await claim(store)
      await succeed(store, settled)
      await expectRefused(store, settled)
    },
  },
  {
    name: 'lease: after the Build and its Run were removed it is lost',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      await succeed(store, lease)
      await store.remove('ann', id)
      await expectRefused(store, lease)
    },
  },
  {
    name: 'lease: alive is true for the newest attempt while its lease has not run out',
    run: async ({ store, pass, leaseMs }) => {
      await accept(store)
      const lease = await claim(store)
      const alive = (attempt: number): Promise<boolean> => store.queue.alive(lease.run, attempt)
      expect(await Promise.all([alive(1), alive(2), alive(0), store.queue.alive('unknown', 1)])).toEqual([true, false, false, false])
      pass(leaseMs)
      expect(await alive(1)).toBe(false)
      await claim(store)
      expect([await alive(1), await alive(2)]).toEqual([false, true])
    },
  },
  {
    name: 'settle: each outcome ends every Build that shares the Run, in one commit',
    run: async ({ store, now }) => {
      for (const state of ['failed', 'cancelled', 'timed_out', 'expired'] as const) {
        const { id, key } = await accept(store)
        const joined = await accept(store, { key })
        expect(await store.queue.settle(await claim(store), { state, error: failed })).toBe(true)
        for (const one of [id, joined.id])
          expect(await store.get('ann', one)).toMatchObject({ state, error: failed, endedAt: now(), cancelling: false })
        expect((await events(store, id)).at(-1)).toMatchObject({ state, error: failed })
      }
      const { id, key } = await accept(store)
      const joined = await accept(store, { key })
      await succeed(store, await claim(store))
      for (const one of [id, joined.id]) {
        const record = await store.get('ann', one)
        expect(record).toMatchObject({ state: 'succeeded', built: { ...built(), ref: record?.image }, endedAt: now() })
        expect(record).not.toHaveProperty('error')
      }
    },
  },
  {
    name: 'settle: counts once',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      await succeed(store, lease)
      expect(await store.queue.settle(lease, { state: 'failed', error: failed })).toBe(false)
      expect(await stateOf(store, id)).toBe('succeeded')
    },
  },
  {
    name: 'commit: fixes the result; a later claim gets it, and another result is refused',
    run: async ({ store, pass, leaseMs }) => {
      const { id } = await accept(store)
      const first = await claim(store)
      expect(await store.queue.commit(first, built('winner'))).toBe(true)
      expect(await store.queue.commit(first, built('winner'))).toBe(true)
      expect(await store.get('ann', id)).toMatchObject({ state: 'building' })
      expect(await store.get('ann', id)).not.toHaveProperty('built')
      pass(leaseMs)
      const second = await claim(store)
      expect(second.built).toEqual(built('winner'))
      expect(await store.queue.commit(second, built('other'))).toBe(false)
      expect(await store.queue.commit(first, built('winner'))).toBe(false)
      await succeed(store, second, 'other')
      const record = await store.get('ann', id)
      expect(record?.built).toEqual({ ...built('winner'), ref: record?.image })
    },
  },
  {
    name: 'commit: survives a release',
    run: async ({ store }) => {
      await accept(store)
      const first = await claim(store)
      expect(first).not.toHaveProperty('built')
      await store.queue.commit(first, built('winner'))
      await store.queue.release(first, 'drain')
      expect((await claim(store)).built).toEqual(built('winner'))
    },
  },
  {
    name: 'sharers: the Builds on the Run now, those that joined after the claim too, not those cancelled off it',
    run: async ({ store }) => {
      const first = await accept(store, { image: 'i/1' })
      const lease = await claim(store)
      await accept(store, { key: first.key, image: 'i/2', tags: ['t/2'] })
      await store.cancel('ann', first.id)
      expect(await store.queue.sharers(lease)).toEqual([{ image: 'i/2', tags: ['t/2'] }])
      await accept(store, { key: first.key, image: 'i/3' })
      await succeed(store, lease)
      expect((await store.queue.sharers(lease)).map(({ image }) => image)).toEqual(['i/2', 'i/3'])
    },
  },
  {
    name: 'append: numbers go on without a gap; the same first number again counts once; a gap is refused',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      const append = (first: number, ...texts: readonly string[]): Promise<boolean> => store.queue.append(lease, first, texts.map(log))
      expect(await append(2, 'a', 'b')).toBe(true)
      expect(await append(2, 'a', 'b')).toBe(true)
      expect(await append(2, 'a', 'b', 'c')).toBe(true)
      expect(await append(3, 'x')).toBe(true)
      expect(await append(5)).toBe(true)
      expect(await append(5, 'd')).toBe(true)
      for (const first of [7, 1, 0, -1, 2.5, NaN]) expect(await code(append(first, 'x')), String(first)).toBe('invalid_argument')
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 a', '3 b', '4 c', '5 d'])
      expect((await events(store, id))[2]).toEqual({ seq: 2, at: 7, attempt: 1, step: '1', type: 'log', stream: 'out', text: 'a' })
    },
  },
  {
    name: 'append: a later attempt cannot write among the events of an earlier one',
    run: async ({ store }) => {
      await accept(store)
      const first = await claim(store)
      await store.queue.append(first, 2, [log('a')])
      await store.queue.release(first, 'retry')
      const second = await claim(store)
      expect(second.nextSeq).toBe(5)
      expect(await code(store.queue.append(second, 2, [log('a')]))).toBe('invalid_argument')
      expect(await store.queue.append(second, 5, [log('b')])).toBe(true)
    },
  },
]
