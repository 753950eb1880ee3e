import { expect } from 'vitest'
import { accept, brief, claim, claimNothing, digest, events, hour, passBy, rules, stateOf, succeed, type StoreCase } from './world.ts'

export const claimCases: readonly StoreCase[] = [
  {
    name: 'claim: takes a Run with all a worker needs, and its Builds are building',
    run: async ({ store, now }) => {
      const first = await accept(store, { image: 'i/a', tags: ['t/a'], spec: { x: [1] } })
      await accept(store, { key: first.key, image: 'i/b' })
      const lease = await claim(store)
      const builds = [
        { image: 'i/a', tags: ['t/a'] },
        { image: 'i/b', tags: [] },
      ]
      expect(lease).toEqual({ tenant: 'ann', run: first.run, attempt: 1, tries: 1, nextSeq: 2, spec: { x: [1] }, builds })
      expect(await store.get('ann', first.id)).toMatchObject({ state: 'building', attempt: 1, startedAt: now() })
      await claimNothing(store)
    },
  },
  {
    name: 'claim: waits for a Run to come',
    run: async ({ store }) => {
      const waiting = claim(store)
      const { run } = await accept(store)
      expect((await waiting).run).toBe(run)
    },
  },
  {
    name: 'claim: waits for a Run that comes from another handle',
    run: async ({ store, again }) => {
      const other = await again()
      const waiting = claim(store)
      const { run } = await accept(other)
      expect((await waiting).run).toBe(run)
    },
  },
  {
    name: 'claim: many workers on two handles take each Run once',
    run: async ({ store, again }) => {
      const other = await again()
      const leases = Promise.all(Array.from({ length: 30 }, (_, i) => claim(i % 2 === 0 ? store : other)))
      const accepted = await Promise.all(Array.from({ length: 30 }, (_, i) => accept(i % 3 === 0 ? store : other)))
      expect((await leases).map(({ run }) => run).toSorted()).toEqual(accepted.map(({ run }) => run).toSorted())
      expect(new Set((await leases).map(({ attempt }) => attempt))).toEqual(new Set([1]))
    },
  },
  {
    name: 'claim: rejects with the reason of its signal, before and while it waits, and has taken nothing',
    run: async ({ store }) => {
      const reason = new Error('enough')
      await expect(store.queue.claim('w', { ...rules, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const stop = new AbortController()
      const waiting = store.queue.claim('w', { ...rules, signal: stop.signal })
      stop.abort(reason)
      await expect(waiting).rejects.toBe(reason)
      const { run } = await accept(store)
      await expect(store.queue.claim('w', { ...rules, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(await claim(store)).toMatchObject({ run, attempt: 1 })
    },
  },
  {
    name: 'claim: leaves the Runs of drivers that the worker does not have',
    run: async ({ store }) => {
      const other = await accept(store, { driver: { name: 'other', why: 'a test' } })
      await claimNothing(store)
      const own = await accept(store)
      expect((await claim(store)).run).toBe(own.run)
      expect((await claim(store, { drivers: ['fake', 'other'] })).run).toBe(other.run)
      await accept(store)
      await claimNothing(store, { drivers: [] })
    },
  },
  {
    name: 'claim: a tenant has at most `perTenant` building Runs, and the next comes when one has ended',
    run: async ({ store }) => {
      for (let i = 0; i < 4; i++) await accept(store)
      const [first, second] = [await claim(store, { perTenant: 2 }), await claim(store, { perTenant: 2 })]
      await claimNothing(store, { perTenant: 2 })
      const waiting = claim(store, { perTenant: 2 })
      await succeed(store, first)
      await waiting
      await claimNothing(store, { perTenant: 2 })
      await store.queue.release(second, 'drain')
      await claim(store, { perTenant: 2 })
      await claimNothing(store, { perTenant: 2 })
    },
  },
  {
    name: 'claim: tenants with the fewest building Runs come first, then the oldest Run',
    run: async ({ store }) => {
      for (let i = 0; i < 5; i++) await accept(store, {}, 'flood')
      await accept(store, {}, 'late')
      await accept(store, {}, 'last')
      await accept(store, {}, 'late')
      const order: string[] = []
      for (let i = 0; i < 8; i++) order.push((await claim(store)).tenant)
      expect(order).toEqual(['flood', 'late', 'last', 'flood', 'late', 'flood', 'flood', 'flood'])
    },
  },
  {
    name: 'claim: a Run that was handed back keeps its age',
    run: async ({ store }) => {
      const first = await accept(store)
      await accept(store)
      await store.queue.release(await claim(store), 'retry')
      expect((await claim(store)).run).toBe(first.run)
    },
  },
  {
    name: 'claim: a Run whose lease ran out is taken again, with the next attempt',
    run: async ({ store, pass, leaseMs }) => {
      const { id, run } = await accept(store)
      await claim(store)
      pass(leaseMs - 1)
      await claimNothing(store)
      pass(1)
      expect(await claim(store)).toMatchObject({ run, attempt: 2, nextSeq: 4 })
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 queued', '3 building'])
    },
  },
  {
    name: 'claim: a worker that waits sees by itself that a lease ran out',
    run: async ({ store, pass, leaseMs }) => {
      const { run } = await accept(store)
      await claim(store)
      const waiting = claim(store)
      pass(leaseMs)
      expect(await waiting).toMatchObject({ run, attempt: 2 })
    },
  },
  {
    name: 'claim: a lease that ran out at the last attempt ends the Run as worker_lost, for all its Builds',
    run: async ({ store, pass, leaseMs, now }) => {
      const { id, key } = await accept(store)
      const joined = await accept(store, { key })
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect((await claim(store)).attempt).toBe(attempt)
        pass(leaseMs)
      }
      await claimNothing(store)
      for (const one of [id, joined.id]) {
        const record = await store.get('ann', one)
        expect(record).toMatchObject({ state: 'failed', attempt: 3, endedAt: now(), error: { code: 'worker_lost', retryable: true } })
      }
      expect((await events(store, id)).at(-1)).toMatchObject({ type: 'state', state: 'failed', attempt: 3, error: { code: 'worker_lost' } })
    },
  },
  {
    name: 'claim: attempts handed back by `drain` are not counted, those by `retry` are',
    run: async ({ store, pass, leaseMs }) => {
      const { id } = await accept(store)
      for (let i = 0; i < 5; i++) await store.queue.release(await claim(store), 'drain')
      await store.queue.release(await claim(store), 'retry')
      await claim(store)
      pass(leaseMs)
      expect((await claim(store)).attempt).toBe(8)
      pass(leaseMs)
      await claimNothing(store)
      expect(await stateOf(store, id)).toBe('failed')
    },
  },
  {
    name: 'claim: a Run handed back by `retry` at its last attempt is not taken again',
    run: async ({ store }) => {
      const { id } = await accept(store)
      await store.queue.release(await claim(store, { attempts: 1 }), 'retry')
      await claimNothing(store, { attempts: 1 })
      expect(await store.get('ann', id)).toMatchObject({ state: 'failed', error: { code: 'worker_lost' } })
    },
  },
  {
    name: 'claim: ends what waited longer than `queueMs` as queue_expired, whatever its driver',
    run: async ({ store, pass }) => {
      const one = await accept(store, { driver: { name: 'other', why: 'a test' } })
      pass(hour / 2)
      const two = await accept(store, {}, 'bob')
      pass(hour / 2)
      await passBy(store)
      expect(await store.get('ann', one.id)).toMatchObject({ state: 'expired', attempt: 0, error: { code: 'queue_expired' } })
      expect(brief(await events(store, one.id))).toEqual(['0 queued', '1 expired'])
      expect(await stateOf(store, two.id, 'bob')).toBe('queued')
      expect((await claim(store)).run).toBe(two.run)
    },
  },
  {
    name: 'claim: waiting in the queue begins anew when a Run is handed back, and running does not count',
    run: async ({ store, pass, leaseMs }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      for (let t = 0; t < hour; t += leaseMs / 2) {
        pass(leaseMs / 2)
        expect(await store.queue.renew(lease)).toBe('keep')
      }
      await store.queue.release(lease, 'drain')
      pass(hour - 1)
      await passBy(store)
      expect(await stateOf(store, id)).toBe('queued')
      pass(1)
      await passBy(store)
      expect(await stateOf(store, id)).toBe('expired')
    },
  },
  {
    name: 'claim: an old Run whose driver nobody has does not hold up another tenant or Key',
    run: async ({ store }) => {
      await accept(store, { driver: { name: 'other', why: 'a test' }, key: digest('old') })
      const { run } = await accept(store, { key: digest('young') })
      expect((await claim(store)).run).toBe(run)
    },
  },
]
