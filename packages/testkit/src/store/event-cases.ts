import type { BuildEvent } from '@kiln/core'
import { expect } from 'vitest'
import { accept, brief, claim, code, collect, events, finishedBuild, log, soon, succeed, within, type StoreCase } from './world.ts'

export const eventCases: readonly StoreCase[] = [
  {
    name: 'events: numbered from 0 without gaps over all attempts, first queued, last the final state',
    run: async ({ store, now, pass }) => {
      const { id } = await accept(store)
      const accepted = now()
      pass(10)
      const first = await claim(store)
      await store.queue.append(first, first.nextSeq, [log('a'), log('b')])
      await store.queue.release(first, 'retry')
      pass(10)
      const second = await claim(store)
      await store.queue.append(second, second.nextSeq, [log('c')])
      await succeed(store, second)
      const all = await events(store, id)
      expect(brief(all)).toEqual(['0 queued', '1 building', '2 a', '3 b', '4 queued', '5 building', '6 c', '7 succeeded'])
      expect(all.map(({ attempt }) => attempt)).toEqual([0, 1, 1, 1, 1, 2, 2, 2])
      expect([all[0]!.at, all[1]!.at, all[5]!.at, all[7]!.at]).toEqual([accepted, accepted + 10, accepted + 20, accepted + 20])
    },
  },
  {
    name: 'events: read on after any number, the rest is the same',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a'), log('b'), log('c')])
      await store.queue.append(lease, 5, [log('d')])
      await succeed(store, lease)
      const all = await events(store, id)
      for (let after = -1; after <= all.length + 1; after++)
        for (const follow of [false, true])
          expect(await events(store, id, { after, follow }), `after ${after}`).toEqual(all.slice(after + 1))
    },
  },
  {
    name: 'events: without `follow` they end where the kept ones end',
    run: async ({ store }) => {
      const { id } = await accept(store)
      expect(brief(await events(store, id))).toEqual(['0 queued'])
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a')])
      expect(brief(await events(store, id))).toEqual(['0 queued', '1 building', '2 a'])
      expect(await events(store, id, { after: 2 })).toEqual([])
    },
  },
  {
    name: 'events: `follow` gives them as they come, and ends after the final state',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const following = store.events('ann', id, { after: -1, follow: true, signal: soon() })[Symbol.asyncIterator]()
      const next = async (): Promise<string> => brief([(await following.next()).value as BuildEvent])[0]!
      expect(await next()).toBe('0 queued')
      const lease = await claim(store)
      expect(await next()).toBe('1 building')
      const waiting = next()
      await store.queue.append(lease, 2, [log('a')])
      expect(await waiting).toBe('2 a')
      await succeed(store, lease)
      expect(await next()).toBe('3 succeeded')
      expect(await following.next()).toEqual({ value: undefined, done: true })
    },
  },
  {
    name: 'events: `follow` from another handle sees all of it, to the end',
    run: async ({ store, again }) => {
      const other = await again()
      const { id } = await accept(store)
      const followed = events(other, id, { follow: true })
      const lease = await claim(store)
      for (let i = 0; i < 20; i++) {
        await store.queue.append(lease, 2 + i, [log(`line ${i}`)])
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await succeed(store, lease)
      expect(await followed).toEqual(await events(store, id))
      expect((await followed).length).toBe(23)
    },
  },
  {
    name: 'events: many followers of one Run, each with its own Build, see the same',
    run: async ({ store }) => {
      const first = await accept(store)
      const ids = [first.id]
      for (let i = 0; i < 20; i++) ids.push((await accept(store, { key: first.key })).id)
      const followed = Promise.all(ids.map((id) => events(store, id, { follow: true })))
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a')])
      await succeed(store, lease)
      for (const one of await followed) expect(brief(one)).toEqual(['0 queued', '1 building', '2 a', '3 succeeded'])
    },
  },
  {
    name: 'events: a Build that joined late has those from before, too',
    run: async ({ store, pass, now }) => {
      const first = await accept(store)
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a')])
      pass(1000)
      const joined = await accept(store, { key: first.key })
      expect(brief(await events(store, joined.id))).toEqual(['0 queued', '1 building', '2 a'])
      expect((await events(store, joined.id))[0]!.at).toBe(now())
    },
  },
  {
    name: 'events: a follower of a Build that is cancelled off its Run comes to the end, and sees nothing of what follows',
    run: async ({ store }) => {
      const first = await accept(store)
      await accept(store, { key: first.key })
      const lease = await claim(store)
      await store.queue.append(lease, 2, [log('a')])
      const followed = events(store, first.id, { follow: true })
      // long enough for the follower to have caught up, so that only the cancel can wake it
      await new Promise((resolve) => setTimeout(resolve, 50))
      await store.cancel('ann', first.id)
      expect(brief(await followed)).toEqual(['0 queued', '1 building', '2 a', '3 cancelled'])
      await store.queue.append(lease, 3, [log('b')])
      await succeed(store, lease)
      expect(brief(await events(store, first.id))).toEqual(['0 queued', '1 building', '2 a', '3 cancelled'])
    },
  },
  {
    name: 'events: thousands come whole and in order, at once and from the middle',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      for (let i = 0; i < 30; i++)
        await store.queue.append(
          lease,
          2 + i * 100,
          Array.from({ length: 100 }, (_, j) => log(`${i * 100 + j}`)),
        )
      await succeed(store, lease)
      const all = await events(store, id)
      expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 3003 }, (_, i) => i))
      expect(brief(all.slice(2, -1))).toEqual(Array.from({ length: 3000 }, (_, i) => `${i + 2} ${i}`))
      expect(await events(store, id, { after: 1234 })).toEqual(all.slice(1235))
    },
  },
  {
    name: 'events: text comes back as it was',
    run: async ({ store }) => {
      const { id } = await accept(store)
      const lease = await claim(store)
      const texts = ['', '\u0000', 'ä😀\u2028', '\ud800', 'x'.repeat(8192), '{"seq": 1}']
      await store.queue.append(lease, 2, texts.map(log))
      expect((await events(store, id, { after: 1 })).map((event) => event.type === 'log' && event.text)).toEqual(texts)
    },
  },
  {
    name: 'events: end with the reason of the signal, also while nothing comes',
    run: async ({ store }) => {
      const reason = new Error('enough')
      const running = await accept(store)
      await store.queue.append(await claim(store), 2, [log('a'), log('b')])
      const between = new AbortController()
      let given = 0
      const page = async (): Promise<void> => {
        for await (const _ of store.events('ann', running.id, { after: 0, follow: false, signal: between.signal })) {
          given += 1
          between.abort(reason)
        }
      }
      await expect(page()).rejects.toBe(reason)
      expect(given).toBe(1)
      const { id } = await accept(store)
      const stop = new AbortController()
      const seen: BuildEvent[] = []
      const followed = (async () => {
        for await (const event of store.events('ann', id, { after: -1, follow: true, signal: stop.signal })) seen.push(event)
      })()
      setTimeout(() => stop.abort(reason), 20)
      await expect(within(followed)).rejects.toBe(reason)
      expect(brief(seen)).toEqual(['0 queued'])
      const aborted = store.events('ann', id, { after: -1, follow: false, signal: AbortSignal.abort(reason) })
      await expect(collect(aborted)).rejects.toBe(reason)
    },
  },
  {
    name: 'events: a follower of a Build that is removed, and one of an unknown Build, get not_found',
    run: async ({ store }) => {
      expect(await code(events(store, 'none'))).toBe('not_found')
      const { id } = await finishedBuild(store)
      const following = store.events('ann', id, { after: -1, follow: true })[Symbol.asyncIterator]()
      await following.next()
      await store.remove('ann', id)
      expect(await code(following.next())).toBe('not_found')
    },
  },
]
