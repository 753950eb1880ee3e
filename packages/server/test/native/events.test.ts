import type { BuildEvent } from '@kiln/core'
import { finished, readContext, type FakeBuild } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { built, request, world, type World } from './world.ts'

const odd = ['plain', '\ndata: x', 'a\rb', '\u001b[31mred', '<script>', '\u2028', 'event: state', 'ü€😀']

const talks: FakeBuild = async (job, io) => {
  const tar = await readContext(job, io.signal)
  io.emit({ step: '1', type: 'step-started', title: 'RUN talk', line: 1 })
  for (const text of odd) io.emit({ step: '1', type: 'log', stream: 'out', text })
  io.emit({ step: '1', type: 'step-finished', cached: false })
  return finished(job, io, tar)
}

async function stored(at: World, id: string, after = -1): Promise<BuildEvent[]> {
  const build = (await at.engine.for('acme').get(id))!
  return Array.fromAsync(build.events({ after, follow: false }))
}

interface Sent {
  readonly id: string
  readonly event: string
  readonly data: string
}

function parse(text: string): Sent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => Object.fromEntries(block.split('\n').map((line) => /^(\w+): (.*)$/s.exec(line)!.slice(1))) as unknown as Sent)
}

test('every event is a block with its seq as id, its type as event, and all of it as data', async () => {
  await using at = world({ build: talks })
  const id = await built(at)
  const answer = await at.ask('GET', `/builds/${id}/events`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const sent = parse(await answer.text())
  const events = await stored(at, id)
  expect(sent.map(({ data }) => JSON.parse(data))).toEqual(events)
  expect(sent.map(({ id: seq, event }) => [seq, event])).toEqual(events.map(({ seq, type }) => [String(seq), type]))
  expect(events.flatMap((event) => (event.type === 'log' ? [event.text] : []))).toHaveLength(odd.length)
})

test('a stream goes on live to the final state', async () => {
  const go = Promise.withResolvers<void>()
  await using at = world({
    async build(job, io) {
      await go.promise
      return talks(job, io)
    },
  })
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  const answer = await at.ask('GET', `/builds/${id}/events`)
  go.resolve()
  const sent = parse(await answer.text())
  expect(JSON.parse(sent.at(-1)!.data)).toMatchObject({ type: 'state', state: 'succeeded' })
  expect(sent.map(({ data }) => JSON.parse(data))).toEqual(await stored(at, id))
})

test('it is resumed behind ?after or Last-Event-ID, which wins', async () => {
  await using at = world({ build: talks })
  const id = await built(at)
  const ids = async (query: string, headers = {}): Promise<string[]> =>
    parse(await (await at.ask('GET', `/builds/${id}/events${query}`, { headers })).text()).map((one) => one.id)
  const all = await ids('')
  expect(await ids('?after=3')).toEqual(all.slice(4))
  expect(await ids('', { 'last-event-id': '5' })).toEqual(all.slice(6))
  expect(await ids('?after=3', { 'last-event-id': '5' })).toEqual(all.slice(6))
  expect(await ids('?after=-1')).toEqual(all)
})

test('behind the last event there is 204, so that nobody connects again', async () => {
  await using at = world({ build: talks })
  const id = await built(at)
  const last = (await stored(at, id)).at(-1)!.seq
  for (const after of [last, last + 1, 999_999_999_999_999])
    expect((await at.ask('GET', `/builds/${id}/events`, { headers: { 'last-event-id': String(after) } })).status).toBe(204)
  expect((await at.ask('GET', `/builds/${id}/events?after=${last - 1}`)).status).toBe(200)
})

test.each(['abc', '1.5', '-2', '9e99', '1'.repeat(16)])('the event id %s is refused', async (after) => {
  await using at = world()
  const id = await built(at)
  for (const answer of [
    await at.ask('GET', `/builds/${id}/events?after=${after}`),
    await at.ask('GET', `/builds/${id}/events`, { headers: { 'last-event-id': after } }),
  ])
    expect([answer.status, (await answer.json()).code]).toEqual([400, 'invalid_input'])
})

test('a number that a running build has not come to begins at the start, and holds up nobody else', async () => {
  await using at = world({ engine: { worker: false } })
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  const read = async (after: string): Promise<string> => {
    const answer = await at.ask('GET', `/builds/${id}/events`, { headers: { 'last-event-id': after } })
    const reader = answer.response.body!.getReader()
    const { value } = await reader.read()
    void reader.cancel()
    return Buffer.from(value).toString()
  }
  for (const after of ['999999', '1', '-1']) expect(await read(after)).toMatch(/^id: 0\n/)
})

test('too many streams of a key are 429 with Retry-After', async () => {
  await using at = world({ build: talks, handler: { limits: { streamsPerKey: 1 } } })
  const id = await built(at)
  const first = await at.ask('GET', `/builds/${id}/events`)
  const second = await at.ask('GET', `/builds/${id}/events`)
  expect([second.status, (await second.json()).code, second.headers.get('retry-after')]).toEqual([429, 'too_many_streams', '5'])
  await first.text()
  expect((await at.ask('HEAD', `/builds/${id}/events`)).status).toBe(200)
  expect((await at.ask('GET', `/builds/${id}/events`)).status).toBe(200)
})
