// Cases 13 to 15, 19 and 20: connections, rates, repeats.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import { packed } from '../tar.ts'
import { chunked, exchange, open, send, type Reply } from '../wire.ts'
import { world as newWorld, type World } from '../world.ts'
import { good, jsonWrites, nativeGood, retryable } from './everywhere.ts'
import { each, form, json, scaleForm, type Row } from './row.ts'
import { eventually } from './wait.ts'

const message = (world: World, lines: readonly string[], body = ''): string =>
  `${['POST /api/v1/builds HTTP/1.1', 'host: x', `authorization: Bearer ${world.keys.acme}`, 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n${body}`
const text = JSON.stringify(good)

export const wire: readonly Row[] = [
  ...each<(world: World) => string>(
    {
      'Content-Length and chunked': (world) =>
        message(world, [`content-length: ${text.length}`, 'transfer-encoding: chunked'], chunked(Buffer.from(text)).toString()),
      'two Content-Lengths': (world) => message(world, [`content-length: ${text.length}`, 'content-length: 5'], text),
      'a Content-Length that is none': (world) => message(world, ['content-length: 5x'], text),
      'a negative Content-Length': (world) => message(world, ['content-length: -1'], text),
      'bare LF': (world) => message(world, ['content-length: 2'], '{}').replaceAll('\r\n', '\n'),
      'obs-fold': (world) => message(world, ['x-folded: a', ' b', 'content-length: 2'], '{}'),
      'a space before the colon': (world) => message(world, ['x-spaced : a', 'content-length: 2'], '{}'),
      'NUL in a header': (world) => message(world, ['x-nul: a\0b', 'content-length: 2'], '{}'),
      'a chunk of no size': (world) => message(world, ['transfer-encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n'),
      'no HTTP at all': () => '\u0016\u0003\u0001 hello\r\n\r\n',
    },
    (bytes) => ({ id: 14, what: 'the parser', ask: (world) => exchange(world.address, bytes(world)), status: 400 }),
  ),
  {
    id: 14,
    what: 'the parser: no host',
    ask: (world) => exchange(world.address, message(world, ['content-length: 2'], '{}').replace('host: x\r\n', '')),
    status: 400,
    bare: true,
  },
  {
    id: 15,
    what: '500 sockets that never end their headers: others are served',
    async ask(world) {
      const sockets = await Promise.all(Array.from({ length: 500 }, () => open(world.address)))
      for (const socket of sockets) socket.on('error', () => undefined).write('GET /v1/builds HTTP/1.1\r\nhost: x\r\nx-slow: ')
      const replies: Reply[] = []
      for (let n = 0; n < 20; n++) replies.push(await world.ask({ path: '/v1/builds' }))
      for (const socket of sockets) socket.destroy()
      return replies
    },
    status: 200,
  },
]

/** What needs a server with other limits. */
export const limits: readonly Row[] = [
  ...each(
    {
      'a JSON body': (address: string, key: string): Promise<Reply> =>
        exchange(
          address,
          `POST /api/v1/builds HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"name":`,
        ),
      'a form': (address: string, key: string): Promise<Reply> =>
        exchange(
          address,
          `POST /v5/builds HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nabc`,
        ),
    },
    (stall) => ({
      id: 13,
      what: 'a body that stalls',
      async ask() {
        await using slow = await newWorld({ handler: { limits: { bodyRateMs: 300 } } })
        const reply = await stall(slow.address, slow.keys.acme)
        expect(reply.headers.get('connection')).toBe('close')
        expect(await eventually(() => slow.leftovers().length === 0)).toBe(true)
        expect(await slow.builds()).toBe(0)
        return reply
      },
      status: 408,
      code: 'too_slow',
    }),
  ),
  {
    id: 19,
    what: 'over the rate, writing',
    async ask() {
      await using few = await newWorld({ handler: { limits: { ratePerMinute: 2 } } })
      const replies: Reply[] = []
      for (const path of Object.values(jsonWrites)) {
        const last = await Promise.all([1, 2, 3].map(() => few.ask(json(path, {}))))
        replies.push(last.find(({ status }) => status === 429)!)
      }
      expect((await few.ask({ path: '/v1/builds' })).status).toBe(200)
      replies.push(await few.ask(form('/v5/builds', [])))
      return replies
    },
    status: 429,
    code: 'rate_limited',
    then: retryable,
  },
  {
    id: 19,
    what: 'over the cap of the queue',
    async ask() {
      await using full = await newWorld({ engine: { queue: { perTenant: 1, total: 1 }, worker: false } })
      expect((await full.ask(json('/kiln/v1/builds', nativeGood))).status).toBe(201)
      const other = { Dockerfile: 'FROM scratch\n# another\n' }
      const replies = [
        await full.ask(json('/kiln/v1/builds', { ...nativeGood, source: { files: other } })),
        await full.ask(json('/api/v1/builds', { name: 'web', files: other })),
        await full.ask(form('/v5/builds', scaleForm({}, packed({ Dockerfile: 'FROM scratch\n# a third\n' })))),
      ]
      expect(await full.builds()).toBe(1)
      return replies
    },
    status: 429,
    code: 'queue_full',
    then: retryable,
  },
  {
    id: 19,
    what: 'while it drains',
    async ask() {
      await using going = await newWorld()
      going.handler.drain()
      expect((await going.ask({ path: '/v1/builds' })).status).toBe(200)
      expect((await going.ask({ path: '/readyz' })).status).toBe(503)
      return [
        ...(await Promise.all(Object.values(jsonWrites).map((path) => going.ask(json(path, good))))),
        await going.ask(form('/v5/builds', scaleForm())),
      ]
    },
    status: 503,
    then: retryable,
  },
  {
    id: 20,
    what: 'an idempotency key with another body',
    async ask(world) {
      const headers = [['idempotency-key', 'one-key']] as const
      const first = await world.ask(json('/kiln/v1/builds', nativeGood, { headers }))
      const again = await world.ask(json('/kiln/v1/builds', nativeGood, { headers }))
      expect([first.status, again.json.id]).toEqual([201, first.json.id])
      return world.ask(json('/kiln/v1/builds', { ...nativeGood, name: 'other' }, { headers }))
    },
    status: 422,
    code: 'idempotency_mismatch',
  },
  ...each({ '300 characters': 'k'.repeat(300), 'a space': 'a b', 'not ASCII': 'é', empty: '' }, (key) => ({
    id: 20,
    what: 'an idempotency key',
    ask: json('/kiln/v1/builds', nativeGood, { headers: [['idempotency-key', key]] }),
    status: 400,
    code: 'invalid_input',
  })),
  {
    id: 20,
    what: 'an idempotency key whose first request is still being answered',
    async ask(world) {
      const socket = await open(world.address)
      const head = `POST /kiln/v1/builds/archive?name=web HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${world.keys.acme}\r\nidempotency-key: in-flight\r\ncontent-type: application/x-tar\r\ncontent-length: 5000\r\n\r\nabc`
      await new Promise<void>((resolve) => socket.write(head, () => resolve()))
      const later = async (): Promise<Reply> =>
        send(world.address, {
          ...json('/kiln/v1/builds/archive?name=web', ''),
          headers: [
            ['authorization', `Bearer ${world.keys.acme}`],
            ['idempotency-key', 'in-flight'],
            ['content-type', 'application/x-tar'],
          ],
        })
      let reply = await later()
      for (let n = 0; n < 50 && reply.status !== 409; n++) reply = await later()
      socket.destroy()
      return reply
    },
    status: 409,
    code: 'idempotency_in_flight',
  },
]
