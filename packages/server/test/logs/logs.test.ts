import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { defaultLimits } from '../../src/limits/limits.ts'
import { createLogs } from '../../src/logs/create-logs.ts'
import { pipeLog } from '../../src/logs/log-response.ts'
import type { Logs } from '../../src/logs/logs.ts'
import { form, readerOf, written, type Written } from './world.ts'

const options = { tenant: 'acme', caller: 'key', signal: new AbortController().signal }

function open(logs: Logs, world: Written, more: Partial<Parameters<Logs['stream']>[3]> = {}): Promise<Response> {
  return logs.stream(world.kiln, world.build.record.id, form, { ...options, ...more })
}

test('a stream shows everything from the start, goes on live, and ends with the final state', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  await world.write('one', 'two')
  const reader = readerOf(await open(logs, world))
  expect(await reader.until('two')).toContain('one')
  await world.write('three')
  await reader.until('three')
  await world.end()
  const all = await reader.rest()
  expect(all).toBe(await world.stored())
  expect(all).toContain('"state":"succeeded"')
})

test('the answer is an event stream that nobody may keep, buffer or compress', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  const { headers, body } = await open(logs, world)
  expect(Object.fromEntries(headers)).toEqual({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  })
  await body!.cancel()
})

test('it begins after the event that the reader names', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  await world.write('one', 'two', 'three')
  await world.end()
  expect(await readerOf(await open(logs, world, { after: 2 })).rest()).toBe(await world.stored(2))
})

test('a finished log is ended behind its last event', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  await world.end()
  expect(await readerOf(await open(logs, world, { after: 1000 })).rest()).toBe('')
})

test('readers who come at any time, also in the middle of a burst, lose and repeat nothing', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streamsPerKey: 100 })
  const readers: Promise<string>[] = []
  for (let burst = 0; burst < 20; burst++) {
    readers.push(open(logs, world).then((answer) => readerOf(answer).rest()))
    await world.write(...Array.from({ length: 40 }, (_, line) => `${burst} ${line} ${'ü'.repeat(line)}`))
  }
  await world.end()
  const stored = await world.stored()
  for (const all of await Promise.all(readers)) expect(all === stored).toBe(true)
})

test('two readers of the live feed get the very same bytes', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  await world.write('before')
  const bodies = [(await open(logs, world)).body!.getReader(), (await open(logs, world)).body!.getReader()]
  for (const body of bodies) await body.read()
  const live = bodies.map((body) => body.read())
  await new Promise((resolve) => setTimeout(resolve, 20))
  await world.write('live')
  const [a, b] = await Promise.all(live)
  expect(new TextDecoder().decode(a!.value)).toContain('live')
  expect(a!.value).toBe(b!.value)
  for (const body of bodies) await body.cancel()
})

test('those who come again where the live feed is read nothing from the store', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  await world.write('one')
  const reads: number[] = []
  const events: typeof world.build.events = (given = {}) => {
    if (!given.follow) reads.push(given.after!)
    return world.build.events(given)
  }
  const kiln = { ...world.kiln, get: async () => ({ ...world.build, events }) }
  const stream = (after: number): Promise<Response> => logs.stream(kiln, world.build.record.id, form, { ...options, after })
  const first = readerOf(await stream(-1))
  await first.until('one')
  await world.write('two')
  await first.until('two')
  const before = reads.length
  const again = readerOf(await stream(Number(/id: (\d+)\n.*"one"/.exec(await first.until('two'))![1])))
  expect(await again.until('two')).not.toContain('one')
  expect(reads.length).toBe(before)
  await world.end()
  expect(await first.rest()).toBe(await world.stored())
})

test('a build of another tenant is as unknown as one that never was', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streams: 1 })
  const unknown = logs.stream(world.kiln, 'no-such-build', form, options)
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' })
  await (await open(logs, world)).body!.cancel() // the slot was given back
})

test('too many streams of a caller, and of all, are refused until one is closed', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streams: 3, streamsPerKey: 2 })
  const mine = [await open(logs, world), await open(logs, world)]
  await expect(open(logs, world)).rejects.toMatchObject({ refusal: { code: 'too_many_streams', retryAfter: 5 } })
  const other = await open(logs, world, { caller: 'other' })
  await expect(open(logs, world, { caller: 'third' })).rejects.toMatchObject({ refusal: { code: 'too_many_streams' } })
  await mine[0]!.body!.cancel()
  mine[0] = await open(logs, world, { caller: 'third' })
  for (const { body } of [...mine, other]) await body!.cancel()
})

