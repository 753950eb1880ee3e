// Cases 1 to 20: what is the same at every operation of every API.
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { packed } from '../tar.ts'
import { chunked, exchange, open, send, type Ask, type Reply } from '../wire.ts'
import { world as newWorld, type Caller, type World } from '../world.ts'
import { eventually } from './wait.ts'
import { each, form, json, scaleForm, type NotRun, type Row } from './row.ts'

const unknownId = '01900000-0000-7000-8000-000000000000'

/** One operation that reads and one that writes, of each API. */
export const reads: Readonly<Record<string, string>> = {
  native: '/kiln/v1/builds',
  runagents: `/api/v1/builds/build-${unknownId.replaceAll('-', '')}`,
  scale: '/v5/builds',
  pipecat: '/v1/builds',
}
export const writes: Readonly<Record<string, string>> = {
  native: '/kiln/v1/builds',
  runagents: '/api/v1/builds',
  scale: '/v5/builds',
  pipecat: '/v1/builds',
}
const jsonWrites = { native: writes['native']!, runagents: writes['runagents']!, pipecat: writes['pipecat']! }

const good = { name: 'web', files: { Dockerfile: 'FROM scratch\nCOPY . .\n' } }
const nativeGood = { name: 'web', source: { files: good.files }, dockerfile: 'Dockerfile' }

interface Operation {
  readonly method: string
  readonly path: string
}

/** Every operation of the four documents that needs a key. */
async function operations(world: World): Promise<readonly Operation[]> {
  const found: Operation[] = []
  for (const api of Object.keys(reads)) {
    const { json: document } = await world.ask({ path: `/openapi/${api}.json`, as: '' })
    for (const [path, place] of Object.entries<Record<string, { security?: unknown[] }>>(document.paths))
      for (const [method, { security }] of Object.entries(place))
        if (security?.length !== 0)
          found.push({
            method: method.toUpperCase(),
            path: path.replace(/\{digest\}/, `sha256:${'0'.repeat(64)}`).replaceAll(/\{\w+\}/g, unknownId),
          })
  }
  return found
}

async function everywhere(world: World, ask: (operation: Operation) => Partial<Ask>, as: Caller | '' = ''): Promise<readonly Reply[]> {
  const all = await operations(world)
  expect(all.length).toBeGreaterThan(35)
  return Promise.all(all.map((operation) => world.ask({ ...operation, ...ask(operation), as })))
}

const challenged = (reply: Reply): void => {
  expect(reply.headers.get('www-authenticate')).toBe('Bearer')
  expect(['unauthorized', '401']).toContain(reply.json.code)
}

const header = (name: string, value: string): Partial<Ask> => ({ headers: [[name, value]] })

