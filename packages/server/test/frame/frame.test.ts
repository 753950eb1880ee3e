import { BuildError } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { native, type Caller, type Logger } from '../../src/index.ts'
import { ask, plainApi, serve, streams } from '../fixtures/api.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of any API
async function answer(of: Response): Promise<{ status: number; body: any }> {
  const text = await of.text()
  return { status: of.status, body: text === '' ? '' : JSON.parse(text) }
}

describe('a route', () => {
  test('is found under every prefix, fixed paths first, by its schemas', async () => {
    await using served = serve()
    expect(await answer(await served.handler(ask('/one/things/7?limit=3')))).toEqual({
      status: 200,
      body: { id: '7', tenant: 'acme', limit: 3 },
    })
    expect(await answer(await served.handler(ask('/one/in/paris/things/7')))).toMatchObject({ status: 200, body: { id: '7' } })
    expect(await answer(await served.handler(ask('/one/things/fixed')))).toEqual({ status: 200, body: { fixed: true } })
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=11', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=1&limit=2', 'limit'],
  ])('the query %s is refused by its field', async (query, field) => {
    await using served = serve()
    expect(await answer(await served.handler(ask(`/one/things/7?${query}`)))).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', faults: [{ where: ['query', field] }] },
    })
  })

  test('every answer has the id of its request, each another', async () => {
    await using served = serve()
    const ids = await Promise.all(
      ['/one/things/1', '/one/things/2', '/one/broken'].map(async (path) => (await served.handler(ask(path))).headers.get('x-request-id')),
    )
    expect(new Set(ids).size).toBe(3)
    expect(ids.every((id) => id !== null)).toBe(true)
  })

  test('what it throws without a code stays in the log', async () => {
    const logged: unknown[] = []
    const logger: Logger = { info: () => {}, warn: () => {}, error: (...words) => void logged.push(words) }
    await using served = serve({ logger })
    const { status, body } = await answer(await served.handler(ask('/one/broken?key=secret')))
    expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' })
    expect(JSON.stringify(body)).not.toContain('42')
    expect(logged).toMatchObject([
      [{ err: { message: 'the secret is 42' }, method: 'GET', path: '/one/broken' }, 'The server failed to answer.'],
    ])
  })
})

describe('who asks', () => {
  test('nobody is 401, with the scheme; a key without the scope 403', async () => {
    await using served = serve()
    const refused = await served.handler(ask('/one/things/1', { headers: { authorization: 'Bearer wrong' } }))
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
    expect(
      await answer(await served.handler(ask('/one/things', { method: 'POST', headers: { authorization: 'Bearer reader' } }))),
    ).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  test('the rate is of writes', async () => {
    await using served = serve({ limits: { ratePerMinute: 2 } })
    const post = () => served.handler(ask('/one/things', { method: 'POST' }))
    expect([(await post()).status, (await post()).status]).toEqual([200, 200])
    const third = await post()
    expect(third.status).toBe(429)
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    for (let at = 0; at < 5; at += 1) expect((await served.handler(ask('/one/things/1'))).status).toBe(200)
  })

  test('draining: reads go on, writes are told when to come back', async () => {
    await using served = serve()
    served.handler.drain()
    expect((await served.handler(ask('/one/things/1'))).status).toBe(200)
    const refused = await served.handler(ask('/one/things', { method: 'POST' }))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  })
})

describe('where nothing is', () => {
  test.each([
    ['/two/nothing', 'two'],
    ['/two', 'two'],
    ['/two/deep/nothing', 'deep'],
    ['/two/deeper', 'two'],
    ['/twofold', 'one'],
    ['/', 'one'],
    ['/one/in/paris/nothing', 'one'],
  ])('%s is 404 in the words of %s', async (path, api) => {
    await using served = serve()
    expect(await answer(await served.handler(ask(path)))).toMatchObject({ status: 404, body: { api, code: 'unknown_route' } })
  })

  test('under a base path the same, and nothing beside it', async () => {
    await using served = serve({ basePath: '/base/path' })
    expect((await served.handler(ask('/base/path/two/things/1'))).status).toBe(200)
    expect(await answer(await served.handler(ask('/base/path/two/x')))).toMatchObject({ status: 404, body: { api: 'two' } })
    expect((await served.handler(ask('/two/things/1'))).status).toBe(404)
    expect((await served.handler(ask('/base/path/healthz'))).status).toBe(200)
  })

  test.each(['DELETE', 'PUT', 'PATCH', 'PROPFIND'])('%s is 405 with what is allowed', async (method) => {
    await using served = serve()
    const refused = await served.handler(ask('/two/things/1', { method, headers: { 'x-http-method-override': 'GET' } }))
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect(await refused.json()).toMatchObject({ api: 'two', code: 'method_not_allowed' })
  })

  test('GET where only POST is', async () => {
    await using served = serve()
    const refused = await served.handler(ask('/one/things'))
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })

  test('OPTIONS says what is allowed, without a key', async () => {
    await using served = serve()
    const said = await served.handler(new Request('http://kiln.example/one/things/1', { method: 'OPTIONS' }))
    expect([said.status, said.headers.get('allow'), await said.text()]).toEqual([204, 'GET, HEAD, OPTIONS', ''])
  })

  test('HEAD is GET without the body, and leaves no stream open', async () => {
    await using served = serve()
    const head = await served.handler(ask('/one/things/1', { method: 'HEAD' }))
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'application/json', ''])
    expect((await served.handler(ask('/one/things/1', { method: 'HEAD', headers: { authorization: '' } }))).status).toBe(401)
    expect((await served.handler(ask('/one/stream', { method: 'HEAD' }))).status).toBe(200)
    expect(streams.size).toBe(0)
  })

  test.each(['%', '%zz', '%00', '%c3%28', '%2e%2e%2f', '%ff', "';DROP", '%E2%80%AE'])('the id %s is no trouble', async (id) => {
    await using served = serve()
    expect([200, 400, 404]).toContain((await served.handler(ask(`/one/things/${id}`))).status)
  })

  test('an id of a megabyte is refused', async () => {
    await using served = serve()
    expect((await served.handler(ask(`/one/things/${'a'.repeat(2 ** 20)}`))).status).toBe(400)
  })
})

