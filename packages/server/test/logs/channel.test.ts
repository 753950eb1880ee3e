import type { Build, BuildEvent } from '@kiln/core'
import { beforeEach, expect, test, vi } from 'vitest'
import { openChannel, type Channel } from '../../src/logs/channel.ts'
import type { LogForm } from '../../src/logs/logs.ts'
import type { Moment } from '../../src/logs/moment.ts'
import type { Reader } from '../../src/logs/reader.ts'

// Where a reader joins the live feed: at a moment's border, inside a moment, or too late.

let now = 0
beforeEach(() => {
  now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})

const form: LogForm = { name: 'seqs', write: (event) => `${event.seq}${event.type === 'log' ? event.text : ''} `, ping: ':' }

/** A channel whose build says what the test gives it. */
interface Fed {
  readonly channel: Channel
  readonly give: (...events: readonly BuildEvent[]) => Promise<void>
  readonly stop: () => void
}

function channelOf(after: number): Fed {
  let next = Promise.withResolvers<readonly BuildEvent[]>()
  const build = {
    async *events({ signal }: { signal: AbortSignal }) {
      signal.addEventListener('abort', () => next.reject(new Error('stopped')))
      for (;;) yield* await next.promise
    },
  } as unknown as Build
  const channel = openChannel({ build, form, after, pingMs: 60_000, onClosed: () => undefined })
  const watching = stub(after)
  channel.join(watching)
  return {
    channel,
    async give(...events) {
      const given = next
      next = Promise.withResolvers()
      given.resolve(events)
      await vi.waitFor(() => expect(watching.after).toBe(events.at(-1)!.seq))
    },
    stop: () => channel.stop(),
  }
}

function stub(from: number): Reader & { got: string } {
  const reader = {
    after: from,
    ended: false,
    got: '',
    start: () => undefined,
    ping: () => undefined,
    end: () => undefined,
    push(moment: Moment) {
      if (moment.last <= reader.after) return
      reader.got += Buffer.from(moment.since(reader.after)).toString()
      reader.after = moment.last
    },
  }
  return reader
}

function log(seq: number, text = ''): BuildEvent {
  return { seq, at: 0, attempt: 1, type: 'log', step: '1', stream: 'out', text }
}

test('a reader who joins inside a moment gets the rest of it, and what comes', async () => {
  const { channel, give, stop } = channelOf(-1)
  await give(log(0), log(1), log(2), log(3))
  await give(log(4), log(5))
  const readers = [-1, 0, 1, 3, 4, 5].map(stub)
  for (const reader of readers) expect(channel.join(reader)).toBe(true)
  await give(log(6))
  expect(readers.map(({ got }) => got)).toEqual(['0 1 2 3 4 5 6 ', '1 2 3 4 5 6 ', '2 3 4 5 6 ', '4 5 6 ', '5 6 ', '6 '])
  stop()
})

test('numbers that were pruned away are no reason to repeat', async () => {
  const { channel, give, stop } = channelOf(-1)
  await give(log(0), log(7), log(9))
  const readers = [0, 3, 7, 8].map(stub)
  for (const reader of readers) channel.join(reader)
  expect(readers.map(({ got }) => got)).toEqual(['7 9 ', '7 9 ', '9 ', '9 '])
  stop()
})

test('a reader ahead of the feed gets nothing twice', async () => {
  const { channel, give, stop } = channelOf(-1)
  const ahead = stub(2)
  expect(channel.join(ahead)).toBe(true)
  await give(log(0), log(1), log(2), log(3), log(4))
  expect(ahead.got).toBe('3 4 ')
  stop()
})

test('a reader behind what is kept has to read on in the store', async () => {
  const { channel, give, stop } = channelOf(-1)
  for (let seq = 0; seq < 4; seq++) await give(log(seq, 'x'.repeat(100_000)))
  expect([-1, 0, 1, 2, 3].map((after) => channel.join(stub(after)))).toEqual([false, false, true, true, true])
  stop()
})

test('a slow log keeps its last moments however old they are, a fast one those of the last moment', async () => {
  const { channel, give, stop } = channelOf(-1)
  for (let seq = 0; seq < 4; seq++, now += 60_000) await give(log(seq, 'x'.repeat(10_000)))
  expect(channel.join(stub(-1))).toBe(true)
  for (let seq = 4; seq < 7; seq++, now += 100) await give(log(seq, 'x'.repeat(50_000)))
  expect([2, 3].map((after) => channel.join(stub(after)))).toEqual([false, true])
  now += 1000
  await give(log(7))
  expect([4, 5, 6].map((after) => channel.join(stub(after)))).toEqual([false, true, true])
  stop()
})