const authorization: readonly Row[] = [
  { id: 1, what: 'no key, at every operation', ask: (world) => everywhere(world, () => ({})), status: 401, then: challenged },
  ...each(
    {
      'Basic x': 'Basic x',
      'an empty Bearer': 'Bearer',
      'a Bearer of two words': 'Bearer a b',
      'no scheme': 'kiln_0_0',
      'a key that is none': `Bearer kiln_${'0'.repeat(16)}`,
    },
    (value) => ({
      id: 2,
      what: 'authorization',
      ask: (world) => everywhere(world, () => header('authorization', value)),
      status: 401,
      then: challenged,
    }),
  ),
  ...each({ 'x-api-key': 'x-api-key', 'x-runagents-api-key': 'x-runagents-api-key' }, (name) => ({
    id: 2,
    what: 'a wrong key in another header',
    ask: (world) => everywhere(world, () => header(name, 'nope')),
    status: 401,
    then: challenged,
  })),
  {
    id: 2,
    what: 'a token of 64 KiB',
    ask: (world) => world.ask({ path: '/v1/builds', as: '', headers: [['authorization', `Bearer ${'a'.repeat(65_536)}`]] }),
    status: 431,
    code: 'headers_too_large',
  },
  {
    id: 3,
    what: 'a known id with a wrong secret, a revoked and an expired key: one answer',
    async ask(world) {
      const wrong = `${world.keys.acme.slice(0, -1)}${world.keys.acme.endsWith('0') ? '1' : '0'}`
      const replies: Reply[] = []
      for (const key of [wrong, world.keys.revoked, world.keys.expired])
        for (const path of Object.values(reads))
          replies.push(await world.ask({ path, as: '', headers: [['authorization', `Bearer ${key}`]] }))
      for (const [at, { text }] of replies.entries()) expect(text).toBe(replies[at % 4]!.text)
      return replies
    },
    status: 401,
    then: challenged,
  },
  {
    id: 4,
    what: 'a good key in the query',
    ask: (world) =>
      Promise.all(
        Object.values(reads).flatMap((path) =>
          ['api_key', 'token', 'key', 'access_token'].map((name) => world.ask({ path: `${path}?${name}=${world.keys.acme}`, as: '' })),
        ),
      ),
    status: 401,
    then: challenged,
  },
  {
    id: 5,
    what: 'two Authorization headers, one of them good',
    ask: (world) =>
      Promise.all(
        Object.values(reads).flatMap((path) =>
          [
            [world.keys.acme, 'x'],
            ['x', world.keys.acme],
            [world.keys.acme, world.keys.other],
          ].map(([a, b]) =>
            world.ask({
              path,
              as: '',
              headers: [
                ['authorization', `Bearer ${a}`],
                ['authorization', `Bearer ${b}`],
              ],
            }),
          ),
        ),
      ),
    status: 401,
    then: challenged,
  },
  {
    id: 5,
    what: 'two different keys in two headers',
    ask: (world) =>
      Promise.all(
        Object.values(reads).map((path) =>
          world.ask({
            path,
            as: '',
            headers: [
              ['authorization', `Bearer ${world.keys.acme}`],
              ['x-api-key', world.keys.other],
            ],
          }),
        ),
      ),
    status: 401,
    then: challenged,
  },
  {
    id: 6,
    what: 'a key that may only read, at every operation that writes',
    async ask(world) {
      const all = (await operations(world)).filter(({ method }) => method !== 'GET')
      return Promise.all(all.map((operation) => world.ask({ ...operation, as: 'reader' })))
    },
    status: 403,
    code: 'forbidden',
  },
  { id: 6, what: "a key without admin, at the tenant's keys", ask: { path: '/kiln/v1/keys' }, status: 403, code: 'forbidden' },
  {
    id: 6,
    what: 'a key cannot make one that may do more',
    ask: json('/kiln/v1/keys', { scopes: ['admin'] }),
    status: 403,
    code: 'forbidden',
  },
  ...each(
    {
      'RunAgents header': {
        ...json('/api/v1/builds', good),
        headers: [
          ['content-type', 'application/json'],
          ['x-workspace-namespace', 'other'],
        ] as const,
      },
      'RunAgents path': json('/api/v1/workspaces/other/builds', good),
      'Scale account': form('/v5/builds', scaleForm(), {
        headers: [
          ['content-type', 'multipart/form-data; boundary=a-boundary-of-ours'],
          ['x-selected-account-id', 'other'],
        ],
      }),
      'Pipecat organization': json('/v1/organizations/other/builds', { uploadId: unknownId }),
      'Pipecat organization, list': { path: '/v1/organizations/other/builds' },
    },
    (ask) => ({ id: 7, what: "another tenant's name", ask, status: 403, code: 'forbidden' }),
  ),
  {
    id: 7,
    what: "a body's namespace that is not the header's",
    ask: json('/api/v1/builds', { ...good, namespace: 'other' }, { headers: [['x-workspace-namespace', 'acme']] }),
    status: 400,
    code: 'namespace_mismatch',
  },
  {
    id: 7,
    what: "a body's namespace that is another tenant's",
    ask: json('/api/v1/builds', { ...good, namespace: 'other' }),
    status: 400,
    code: 'namespace_mismatch',
  },
]

/** What reads or changes one build, by its id. */
const ofOne: readonly ((id: string) => Operation)[] = [
  ...['', '/events', '/plan', '/recipe', '/dockerfile', '/context', '/miss'].map((rest) => (id: string) => ({
    method: 'GET',
    path: `/kiln/v1/builds/${id}${rest}`,
  })),
  (id) => ({ method: 'POST', path: `/kiln/v1/builds/${id}/cancel` }),
  (id) => ({ method: 'DELETE', path: `/kiln/v1/builds/${id}` }),
  (id) => ({ method: 'GET', path: `/api/v1/builds/build-${id.replaceAll('-', '')}` }),
  (id) => ({ method: 'GET', path: `/v5/builds/${id}` }),
  (id) => ({ method: 'GET', path: `/v5/builds/${id}/logs` }),
  (id) => ({ method: 'POST', path: `/v5/builds/${id}/cancel` }),
  (id) => ({ method: 'GET', path: `/v1/builds/${id}` }),
  (id) => ({ method: 'GET', path: `/v1/builds/${id}/logs` }),
]

