import type { Digest, PruneRules, Store } from '@kiln/core'
import { expect } from 'vitest'
import {
  accept,
  accepting,
  brief,
  claim,
  day,
  digest,
  events,
  finishedBuild,
  hour,
  log,
  stateOf,
  succeed,
  type StoreCase,
} from './world.ts'

const rules: PruneRules = { records: 90 * day, logs: 30 * day, contexts: 24 * hour, failedContexts: 72 * hour }

function inputs(of: string): { inputs: { tree: Digest; context: Digest; plan: Digest; recipe: Digest; parts: {} } } {
  return {
    inputs: {
      tree: digest(`${of} tree`),
      context: digest(`${of} ctx`),
      plan: digest(`${of} plan`),
      recipe: digest(`${of} rec`),
      parts: {},
    },
  }
}

/** what of `inputs(of)` is held */
async function held(store: Store, of: string, more: Partial<PruneRules> = {}, tenant = 'ann'): Promise<string> {
  const all = (await store.prune({ ...rules, ...more })).held.get(tenant)
  const { tree, plan, recipe, context } = inputs(of).inputs
  return Object.entries({ tree, plan, recipe, context })
    .filter(([, one]) => all?.has(one) === true)
    .map(([name]) => name)
    .join(' ')
}

export const pruneCases: readonly StoreCase[] = [
  {
    name: 'prune: takes final Builds of all tenants when they are old enough, and tells how many',
    run: async ({ store, pass }) => {
      const old = [await finishedBuild(store), await finishedBuild(store, {}, 'bob')]
      const dropped = await accept(store)
      await store.cancel('ann', dropped.id)
      pass(1)
      const young = await finishedBuild(store)
      pass(90 * day - 1)
      const waiting = await accept(store)
      expect((await store.prune(rules)).removed).toBe(3)
      expect((await store.list('ann', { limit: 100 })).map(({ id }) => id)).toEqual([waiting.id, young.id])
      expect(await store.list('bob', { limit: 100 })).toEqual([])
      expect(await store.finished('ann', old[0]!.key)).toEqual([])
      expect((await store.prune(rules)).removed).toBe(0)
    },
  },
  {
    name: 'prune: never takes what is queued or building, however old',
    run: async ({ store, pass }) => {
      const waiting = await accept(store, inputs('q'))
      const running = await accept(store, inputs('b'), 'bob')
      const lease = await claim(store, { drivers: ['fake'] })
      await store.queue.append(lease, 2, [log('a')])
      pass(1000 * day)
      const none: PruneRules = { records: 0, logs: 0, contexts: 0, failedContexts: 0 }
      expect((await store.prune(none)).removed).toBe(0)
      expect(await held(store, 'q', none)).toBe('tree plan recipe context')
      expect(await held(store, 'b', none, 'bob')).toBe('tree plan recipe context')
      expect(new Set([await stateOf(store, waiting.id), await stateOf(store, running.id, 'bob')])).toEqual(new Set(['building', 'queued']))
      expect(await store.queue.append(lease, 3, [log('b')])).toBe(true)
    },
  },
  {
    name: 'prune: a Run stays as long as one of its Builds, and its events with it',
    run: async ({ store, pass }) => {
      const first = await finishedBuild(store)
      pass(80 * day)
      const hit = await store.accept('ann', accepting({ key: first.key, hit: first.run }))
      pass(20 * day)
      expect((await store.prune(rules)).removed).toBe(1)
      expect(await stateOf(store, first.id)).toBeUndefined()
      expect(await stateOf(store, hit.record.id)).toBe('succeeded')
      expect((await store.finished('ann', first.key)).length).toBe(1)
      expect(brief(await events(store, hit.record.id))).toEqual(['0 queued', '1 building', '2 succeeded'])
    },
  },
  {
    name: 'prune: logs go when the last Build of the Run is old enough; the first and the last event stay, with their numbers',
    run: async ({ store, pass }) => {
      const first = await accept(store)
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a')])
      await succeed(store, lease)
      pass(29 * day)
      const hit = await store.accept('ann', accepting({ key: first.key, hit: first.run }))
      pass(29 * day)
      await store.prune(rules)
      expect(brief(await events(store, first.id))).toEqual(['0 queued', '1 building', '2 a', '3 succeeded'])
      pass(day)
      await store.prune(rules)
      for (const id of [first.id, hit.record.id])
        expect(brief(await events(store, id, { follow: true }))).toEqual(['0 queued', '3 succeeded'])
      await store.prune(rules)
      expect(await stateOf(store, first.id)).toBe('succeeded')
    },
  },
  {
    name: 'prune: a Build that was cancelled off long ago does not take the logs of the others with it',
    run: async ({ store, pass }) => {
      const first = await accept(store)
      const lease = await claim(store)
      const off = await accept(store, { key: first.key })
      await store.cancel('ann', off.id)
      pass(10 * day)
      await succeed(store, lease)
      pass(25 * day)
      await store.prune(rules)
      expect(brief(await events(store, first.id))).toEqual(['0 queued', '1 building', '2 succeeded'])
    },
  },
  {
    name: 'prune: tells which blobs are in use: contexts of final Builds for a while, the rest as long as the record',
    run: async ({ store, pass }) => {
      await finishedBuild(store, inputs('good'))
      const bad = await accept(store, inputs('bad'))
      await store.cancel('ann', bad.id)
      pass(24 * hour - 1)
      expect([await held(store, 'good'), await held(store, 'bad')]).toEqual(['tree plan recipe context', 'tree plan recipe context'])
      pass(1)
      expect([await held(store, 'good'), await held(store, 'bad')]).toEqual(['tree plan recipe', 'tree plan recipe context'])
      pass(48 * hour)
      expect([await held(store, 'good'), await held(store, 'bad')]).toEqual(['tree plan recipe', 'tree plan recipe'])
      pass(90 * day)
      expect([await held(store, 'good'), await held(store, 'bad')]).toEqual(['', ''])
    },
  },
  {
    name: 'prune: what a Run in flight was made of stays in use when the Build that made it is cancelled and removed',
    run: async ({ store, pass }) => {
      const first = await accept(store, inputs('first'))
      await accept(store, { key: first.key, ...inputs('second') })
      await store.cancel('ann', first.id)
      pass(80 * hour)
      expect(await held(store, 'first')).toBe('tree plan recipe context')
      await store.remove('ann', first.id)
      expect([await held(store, 'first'), await held(store, 'second')]).toEqual(['tree plan recipe context', 'tree plan recipe context'])
      await succeed(store, await claim(store, { queueMs: 1000 * day }))
      expect(await held(store, 'first')).toBe('')
      expect(await held(store, 'second')).toBe('tree plan recipe context')
    },
  },
  {
    name: 'prune: blobs are told by tenant',
    run: async ({ store }) => {
      await finishedBuild(store, inputs('x'), 'bob')
      expect([await held(store, 'x', {}, 'bob'), await held(store, 'x', {}, 'ann')]).toEqual(['tree plan recipe context', ''])
    },
  },
  {
    name: 'prune: while Builds are accepted and finished, none of them is lost',
    run: async ({ store, pass }) => {
      for (let i = 0; i < 20; i++) await finishedBuild(store)
      pass(90 * day)
      const work = Array.from({ length: 20 }, async () => (await accept(store)).id)
      const pruned = await Promise.all([store.prune(rules), store.prune(rules)])
      const ids = await Promise.all(work)
      expect(pruned[0].removed + pruned[1].removed).toBe(20)
      expect((await store.list('ann', { limit: 100 })).map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    },
  },
]
