import type { BuildRecord } from '@kiln/core'
import { expect } from 'vitest'
import { accept, accepting, built, claim, code, day, digest, events, brief, finishedBuild, succeed, type StoreCase } from './world.ts'

/** Writes over everything that can be written over. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const part of Object.values(value)) spoil(part)
  for (const key of Object.keys(value)) Reflect.set(value, key, 'spoiled')
}

const request = (key: string, of: string): { idempotency: { key: string; request: ReturnType<typeof digest> } } => ({
  idempotency: { key, request: digest(of) },
})

export const acceptCases: readonly StoreCase[] = [
  {
    name: 'accept: a new Build is queued, with all that was accepted, and can be read at once',
    run: async ({ store, now }) => {
      const given = accepting({ tags: ['example.com/a:b'], attributes: { __proto__x: '1', team: 'ä "quoted"\u2028' } })
      const { record, reuse, repeated } = await store.accept('ann', given)
      expect({ reuse, repeated }).toEqual({ reuse: 'none', repeated: false })
      const { spec: _, ...shown } = given
      expect(record).toEqual({
        ...shown,
        id: record.id,
        run: record.run,
        state: 'queued',
        cancelling: false,
        reuse: 'none',
        attempt: 0,
        acceptedAt: now(),
      })
      expect(await store.get('ann', record.id)).toEqual(record)
    },
  },
  {
    name: 'accept: what the caller changes afterwards changes nothing',
    run: async ({ store }) => {
      const attributes: Record<string, string> = { team: 'a' }
      const { record } = await store.accept('ann', accepting({ attributes }))
      attributes['team'] = 'b'
      expect((await store.get('ann', record.id))?.attributes).toEqual({ team: 'a' })
    },
  },
  {
    name: 'accept: what is answered belongs to the caller, who cannot change with it what is kept',
    run: async ({ store }) => {
      const more = { key: digest('k'), tags: ['a'], attributes: { team: 'a' } }
      const hit = async () => {
        const [earlier] = await store.finished('ann', digest('k'))
        return (await store.accept('ann', accepting({ ...more, hit: earlier!.run }))).record
      }
      const spoiled = async (record: BuildRecord): Promise<void> => {
        const before = structuredClone(record)
        spoil(record)
        expect(await store.get('ann', before.id)).toEqual(before)
        spoil([await store.get('ann', before.id), await store.list('ann', { limit: 10 })])
        expect(await store.get('ann', before.id)).toEqual(before)
      }
      const first = (await store.accept('ann', accepting(more))).record
      await spoiled(first)
      await spoiled((await store.accept('ann', accepting(more))).record)
      await succeed(store, await claim(store))
      const finished = structuredClone(await store.finished('ann', digest('k')))
      spoil(await store.finished('ann', digest('k')))
      for (let i = 0; i < 2; i++) await spoiled(await hit())
      expect(await store.finished('ann', digest('k'))).toEqual(finished)
      const { name, image, inputs } = accepting()
      await spoiled((await store.register('ann', { name, image, inputs, key: digest('r'), tags: [], attributes: {} })).record)
    },
  },
  {
    name: 'accept: odd but legal text comes back as it was',
    run: async ({ store }) => {
      const spec = JSON.parse('{"__proto__": {"a": "\\u0000\\ud800 \\u2028 😀"}, "constructor": [null, 1e300, -0.5]}') as never
      const id = (await accept(store, { spec, name: `'; drop table runs; --\u0000` })).id
      expect((await store.get('ann', id))?.name).toBe(`'; drop table runs; --\u0000`)
      expect(JSON.stringify((await claim(store)).spec)).toBe(JSON.stringify(spec))
    },
  },
  {
    name: 'accept: what another has built since the look-up is looked up again, not built again',
    run: async ({ store }) => {
      const stale = (seen: string) => code(store.accept('ann', accepting({ key: digest('k'), seen })))
      expect((await store.accept('ann', accepting({ key: digest('k'), seen: '' }))).reuse).toBe('none')
      const lease = await claim(store)
      expect((await store.accept('ann', accepting({ key: digest('k'), seen: '' }))).reuse).toBe('joined')
      await store.queue.commit(lease, built('k'))
      expect(await stale('')).toBe('lookup_stale')
      await store.queue.settle(lease, { state: 'succeeded', built: built('k') })
      expect(await stale('')).toBe('lookup_stale')
      expect(await store.list('ann', { limit: 10 })).toHaveLength(2)
      expect((await store.accept('ann', accepting({ key: digest('k'), seen: lease.run }))).reuse).toBe('none')
      expect((await store.accept('ann', accepting({ key: digest('other'), seen: '' }))).reuse).toBe('none')
    },
  },
  {
    name: 'accept: Builds of one Key that is in flight share its Run',
    run: async ({ store }) => {
      const first = await accept(store, { key: digest('k') })
      const queued = await store.accept('ann', accepting({ key: digest('k') }))
      await claim(store)
      const building = await store.accept('ann', accepting({ key: digest('k') }))
      expect([queued.reuse, building.reuse]).toEqual(['joined', 'joined'])
      expect([queued.record.run, building.record.run]).toEqual([first.run, first.run])
      expect(building.record).toMatchObject({ state: 'building', attempt: 1, reuse: 'joined' })
      expect(new Set([first.id, queued.record.id, building.record.id]).size).toBe(3)
    },
  },
  {
    name: 'accept: a hundred equal requests at once make one Run',
    run: async ({ store }) => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => store.accept('ann', accepting())))
      expect(new Set(answers.map(({ record }) => record.run)).size).toBe(1)
      expect(new Set(answers.map(({ record }) => record.id)).size).toBe(100)
      expect(answers.filter(({ reuse }) => reuse === 'none').length).toBe(1)
    },
  },
  {
    name: 'accept: another Key, another tenant and `fresh` get a Run of their own',
    run: async ({ store }) => {
      const first = await accept(store, { key: digest('k') })
      const others = [
        await store.accept('ann', accepting({ key: digest('l') })),
        await store.accept('bob', accepting({ key: digest('k') })),
        await store.accept('ann', accepting({ key: digest('k'), fresh: true })),
      ]
      expect(others.map(({ reuse }) => reuse)).toEqual(['none', 'none', 'none'])
      expect(new Set([first.run, ...others.map(({ record }) => record.run)]).size).toBe(4)
    },
  },
  {
    name: 'accept: a finished Run is not joined',
    run: async ({ store }) => {
      const first = await finishedBuild(store, { key: digest('k') })
      const second = await store.accept('ann', accepting({ key: digest('k') }))
      expect(second.reuse).toBe('none')
      expect(second.record.run).not.toBe(first.run)
    },
  },
  {
    name: 'accept: a hit is succeeded at once, with the result and the events of the earlier Run',
    run: async ({ store, pass, now }) => {
      const first = await finishedBuild(store, { key: digest('k') })
      pass(1000)
      const { record, reuse } = await store.accept('ann', accepting({ key: digest('k'), hit: first.run }))
      expect(reuse).toBe('hit')
      expect(record).toMatchObject({
        state: 'succeeded',
        reuse: 'hit',
        run: first.run,
        built: { ...built(), ref: record.image },
        attempt: 1,
        acceptedAt: now(),
        startedAt: now(),
        endedAt: now(),
      })
      expect(brief(await events(store, record.id))).toEqual(['0 queued', '1 building', '2 succeeded'])
      expect((await events(store, record.id))[0]).toMatchObject({ at: now(), attempt: 0 })
    },
  },
  {
    name: 'accept: a hit that is not there (any more), failed, or is of another Key or tenant is refused, and nothing is stored',
    run: async ({ store }) => {
      const other = await finishedBuild(store, { key: digest('other') })
      const foreign = await finishedBuild(store, { key: digest('k') }, 'bob')
      const failed = await accept(store, { key: digest('k') })
      await store.cancel('ann', failed.id)
      const removed = await finishedBuild(store, { key: digest('k') })
      await store.remove('ann', removed.id)
      for (const { run } of [other, foreign, failed, removed]) {
        const before = await store.list('ann', { limit: 100 })
        await expect(store.accept('ann', accepting({ key: digest('k'), hit: run, fresh: true }))).rejects.toMatchObject({
          code: 'not_found',
        })
        expect(await store.list('ann', { limit: 100 })).toEqual(before)
      }
    },
  },
  {
    name: 'accept: the same idempotency key and request again answers with the first Build, whatever became of it',
    run: async ({ store, pass }) => {
      const first = await store.accept('ann', accepting(request('once', 'a')))
      const second = await store.accept('ann', accepting(request('once', 'a')))
      expect(second).toEqual({ ...first, repeated: true })
      await succeed(store, await claim(store))
      pass(day - 1)
      const third = await store.accept('ann', accepting(request('once', 'a')))
      expect(third).toMatchObject({ repeated: true, record: { id: first.record.id, state: 'succeeded' } })
      expect((await store.list('ann', { limit: 10 })).length).toBe(1)
    },
  },
  {
    name: 'answered: the Build of an idempotency key as it is now, and its refusal of another request, without accepting anything',
    run: async ({ store, pass }) => {
      const once = request('once', 'a').idempotency
      expect(await store.answered('ann', once)).toBeUndefined()
      const { record } = await store.accept('ann', accepting({ idempotency: once }))
      expect(await store.answered('ann', once)).toEqual(record)
      await succeed(store, await claim(store))
      expect(await store.answered('ann', once)).toMatchObject({ id: record.id, state: 'succeeded' })
      expect(await code(store.answered('ann', request('once', 'b').idempotency))).toBe('idempotency_mismatch')
      expect(await store.answered('bob', once)).toBeUndefined()
      expect(await store.answered('ann', request('Once', 'a').idempotency)).toBeUndefined()
      pass(day)
      expect(await store.answered('ann', once)).toBeUndefined()
      expect((await store.list('ann', { limit: 10 })).length).toBe(1)
    },
  },
  {
    name: 'answered: a removed Build is no answer',
    run: async ({ store }) => {
      const once = request('once', 'a').idempotency
      const { id } = await finishedBuild(store, { idempotency: once })
      await store.remove('ann', id)
      expect(await store.answered('ann', once)).toBeUndefined()
      expect(await store.answered('ann', request('once', 'b').idempotency)).toBeUndefined()
    },
  },
  {
    name: 'accept: equal requests with one idempotency key at once make one Build',
    run: async ({ store }) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.accept('ann', accepting(request('once', 'a')))))
      expect(new Set(answers.map(({ record }) => record.id)).size).toBe(1)
      expect(answers.filter(({ repeated }) => !repeated).length).toBe(1)
    },
  },
  {
    name: 'accept: an idempotency key with another request is refused, and nothing is stored',
    run: async ({ store }) => {
      await store.accept('ann', accepting(request('once', 'a')))
      expect(await code(store.accept('ann', accepting({ key: digest('new'), ...request('once', 'b') })))).toBe('idempotency_mismatch')
      expect((await store.list('ann', { limit: 10 })).length).toBe(1)
    },
  },
  {
    name: 'accept: one refused request among others at once leaves the others alone',
    run: async ({ store }) => {
      await store.accept('ann', accepting(request('once', 'a')))
      const answers = await Promise.allSettled([
        store.accept('ann', accepting({ key: digest('1') })),
        store.accept('ann', accepting({ key: digest('2'), ...request('once', 'b') })),
        store.accept('ann', accepting({ key: digest('3') })),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await store.list('ann', { limit: 10 })).length).toBe(3)
    },
  },
  {
    name: 'accept: an idempotency key is forgotten after 24 hours, and with its Build',
    run: async ({ store, pass }) => {
      const first = await store.accept('ann', accepting(request('once', 'a')))
      await store.cancel('ann', first.record.id)
      await store.remove('ann', first.record.id)
      const second = await store.accept('ann', accepting(request('once', 'b')))
      pass(day)
      const third = await store.accept('ann', accepting(request('once', 'c')))
      expect([second.repeated, third.repeated]).toEqual([false, false])
    },
  },
  {
    name: 'finished: the succeeded Runs of a Key, newest first, as long as a Build of theirs is kept',
    run: async ({ store, pass, now }) => {
      const key = digest('k')
      const first = await finishedBuild(store, { key, spec: { a: 1 } })
      pass(1000)
      const second = await finishedBuild(store, { key, fresh: true })
      const failed = await accept(store, { key })
      await store.cancel('ann', failed.id)
      const found = await store.finished('ann', key)
      expect(found.map(({ run }) => run)).toEqual([second.run, first.run])
      const { image, inputs } = accepting()
      expect(found[1]).toEqual({ run: first.run, driver: 'fake', at: now() - 1000, image, inputs, spec: { a: 1 }, built: built() })
      await store.remove('ann', second.id)
      expect((await store.finished('ann', key)).map(({ run }) => run)).toEqual([first.run])
      expect(await store.finished('ann', digest('other'))).toEqual([])
    },
  },
]