const addresses: readonly Row[] = [
  {
    id: 8,
    what: "another tenant's builds answer as unknown ones",
    async ask(world) {
      const { json: made } = await world.ask({ ...json('/kiln/v1/builds', nativeGood), as: 'other' })
      const { json: theirs } = await world.ask({ ...form('/v5/builds', scaleForm({ agent_name: 'of-other' })), as: 'other' })
      await world.ended(made.id, 'other')
      const replies: Reply[] = []
      for (const id of [made.id, theirs.id])
        for (const one of ofOne) {
          const [foreign, unknown] = [await world.ask(one(id)), await world.ask(one(unknownId))]
          expect(foreign.text).toBe(unknown.text)
          replies.push(foreign, unknown)
        }
      return replies
    },
    status: 404,
    code: 'not_found',
    async then(_reply, world) {
      for (const path of ['/kiln/v1/builds', '/v5/builds', '/v1/builds', '/v5/builds/undeployed']) {
        const { text } = await world.ask({ path })
        for (const { id } of await world.engine.for('other').list({ limit: 100 })) expect(text).not.toContain(id)
      }
    },
  },
  ...each(
    {
      '../x': { path: '../x' },
      '%2e%2e%2f': { path: '%2e%2e%2f' },
      '%00': { path: '%00' },
      '; DROP': { path: "'%3B%20DROP%20TABLE%20builds" },
      'an uppercase uuid': { path: unknownId.toUpperCase().replace('0190', 'ABCD') },
      'percent alone': { path: '%' },
      'no UTF-8': { path: '%ff%fe' },
      __proto__: { path: '__proto__' },
    },
    ({ path }) => ({
      id: 9,
      what: 'an id',
      ask: (world) =>
        Promise.all(['/kiln/v1/builds/', '/api/v1/builds/', '/v5/builds/'].map((prefix) => world.ask({ path: prefix + path }))),
      status: 404,
    }),
  ),
  ...each(
    { '%2e%2e%2f': '%2e%2e%2f', '%00': '%00', '; DROP': "'%3B%20DROP", 'percent alone': '%', 'no uuid': 'x' },
    // as that API documents it
    (path) => ({
      id: 9,
      what: 'an id of Pipecat that is no UUID',
      ask: { path: `/v1/builds/${path}` },
      status: 400,
      code: 'invalid_input',
    }),
  ),
  {
    id: 9,
    what: 'an id of Pipecat: an uppercase uuid',
    ask: { path: `/v1/builds/${unknownId.toUpperCase()}` },
    status: 404,
    code: 'not_found',
  },
  { id: 9, what: 'an id of 1 MB', ask: { path: `/v1/builds/${'a'.repeat(1_000_000)}` }, status: 431, code: 'headers_too_large' },
  {
    id: 10,
    what: 'a wrong method, at every path',
    async ask(world) {
      const paths = new Set((await operations(world)).map(({ path }) => path))
      const replies: Reply[] = []
      for (const path of paths)
        for (const method of ['PATCH', 'TRACE', 'PROPFIND']) {
          const reply = await world.ask({ path, method })
          expect(reply.headers.get('allow')).toMatch(/^[A-Z]+(, [A-Z]+)*, OPTIONS$/)
          replies.push(reply)
        }
      return replies
    },
    status: 405,
  },
  {
    id: 10,
    what: 'an unknown path, below every prefix',
    ask: (world) =>
      Promise.all(
        [
          '/',
          '/x',
          '/kiln/v1/x',
          '/kiln/v1',
          '/api/v1/x',
          '/api/x',
          '/ingestion/x',
          '/v5/x',
          '/public/v5/x',
          '/v1/x',
          '/v1/organizations/acme/x',
          '//v1/builds',
          '/v1/builds/',
        ].map((path) => world.ask({ path })),
      ),
    status: 404,
  },
  {
    id: 10,
    what: 'X-HTTP-Method-Override is not looked at',
    ask: { path: '/v5/builds', headers: [['x-http-method-override', 'DELETE']] },
    status: 200,
  },
]

