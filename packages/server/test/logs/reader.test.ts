import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createReader } from '../../src/logs/reader.ts'

test('a reader that has all the store has, and cannot join the live feed, lets others have their turn', async () => {
  let asked = 0
  const reader = createReader({
    after: 7,
    buffer: 1000,
    stalledMs: 60_000,
    signal: new AbortController().signal,
    page: async () => ({ moment: undefined, caughtUp: true }),
    // bounded, so that this test fails and does not hang
    join: (_, begin) => begin && (asked += 1) > 1000,
    onEnd: () => undefined,
  })
  reader.start({ watches: true, write: () => undefined, lag: () => 0, ready: () => undefined, close: () => undefined })
  await sleep(5)
  expect(asked).toBe(1)
  reader.end()
})

test('a reader that ends while its sink takes no more does not join the live feed', async () => {
  const taken = Promise.withResolvers<void>()
  const bytes = new Uint8Array(1)
  const joined: boolean[] = []
  const reader = createReader({
    after: 7,
    buffer: 1000,
    stalledMs: 60_000,
    signal: new AbortController().signal,
    page: async (after) => ({ moment: { last: after + 1, bytes, final: false, since: () => bytes }, caughtUp: false }),
    join: (one) => joined.push(one.ended) > 1000 || one.ended,
    onEnd: () => undefined,
  })
  reader.start({ watches: true, write: () => undefined, lag: () => 0, ready: () => taken.promise, close: () => undefined })
  await sleep(5)
  reader.end()
  taken.resolve()
  await sleep(5)
  expect(joined).toEqual([false])
})
