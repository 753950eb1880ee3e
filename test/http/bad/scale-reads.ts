// Cases 84 to 89: logs and cancel.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import { oddLines } from '../behaviour.ts'
import { packed } from '../tar.ts'
import { type Reply } from '../wire.ts'
import { world as newWorld, type World } from '../world.ts'
import { each, type Row } from './row.ts'
import { create, path } from './scale-request.ts'

const waiting = (): Uint8Array => packed({ Dockerfile: `FROM scratch\n# ${crypto.randomUUID()}\nRUN wait\n` })

/** A stream that is left open until `close` is called. */
async function follow(
  world: World,
  id: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; close(): void; readonly response: Response }> {
  const stop = new AbortController()
  const response = await fetch(`${world.address}/v5/builds/${id}/logs`, {
    headers: { 'x-api-key': world.keys.acme, ...headers },
    signal: stop.signal,
  })
  return { status: response.status, close: () => stop.abort(), response }
}

export const logs: readonly Row[] = [
  {
    id: 86,
    what: 'the 21st stream of a key',
    async ask(world) {
      const { json: build } = await world.ask(create({}, waiting()))
      const streams = await Promise.all(Array.from({ length: 20 }, () => follow(world, build.id)))
      expect(streams.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
      const replies = [
        await world.ask({ path: `${path}/${build.id}/logs` }),
        await world.ask({ path: `/kiln/v1/builds/${build.id}/events` }),
      ]
      for (const one of streams) one.close()
      let free = await follow(world, build.id)
      for (let n = 0; n < 100 && free.status !== 200; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        free = await follow(world, build.id)
      }
      expect(free.status).toBe(200)
      free.close()
      await world.ask({ path: `${path}/${build.id}/cancel`, method: 'POST' })
      await world.ended(build.id)
      return replies
    },
    status: 429,
    code: 'too_many_streams',
    then: ({ headers }) => expect(Number(headers.get('retry-after') ?? '1')).toBeGreaterThan(0),
  },
  {
    id: 87,
    what: 'lines that mean something elsewhere: one JSON event each',
    async ask(world) {
      const { json: build } = await world.ask(create({}, packed({ Dockerfile: 'FROM scratch\nRUN odd\n' })))
      await world.ended(build.id)
      const reply = await world.ask({ path: `${path}/${build.id}/logs` })
      const events = reply.text.split('\n\n').slice(0, -1)
      for (const event of events) {
        if (event.startsWith(':')) continue
        expect(event).toMatch(/^data: \{.*\}$/s)
        expect(Object.keys(JSON.parse(event.slice(6)) as object)).toEqual(['line'])
        expect(Buffer.byteLength(event)).toBeLessThanOrEqual(16 * 1024)
      }
      expect(events.length).toBeGreaterThanOrEqual(oddLines.length)
      expect(reply.text).not.toMatch(/^(event|id|retry):/m)
      expect(reply.headers.get('content-type')).toContain('text/event-stream')
      const native = await world.ask({ path: `/kiln/v1/builds/${build.id}/events` })
      for (const event of native.text.split('\n\n').slice(0, -1)) {
        const [first = '', second = '', third = ''] = event.split('\n')
        expect([/^id: \d+$/.test(first), /^event: [a-z-]+$/.test(second)]).toEqual([true, true])
        expect(JSON.parse(third.slice(6))).toBeTypeOf('object')
      }
      return reply
    },
    status: 200,
  },
  {
    id: 84,
    what: 'Last-Event-ID of Scale is not looked at: the stream begins at the start',
    async ask(world) {
      const { json: build } = await world.ask(create({}))
      await world.ended(build.id)
      const whole = await world.ask({ path: `${path}/${build.id}/logs` })
      const again = await world.ask({ path: `${path}/${build.id}/logs`, headers: [['last-event-id', '3']] })
      expect(again.text).toBe(whole.text)
      return again
    },
    status: 200,
  },
  ...each({ '-2': '-2', abc: 'abc', '9e99': '9e99', "another build's id": '01900000-0000-7000-8000-000000000000' }, (last) => ({
    id: 84,
    what: 'Last-Event-ID of the native API',
    async ask(world: World) {
      const [build] = await world.engine.for('acme').list({ state: 'succeeded', limit: 1 })
      return world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', last]] })
    },
    status: 400,
    code: 'invalid_input',
  })),
  {
    id: 84,
    what: 'Last-Event-ID -1 of the native API: from the start',
    async ask(world) {
      const [build] = await world.engine.for('acme').list({ state: 'succeeded', limit: 1 })
      const reply = await world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', '-1']] })
      expect(reply.text).toContain('id: 0\n')
      return reply
    },
    status: 200,
  },
  {
    id: 85,
    what: 'a finished build: the whole log, then the end; behind its last event nothing more',
    async ask(world) {
      const [build] = await world.engine.for('acme').list({ state: 'succeeded', limit: 1 })
      const whole = await world.ask({ path: `/kiln/v1/builds/${build!.id}/events` })
      const last = [...whole.text.matchAll(/^id: (\d+)$/gm)].at(-1)![1]!
      expect([whole.status, /"state":"succeeded"/.test(whole.text)]).toEqual([200, true])
      return [
        await world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', last]] }),
        await world.ask({ path: `/kiln/v1/builds/${build!.id}/events?after=${last}` }),
        await world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', '999999999999999']] }),
      ]
    },
    status: 204,
  },
]

export const cancels: readonly Row[] = [
  {
    id: 88,
    what: 'running, twice, finished, and with a JSON type and no body: 202 in every state',
    async ask(world) {
      const { json: build } = await world.ask(create({}, waiting()))
      const status = async (): Promise<string> => (await world.ask({ path: `${path}/${build.id}` })).json.build_status as string
      for (let n = 0; n < 300 && (await status()) !== 'running'; n++) await new Promise((resolve) => setTimeout(resolve, 10))
      const cancel = (): Promise<Reply> =>
        world.ask({ path: `${path}/${build.id}/cancel`, method: 'POST', headers: [['content-type', 'application/json']] })
      const [first, second] = [await cancel(), await cancel()]
      await world.ended(build.id)
      const third = await cancel()
      expect(first.json.build_status).toBe('running')
      expect(['cancelling', 'cancelled']).toContain(second.json.build_status)
      expect(third.json.build_status).toBe('cancelled')
      return [first, second, third]
    },
    status: 202,
  },
  {
    id: 88,
    what: 'a build that waits',
    async ask() {
      await using idle = await newWorld({ engine: { worker: false } })
      const { json: build } = await idle.ask(create({}))
      const reply = await idle.ask({ path: `${path}/${build.id}/cancel`, method: 'POST' })
      expect(reply.json.build_status).toBe('queued')
      expect((await idle.ask({ path: `${path}/${build.id}` })).json.build_status).toBe('cancelled')
      return reply
    },
    status: 202,
  },
  {
    id: 88,
    what: 'an unknown build',
    ask: { path: `${path}/01900000-0000-7000-8000-000000000000/cancel`, method: 'POST' },
    status: 404,
    code: 'not_found',
  },
]