const bodies: readonly Row[] = [
  ...each(
    {
      none: '',
      'text/plain': 'text/plain',
      'utf-7': 'application/json;charset=utf-7',
      form: 'application/x-www-form-urlencoded',
      'two types': 'application/json, text/plain',
    },
    (type) => ({
      id: 11,
      what: 'a JSON body of another type',
      ask: (world) =>
        Promise.all(
          Object.values(jsonWrites).map((path) =>
            world.ask({ path, method: 'POST', body: JSON.stringify(good), headers: type === '' ? [] : [['content-type', type]] }),
          ),
        ),
      status: 415,
      code: 'unsupported_media_type',
    }),
  ),
  { id: 11, what: 'a form of Scale that says it is JSON', ask: json('/v5/builds', good), status: 415, code: 'unsupported_media_type' },
  {
    id: 12,
    what: 'a JSON body with Content-Encoding: gzip, a bomb',
    ask: (world) =>
      Promise.all(
        Object.values(jsonWrites).map((path) =>
          world.ask({
            path,
            method: 'POST',
            body: gzipSync(Buffer.alloc(2 ** 24)),
            headers: [
              ['content-type', 'application/json'],
              ['content-encoding', 'gzip'],
            ],
          }),
        ),
      ),
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    id: 12,
    what: 'a form with Content-Encoding: gzip',
    ask: form('/v5/builds', scaleForm(), {
      headers: [
        ['content-type', 'multipart/form-data; boundary=a-boundary-of-ours'],
        ['content-encoding', 'gzip'],
      ],
    }),
    status: 415,
    code: 'unsupported_media_type',
  },
  ...each(
    {
      'invalid UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      'a byte order mark': Buffer.from(`\uFEFF${JSON.stringify(good)}`),
      'half a pair': Buffer.from(String.raw`{"name":"\ud800","files":{}}`),
      'a comma at the end': Buffer.from('{"name":"web",}'),
      NaN: Buffer.from('{"name":NaN}'),
      nothing: Buffer.from(' '),
      'two documents': Buffer.from('{}{}'),
      'a comment': Buffer.from('{"name":"web"/**/}'),
    },
    (body) => ({
      id: 16,
      what: 'no JSON',
      ask: (world) =>
        Promise.all(
          Object.values(jsonWrites).map((path) =>
            world.ask({ path, method: 'POST', body, headers: [['content-type', 'application/json']] }),
          ),
        ),
      status: 400,
      code: 'invalid_json',
    }),
  ),
  ...each({ null: 'null', '[]': '[]', 'a text': '"x"', 'a number': '7', 'an empty body': '' }, (body) => ({
    id: 16,
    what: 'JSON that is no object',
    ask: (world) => Promise.all(Object.values(jsonWrites).map((path) => world.ask(json(path, body)))),
    status: 400,
    then: ({ json: { code } }) => expect(['invalid_json', 'invalid_input']).toContain(code),
  })),
  {
    id: 17,
    what: 'a key twice: the last one counts, in all places',
    ask: json('/api/v1/builds', `{"name":"first","name":"last","files":${JSON.stringify(good.files)}}`),
    status: 202,
    then: ({ json: { image } }) => expect(image).toContain('/last'),
  },
  ...each({ 'in objects': ['{"a":', '}'], 'in lists': ['[', ']'] }, ([begin, end]) => ({
    id: 18,
    what: '33 levels',
    ask: (world) =>
      Promise.all(
        Object.values(jsonWrites).map((path) =>
          world.ask(json(path, `{"name":"web","files":{"a":"b"},"x":${begin!.repeat(32)}1${end!.repeat(32)}}`)),
        ),
      ),
    status: 400,
    code: 'invalid_json',
  })),
  {
    id: 18,
    what: 'a million levels',
    ask: (world) => Promise.all(Object.values(jsonWrites).map((path) => world.ask(json(path, '['.repeat(1_000_000))))),
    status: 400,
    code: 'invalid_json',
  },
  ...each({ 'that is told': false, 'in chunks': true }, (inChunks) => ({
    id: 18,
    what: 'a body of 26 MiB',
    async ask(world) {
      const body = Buffer.from(JSON.stringify({ ...good, files: { a: 'x'.repeat(26 * 2 ** 20) } }))
      const replies: Reply[] = []
      for (const path of Object.values(jsonWrites))
        replies.push(
          await world.ask({
            path,
            method: 'POST',
            body: inChunks ? chunked(body) : body,
            headers: [['content-type', 'application/json'], ...(inChunks ? ([['transfer-encoding', 'chunked']] as const) : [])],
          }),
        )
      return replies
    },
    status: 413,
    code: 'payload_too_large',
  })),
]

const message = (world: World, lines: readonly string[], body = ''): string =>
  `${['POST /api/v1/builds HTTP/1.1', 'host: x', `authorization: Bearer ${world.keys.acme}`, 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n${body}`
const text = JSON.stringify(good)

const wire: readonly Row[] = [
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
const limits: readonly Row[] = [
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

function retryable({ headers }: Reply): void {
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}

export const transport: readonly Row[] = [...authorization, ...addresses, ...bodies, ...wire, ...limits]

export const notRun: readonly NotRun[] = [
  {
    id: 3,
    what: 'the times of refused keys',
    reason:
      'No test judges by time. That every refusal does the same work (one look-up, one hash, one comparison) stands in packages/server/test/auth.',
  },
  {
    id: 15,
    what: '2,000 sockets, one byte a second, p99 < 1 s',
    reason: 'Time: 500 sockets are held open above; the rest is benchmarks/.',
  },
]
