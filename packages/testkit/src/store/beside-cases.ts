import type { NewDocument, QueueCaps, Store } from '@kiln/core'
import { expect } from 'vitest'
import {
  accept,
  accepting,
  brief,
  claim,
  claimNothing,
  code,
  day,
  digest,
  events,
  finishedBuild,
  passBy,
  succeed,
  type StoreCase,
} from './world.ts'

const agent = (name: string, value: NewDocument['value'] = { of: name }): NewDocument => ({ kind: 'agent', name, value })
const versions = async (store: Store): Promise<unknown> =>
  (await store.read('ann', 'agent', { limit: 10 })).map(({ name, version, value }) => [name, version, value])

const registration = {
  name: 'agent',
  key: digest('registered'),
  image: 'example.com/theirs:1',
  tags: [],
  attributes: { by: 'url' },
  inputs: { tree: digest('nothing'), recipe: digest('nothing'), parts: {} },
}

const caps = (perTenant: number, total: number): { readonly queue: QueueCaps } => ({ queue: { perTenant, total } })

export const besideCases: readonly StoreCase[] = [
  {
    name: 'accept: documents are written with the Build, as their first version',
    run: async ({ store }) => {
      await accept(store, { documents: [agent('a', [1]), agent('b'), { kind: 'other', name: 'a', value: 2 }] })
      expect(await versions(store)).toEqual([
        ['a', 1, [1]],
        ['b', 1, { of: 'b' }],
      ])
      expect(await store.read('ann', 'other', { limit: 5 })).toEqual([{ name: 'a', version: 1, value: 2 }])
      expect(await store.read('bob', 'agent', { limit: 5 })).toEqual([])
      expect(await store.write('ann', 'agent', 'a', 3, 1)).toBe(true)
    },
  },
  {
    name: 'accept: a document that is there refuses all: no Build, no Run, no other document',
    run: async ({ store }) => {
      await store.write('ann', 'agent', 'taken', 1, 'new')
      for (const documents of [
        [agent('free'), agent('taken')],
        [agent('free'), agent('free')],
      ]) {
        expect(await code(store.accept('ann', accepting({ documents })))).toBe('document_exists')
        expect(await code(store.register('ann', { ...registration, documents }))).toBe('document_exists')
      }
      expect([await store.count('ann', {}), await versions(store)]).toEqual([0, [['taken', 1, 1]]])
      await claimNothing(store)
      await accept(store, { documents: [agent('free')] }, 'bob')
      await accept(store, { documents: [agent('free')] })
      expect(await store.count('ann', {})).toBe(1)
    },
  },
  {
    name: 'accept: of many at once that want the same document one gets it, with its Build',
    run: async ({ store }) => {
      const tries = Array.from({ length: 20 }, (_, i) => accept(store, { documents: [agent('a', i)] }))
      const done = await Promise.allSettled(tries)
      expect(done.filter(({ status }) => status === 'fulfilled').length).toBe(1)
      expect(await store.count('ann', {})).toBe(1)
      expect(await versions(store)).toEqual([['a', 1, done.findIndex(({ status }) => status === 'fulfilled')]])
    },
  },
  {
    name: 'accept: a repeat writes no documents, and is not refused by its own',
    run: async ({ store }) => {
      const once = { documents: [agent('a')], idempotency: { key: 'once', request: digest('a') } }
      const first = await store.accept('ann', accepting(once))
      const again = await store.accept('ann', accepting({ ...once, documents: [agent('b')] }))
      expect(again).toMatchObject({ repeated: true, record: { id: first.record.id } })
      expect(await versions(store)).toEqual([['a', 1, { of: 'a' }]])
    },
  },
  {
    name: 'accept: documents of a hit and of one that joins are written too',
    run: async ({ store }) => {
      const first = await accept(store)
      await accept(store, { key: first.key, documents: [agent('joined')] })
      await succeed(store, await claim(store))
      await accept(store, { key: first.key, hit: first.run, documents: [agent('hit')] })
      expect(await versions(store)).toMatchObject(
        [
          ['hit', 1],
          ['joined', 1],
        ].map((one) => [...one, expect.anything()]),
      )
    },
  },
  {
    name: 'accept: a full queue refuses new Runs of the tenant, and of all, and stores nothing',
    run: async ({ store }) => {
      await accept(store, caps(2, 3))
      await accept(store, caps(2, 3))
      expect(await code(accept(store, { ...caps(2, 3), documents: [agent('a')] }))).toBe('queue_full')
      expect([await store.count('ann', {}), await versions(store)]).toEqual([2, []])
      await accept(store, caps(2, 3), 'bob')
      expect(await code(accept(store, caps(2, 3), 'cid'))).toBe('queue_full')
      expect(await store.count('cid', {})).toBe(0)
      // what is claimed waits no more
      await claim(store)
      await accept(store, caps(2, 3), 'cid')
      expect(await code(accept(store, caps(0, 100), 'dan'))).toBe('queue_full')
    },
  },
  {
    name: 'accept: a full queue refuses no hit, no repeat, and nobody who joins',
    run: async ({ store }) => {
      const done = await finishedBuild(store, { key: digest('done') })
      const idempotency = { key: 'once', request: digest('a') }
      const waiting = await accept(store, { key: digest('waiting'), idempotency })
      const full = caps(1, 1)
      expect(await code(accept(store, full))).toBe('queue_full')
      expect((await accept(store, { ...full, key: done.key, hit: done.run })).reuse).toBe('hit')
      expect((await accept(store, { ...full, key: waiting.key })).reuse).toBe('joined')
      expect((await accept(store, { ...full, key: waiting.key, idempotency })).id).toBe(waiting.id)
    },
  },
  {
    name: 'accept: of many at once no more get in than the queue takes',
    run: async ({ store }) => {
      const done = await Promise.allSettled(Array.from({ length: 30 }, () => accept(store, caps(7, 100))))
      expect(done.filter(({ status }) => status === 'fulfilled').length).toBe(7)
      expect(await store.load()).toEqual({ queued: 7, building: 0 })
    },
  },
  {
    name: 'load: the Runs of all tenants that wait and that are worked on',
    run: async ({ store }) => {
      expect(await store.load()).toEqual({ queued: 0, building: 0 })
      const first = await accept(store)
      await accept(store, { key: first.key })
      await accept(store, {}, 'bob')
      await accept(store, { driver: { name: 'elsewhere', why: 'x' } })
      expect(await store.load()).toEqual({ queued: 3, building: 0 })
      const lease = await claim(store)
      expect(await store.load()).toEqual({ queued: 2, building: 1 })
      await succeed(store, lease)
      expect(await store.load()).toEqual({ queued: 2, building: 0 })
    },
  },
  {
    name: 'register: a Build that is succeeded at once, of no driver and with no result',
    run: async ({ store, now }) => {
      const { record, repeated } = await store.register('ann', { ...registration, documents: [agent('a')] })
      expect(repeated).toBe(false)
      expect(record).toEqual({
        ...registration,
        id: record.id,
        run: record.run,
        state: 'succeeded',
        cancelling: false,
        reuse: 'none',
        attempt: 0,
        driver: { name: 'none', why: 'registered' },
        acceptedAt: now(),
        endedAt: now(),
      })
      expect(await store.get('ann', record.id)).toEqual(record)
      expect(await store.list('ann', { limit: 5, where: { by: 'url' }, state: 'succeeded' })).toEqual([record])
      expect(await versions(store)).toEqual([['a', 1, { of: 'a' }]])
      expect(brief(await events(store, record.id, { follow: true }))).toEqual(['0 queued', '1 succeeded'])
      expect(await store.cancel('ann', record.id)).toEqual(record)
    },
  },
  {
    name: 'register: is never claimed, never a hit, never joined',
    run: async ({ store }) => {
      const { record } = await store.register('ann', registration)
      expect(await store.load()).toEqual({ queued: 0, building: 0 })
      await claimNothing(store, { drivers: ['fake', 'none'] })
      expect(await store.finished('ann', registration.key)).toEqual([])
      expect(await code(accept(store, { key: registration.key, hit: record.run }))).toBe('not_found')
      expect(await accept(store, { key: registration.key })).toMatchObject({ reuse: 'none', state: 'queued' })
    },
  },
  {
    name: 'register: the same idempotency key answers with the first, another request is refused',
    run: async ({ store }) => {
      const once = { ...registration, idempotency: { key: 'once', request: digest('a') } }
      const { record } = await store.register('ann', once)
      expect(await store.register('ann', once)).toEqual({ record, repeated: true })
      expect(await code(store.register('ann', { ...once, idempotency: { key: 'once', request: digest('b') } }))).toBe(
        'idempotency_mismatch',
      )
      expect(await store.count('ann', {})).toBe(1)
    },
  },
  {
    name: 'register: is removed and pruned like any other',
    run: async ({ store, pass }) => {
      const { record } = await store.register('ann', registration)
      await store.remove('ann', record.id)
      expect(await store.get('ann', record.id)).toBeUndefined()
      const second = await store.register('ann', registration)
      pass(90 * day)
      await passBy(store)
      await store.prune({ records: 89 * day, logs: day, contexts: day, failedContexts: day })
      expect(await store.get('ann', second.record.id)).toBeUndefined()
    },
  },
]
