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
