import { twoSteps } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { hashOf, host, project, tarGz, world, type World } from './world.ts'

async function builtAll(kiln: World, count: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) ids.push((await kiln.built(await tarGz({ ...project, n: String(i) }))).json.build.id)
  return ids
}

/** Builds in each state, by the engine itself: what they are made of does not matter to a list. */
async function ofEveryState(kiln: World): Promise<Record<string, string>> {
  const { json } = await kiln.built(await tarGz(project))
  const attributes = (await kiln.engine.for('acme').get(json.build.id))!.record.attributes
  const files = { Dockerfile: 'FROM scratch\n' }
  const { files: source } = await import('@kiln/core')
  const start = async (): Promise<string> =>
    (
      await kiln.engine
        .for('acme')
        .build({ name: 'x', source: await source(files), how: { dockerfile: 'Dockerfile' }, attributes, cache: 'refresh' })
    ).record.id
  const ids: Record<string, string> = { success: json.build.id }
  for (const state of ['failed', 'cancelled', 'timeout']) {
    ids[state] = await start()
    if (state === 'cancelled') await (await kiln.engine.for('acme').get(ids[state]))!.cancel()
    await kiln.ended(ids[state])
  }
  return ids
}

describe('the list', () => {
  test('is the newest first, in pages, with the number of all', async () => {
    await using kiln = world()
    const ids = (await builtAll(kiln, 5)).toReversed()
    const page = async (query: string): Promise<unknown> => {
      const { json } = await kiln.ask(`GET /builds${query}`)
      return [json.builds.map(({ id }: { id: string }) => ids.indexOf(id)), json.total, json.limit, json.offset]
    }
    expect(await page('')).toEqual([[0, 1, 2, 3, 4], 5, 20, 0])
    expect(await page('?limit=2')).toEqual([[0, 1], 5, 2, 0])
    expect(await page('?limit=2&offset=4')).toEqual([[4], 5, 2, 4])
    expect(await page('?limit=2&offset=9')).toEqual([[], 5, 2, 9])
    expect(await page('?status=failed')).toEqual([[], 0, 20, 0])
    expect(await page('?status=success&limit=5')).toEqual([[0, 1, 2, 3, 4], 5, 5, 0])
    expect(await page('?status=timeout&offset=3')).toEqual([[], 0, 20, 3])
    expect(await page('?region=us-west&dockerfilePath=./Dockerfile&limit=1')).toEqual([[0], 5, 1, 0])
    expect(await page('?region=eu-central')).toEqual([[], 0, 20, 0])
    expect(await page('?dockerfilePath=b/Dockerfile')).toEqual([[], 0, 20, 0])
    expect(await page('?unknown=1&limit=1')).toEqual([[0], 5, 1, 0])
  })

  test('finds the builds of a context, few or many', async () => {
    await using kiln = world()
    const context = await tarGz(project)
    const first = (await kiln.built(context)).json.build.id
    await kiln.built(await tarGz({ ...project, other: '' }))
    const hash = hashOf(context)
    const found = async (more = ''): Promise<unknown> => {
      const { json } = await kiln.ask(`GET /builds?limit=1&contextHash=${hash}&region=us-west&status=success${more}`)
      return [json.builds.map(({ id }: { id: string }) => id), json.total]
    }
    expect(await found()).toEqual([[first], 1])
    expect(await found('&dockerfilePath=Dockerfile')).toEqual([[first], 1])
    expect(await found('&dockerfilePath=other')).toEqual([[], 0])
    expect((await kiln.ask(`GET /builds?contextHash=${hash}&status=failed`)).json.builds).toEqual([])
    expect((await kiln.ask(`GET /builds?contextHash=${hash}&region=eu-central`)).json.builds).toEqual([])
    // a build of another API may call its own facts so
    const native = { name: 'a', source: { files: project }, dockerfile: 'Dockerfile', attributes: { contextHash: hash, region: 'us-west' } }
    await kiln.ended((await kiln.ask('POST http://localhost/kiln/v1/builds', { json: native })).json.id)
    expect(await found()).toEqual([[first], 1])
    let last = ''
    for (let i = 0; i < 25; i++) {
      kiln.driver.stored.clear()
      last = (await kiln.built(context)).json.build.id
    }
    expect(await found()).toEqual([[last], 26])
    expect(await found('&offset=25')).toEqual([[first], 26])
    expect(await found('&dockerfilePath=other')).toEqual([[], 0])
  })

  test('knows the statuses that stand for two states', async () => {
    let count = 0
    await using kiln = world({
      engine: { attempts: 1, timeouts: { run: 150 } },
      async build(job, io) {
        count += 1
        if (count === 2) throw new Error('broke')
        if (count > 2) await new Promise((_resolve, reject) => io.signal.addEventListener('abort', () => reject(io.signal.reason)))
        return twoSteps(job, io)
      },
    })
    const ids = await ofEveryState(kiln)
    const of = async (query: string): Promise<unknown> => {
      const { json } = await kiln.ask(`GET /builds?${query}`)
      return [json.builds.map(({ id }: { id: string }) => Object.entries(ids).find(([, one]) => one === id)?.[0]), json.total]
    }
    expect(await of('')).toEqual([['timeout', 'cancelled', 'failed', 'success'], 4])
    expect(await of('status=failed')).toEqual([['cancelled', 'failed'], 2])
    expect(await of('status=failed&limit=1&offset=1')).toEqual([['failed'], 2])
    expect(await of('status=failed&offset=2')).toEqual([[], 2])
    expect(await of('status=timeout')).toEqual([['timeout'], 1])
    expect((await kiln.ask(`GET /builds/${ids['timeout']}`)).json.build).toMatchObject({
      status: 'timeout',
      errorMessage: expect.any(String),
    })
  })

  test.each([
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=abc',
    'limit=-1',
    'limit=1&limit=2',
    'offset=-1',
    'offset=x',
    'offset=1e99',
    'status=queued',
    'status=',
    'contextHash=a&contextHash=b',
    'dockerfilePath=../x',
  ])('%s is refused', async (query) => {
    await using kiln = world()
    const { status, json } = await kiln.ask(`GET /builds?${query}`)
    expect(status).toBe(400)
    expect(Object.keys(json)).toEqual(['error', 'code'])
  })
})