test.each([
  { publicUrl: 'kiln.example' },
  { publicUrl: 'ftp://kiln.example' },
  { publicUrl: 'https://me:pass@kiln.example' },
  { publicUrl: 'https://kiln.example?x' },
  { basePath: 'x' },
  { basePath: '/x/' },
  { basePath: '/:x' },
])('%o cannot be', (options) => {
  expect(() => serve({ apis: [plainApi('one', ['/one'])], ...options })).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
})

test('the rate is of a tenant, whichever of its keys asks: another tenant has its own', async () => {
  const callers: Record<string, Caller> = Object.fromEntries(
    ['acme', 'acme two', 'umbra'].map((name) => [
      name,
      { tenant: name.split(' ')[0]!, id: name.split(' ')[1] ?? 'ci', kind: 'user', scopes: new Set(['read', 'build'] as const) },
    ]),
  )
  await using served = serve({
    authenticate: async ({ headers }) => callers[headers.get('authorization')!],
    limits: { ratePerMinute: 1 },
  })
  const post = async (tenant: string): Promise<number> =>
    (await served.handler(ask('/one/things', { method: 'POST', headers: { authorization: tenant } }))).status
  expect([await post('acme'), await post('acme two'), await post('umbra')]).toEqual([200, 429, 200])
})

test('below the disk floor nothing is taken in that would be stored, and reads go on', async () => {
  const full = { dataDir: '/', limits: { diskFloor: Number.MAX_SAFE_INTEGER, diskShare: 2 } }
  await using served = serve(full)
  const refused = await served.handler(ask('/one/things', { method: 'POST' }))
  expect([(await answer(refused)).body.code, refused.headers.get('retry-after')]).toEqual(['disk_full', '60'])
  expect((await served.handler(ask('/one/things/7'))).status).toBe(200)
  await using roomy = serve({ dataDir: '/', limits: { diskFloor: Number.MAX_SAFE_INTEGER, diskShare: 0 } })
  expect((await roomy.handler(ask('/one/things', { method: 'POST' }))).status).toBe(200)
})

test.each(['disk_full', 'store_unavailable', 'store_corrupt'] as const)('where our data is stays in our log: %s', async (code) => {
  const logged: object[] = []
  const logger: Logger = { info: () => {}, warn: () => {}, error: (facts) => void logged.push(facts) }
  const error = new BuildError(code, '/var/lib/kiln/kiln.db: it is in trouble', { hint: 'See /var/lib/kiln.' })
  await using served = serve({ logger, authenticate: async () => Promise.reject(error), apis: [native] })
  const refused = await served.handler(ask('/kiln/v1/builds'))
  expect(refused.status).toBeGreaterThanOrEqual(500)
  expect(await refused.text()).not.toContain('/var/lib')
  expect(logged).toMatchObject([{ err: error }])
})