test('a client that went away is let go at once: the follower stops with the last one', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streamsPerKey: 1 })
  const signals: AbortSignal[] = []
  const build = {
    ...world.build,
    events: (given: Parameters<typeof world.build.events>[0] = {}) => {
      if (given.follow) signals.push(given.signal!)
      return world.build.events(given)
    },
  }
  const kiln = { ...world.kiln, get: async () => build }
  const client = new AbortController()
  const answer = await logs.stream(kiln, build.record.id, form, { ...options, signal: client.signal })
  const reader = readerOf(answer)
  await reader.until('building')
  await vi.waitFor(() => expect(signals).toHaveLength(1))
  expect(signals[0]!.aborted).toBe(false)
  client.abort()
  expect(signals[0]!.aborted).toBe(true)
  await reader.rest()
  await (await open(logs, world)).body!.cancel()
})

test('a reader who is too slow is broken off, the others go on, and it can resume', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streamBuffer: 2000 })
  const slow = (await open(logs, world)).body!.getReader()
  const quick = readerOf(await open(logs, world))
  const first = new TextDecoder().decode((await slow.read()).value)
  await quick.until('building')
  for (let i = 0; i < 4; i++) {
    await world.write(`line ${i} ${'x'.repeat(1000)}`)
    await quick.until(`line ${i} `)
  }
  await expect(drained(slow)).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  await world.end()
  expect(await quick.rest()).toBe(await world.stored())
  const last = Number(/id: (\d+)\n.*\n\n$/.exec(first)![1])
  expect(first + (await readerOf(await open(logs, world, { after: last })).rest())).toBe(await world.stored())
})

async function drained(reader: ReadableStreamDefaultReader): Promise<void> {
  while (!(await reader.read()).done) continue
}

test('silence is broken by pings, each a comment of its own', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits, { ping: 20, stalled: 60_000 })
  const reader = readerOf(await open(logs, world))
  const all = await reader.until(`${form.ping}${form.ping}`)
  expect(all.replaceAll(form.ping, '')).toBe(await world.stored())
  await reader.cancel()
})

test('a body that nobody reads is let go', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streamsPerKey: 1 }, { ping: 15_000, stalled: 20 })
  const unread = await open(logs, world)
  await vi.waitFor(async () => (await open(logs, world)).body!.cancel())
  await expect(unread.text()).rejects.toThrow('nothing more')
})

test('dispose breaks all streams off, so that nobody takes half a log for a whole one', async () => {
  await using world = await written()
  const logs = createLogs(defaultLimits)
  const live = readerOf(await open(logs, world))
  await live.until('building')
  const unread = await open(logs, world)
  await logs[Symbol.asyncDispose]()
  await expect(live.rest()).rejects.toThrow('going down')
  await expect(unread.text()).rejects.toThrow('going down')
})

test('a store that fails in the middle breaks the stream off', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  const build = {
    ...world.build,
    async *events({ follow }: { follow?: boolean } = {}) {
      if (follow) throw new Error('away')
      yield* world.build.events({ follow: false })
    },
  }
  const answer = await logs.stream({ ...world.kiln, get: async () => build }, build.record.id, form, options)
  await expect(answer.text()).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
})

test('one log can be read in several forms at once', async () => {
  await using world = await written()
  await using logs = createLogs(defaultLimits)
  const texts = {
    name: 'texts',
    write: (event: { type: string; text?: string }) => (event.type === 'log' ? `${event.text}\n` : ''),
    ping: '',
  }
  const plain = readerOf(await logs.stream(world.kiln, world.build.record.id, texts, options))
  const whole = readerOf(await open(logs, world))
  await world.write('one', 'two')
  await world.end()
  expect(await plain.rest()).toBe('one\ntwo\n')
  expect(await whole.rest()).toBe(await world.stored())
})

test('on node:http a client that takes nothing is cut off, and one that asked for the body has it', async () => {
  await using world = await written()
  await using logs = createLogs({ ...defaultLimits, streamBuffer: 2000, streamsPerKey: 1 })
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()))
  const answer = await open(logs, world)
  expect(pipeLog(answer, outgoing)).toBe(true)
  expect(() => answer.body).toThrow('written already')
  await world.write('x'.repeat(1000))
  expect(outgoing.destroyed).toBe(false)
  await world.write('y'.repeat(1000))
  await vi.waitFor(() => expect(outgoing.destroyed).toBe(true))
  const other = await open(logs, world)
  const { body } = other
  expect(pipeLog(other, new ServerResponse(new IncomingMessage(new Socket())))).toBe(false)
  await body!.cancel()
})