describe('a log', () => {
  const many = (count: number) =>
    world({
      async build(job, io) {
        io.emit({ step: '1', type: 'step-started', title: '[1/1] RUN count' })
        for (let i = 0; i < count; i++) io.emit({ step: '1', type: 'log', stream: 'out', text: `line ${i}` })
        return twoSteps(job, io)
      },
    })

  test('has the latest lines, and the way to the earlier ones', async () => {
    await using kiln = many(1200)
    const { id } = (await kiln.built(await tarGz(project))).json.build
    const all: string[] = []
    const sizes: number[] = []
    for (let token: string | undefined, i = 0; i < 10; i++) {
      const { status, json } = await kiln.ask(`GET /builds/${id}/logs${token === undefined ? '' : `?nextToken=${token}`}`)
      expect(status).toBe(200)
      all.unshift(...json.logs)
      sizes.push(json.logs.length)
      token = json.nextToken
      if (token === undefined) break
    }
    expect(all[0]).toBe('[1/1] RUN count')
    expect(all.filter((line) => line.startsWith('line '))).toEqual(Array.from({ length: 1200 }, (_, i) => `line ${i}`))
    expect(sizes.slice(0, 2)).toEqual([500, 500])
    expect((await kiln.ask(`GET /builds/${id}/logs?limit=2`)).json.logs).toEqual(all.slice(-2))
    const whole = (await kiln.ask(`GET /builds/${id}/logs?limit=10000`)).json
    expect(whole).toEqual({ logs: all })
    const { logsUrl } = (await kiln.ask(`GET /builds/${id}`)).json.build
    const file = await kiln.ask(`GET ${logsUrl}`, { as: '' })
    expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(file.text).toBe(`${all.join('\n')}\n`)
  })

  test('is empty, and then there, while the build runs', async () => {
    const [started, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await using kiln = world({
      async build(job, io) {
        io.emit({ step: '1', type: 'log', stream: 'out', text: 'soon' })
        started.resolve()
        await over.promise
        return twoSteps(job, io)
      },
    })
    const uploadId = await kiln.upload(await tarGz(project))
    const { id } = (await kiln.ask('POST /builds', { json: { uploadId } })).json.build
    await started.promise
    for await (const event of (await kiln.engine.for('acme').get(id))!.events()) if (event.type === 'log') break
    expect((await kiln.ask(`GET /builds/${id}/logs`)).json).toEqual({ logs: ['soon'] })
    over.resolve()
    await kiln.ended(id)
  })

  test('ends with why the build failed', async () => {
    await using kiln = world({ build: async () => Promise.reject(new Error('broke')), engine: { attempts: 1 } })
    const { id } = (await kiln.built(await tarGz(project))).json.build
    const { errorMessage } = (await kiln.ask(`GET /builds/${id}`)).json.build
    expect((await kiln.ask(`GET /builds/${id}/logs`)).json.logs).toEqual([errorMessage])
  })

  test.each(['limit=0', 'limit=10001', 'limit=x', 'nextToken=x', 'nextToken=-1', 'nextToken='])('%s is refused', async (query) => {
    await using kiln = world()
    const { id } = (await kiln.built(await tarGz(project))).json.build
    expect((await kiln.ask(`GET /builds/${id}/logs?${query}`)).status).toBe(400)
  })

  test('has a link that is signed, expires, and is for one build', async () => {
    await using kiln = world()
    const [a, b] = await builtAll(kiln, 2)
    const { logsUrl } = (await kiln.ask(`GET /builds/${a}`)).json.build
    const wrong = [logsUrl.replace(a!, b!), logsUrl.slice(0, -1) + (logsUrl.endsWith('A') ? 'B' : 'A'), logsUrl.replace(/=.*$/, '=x')]
    for (const url of wrong) {
      const { status, json } = await kiln.ask(`GET ${url}`, { as: '' })
      expect([status, json.code]).toEqual([403, 'bad_signature'])
    }
    expect((await kiln.ask(`GET ${host}/v1/builds/${a}/log.txt`, { as: '' })).status).toBe(400)
    expect((await kiln.ask(`GET ${logsUrl.replace('/v1/', '/v1/organizations/acme/')}`, { as: '' })).status).toBe(200)
    const upload = (await kiln.ask('POST /builds/upload-url', { json: {} })).json
    const other = `${host}/v1/builds/${upload.uploadId}/log.txt?grant=${upload.uploadFields['x-kiln-grant']}`
    expect((await kiln.ask(`GET ${other}`, { as: '' })).status).toBe(403)
    kiln.clock.now += 54 * 60_000
    expect((await kiln.ask(`GET ${logsUrl}`, { as: '' })).status).toBe(200)
    const fresh = (await kiln.ask(`GET /builds/${a}`)).json.build.logsUrl
    kiln.clock.now += 6 * 60_000
    expect((await kiln.ask(`GET ${logsUrl}`, { as: '' })).status).toBe(403)
    expect((await kiln.ask(`GET ${fresh}`, { as: '' })).status).toBe(200)
  })
})

describe('around a build', () => {
  test('the command line finds what it reads', async () => {
    await using kiln = world()
    const of = async (path: string): Promise<unknown> => (await kiln.ask(`GET ${path}`)).json
    expect(await of('/organizations')).toEqual({ organizations: [{ name: 'acme', verboseName: 'acme' }] })
    expect(await of('/users')).toEqual({ user: { userId: 'key-acme', emails: [] } })
    expect(await of('/organizations/acme/properties')).toEqual({ properties: { defaultRegion: 'us-west' } })
    expect(await of('/organizations/acme/properties/schema')).toMatchObject({ properties: { defaultRegion: { currentValue: 'us-west' } } })
    expect(await of('/organizations/acme/regions')).toEqual({ regions: [{ code: 'us-west', display_name: 'US West' }] })
  })

  test('there is no deploying', async () => {
    await using kiln = world()
    for (const path of ['/services?include=git', '/agents']) expect((await kiln.ask(`GET ${path}`)).json).toEqual({ services: [] })
    for (const path of ['/services/a', '/organizations/acme/services/a', '/agents/a']) {
      const { status, json } = await kiln.ask(`GET ${path}`)
      expect([status, json.code]).toEqual([404, 'not_found'])
    }
    for (const what of ['POST /services', 'PUT /organizations/acme/services', 'POST /agents', 'POST /agents/a']) {
      const { status, json } = await kiln.ask(what, { json: { serviceName: 'a' } })
      expect([status, json.code]).toEqual([400, 'no_deploying'])
    }
  })
})

describe('refusals', () => {
  test('have a text and a code: the status itself where clients look for it', async () => {
    await using kiln = world()
    const of = async (what: string, options?: Parameters<World['ask']>[1]): Promise<unknown> => {
      const { status, json } = await kiln.ask(what, options)
      expect(Object.keys(json)).toEqual(['error', 'code'])
      return [status, json.code]
    }
    expect(await of('GET /builds', { as: '' })).toEqual([401, '401'])
    expect(await of('POST /builds', { as: 'acme:read', json: {} })).toEqual([403, 'forbidden'])
    expect(await of('GET /builds/x')).toEqual([400, 'invalid_input'])
    expect(await of('GET /builds/x/logs')).toEqual([400, 'invalid_input'])
    expect(await of(`GET /builds/${crypto.randomUUID().toUpperCase()}`)).toEqual([404, 'not_found'])
    expect(await of(`GET /builds/${crypto.randomUUID()}/logs`)).toEqual([404, 'not_found'])
    expect(await of('DELETE /builds')).toEqual([405, 'method_not_allowed'])
    expect(await of('GET /nothing')).toEqual([404, 'unknown_route'])
    expect(await of('POST /builds', { json: {} })).toEqual([400, 'invalid_input'])
    expect(await of('POST /builds')).toEqual([400, 'invalid_input'])
    expect(await of('POST /builds', { json: [] })).toEqual([400, 'invalid_input'])
    expect(await of('POST /builds', { body: '{', headers: { 'content-type': 'application/json' } })).toEqual([400, 'invalid_json'])
    expect(await of('POST /builds', { body: '{}', headers: { 'content-type': 'text/plain' } })).toEqual([415, 'unsupported_media_type'])
    kiln.handler.drain()
    expect(await of('POST /builds', { json: {} })).toEqual([503, '503'])
    expect((await kiln.ask('GET /builds')).status).toBe(200)
  })

  test('say when to come again, as where the queue is full', async () => {
    await using kiln = world({ engine: { worker: false, queue: { perTenant: 1, total: 1 } } })
    await kiln.ask('POST /builds', { json: { uploadId: await kiln.upload(await tarGz(project)) } })
    const uploadId = await kiln.upload(await tarGz({ ...project, more: '' }))
    const full = await kiln.ask('POST /builds', { json: { uploadId } })
    expect([full.status, full.json.code, full.headers.get('retry-after')]).toEqual([429, 'queue_full', '5'])
    kiln.handler.drain()
    expect((await kiln.ask('POST /builds', { json: { uploadId } })).headers.get('retry-after')).toBe('5')
  })
})
