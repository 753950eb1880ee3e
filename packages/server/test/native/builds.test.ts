import type { BuildRecord } from '@kiln/core'
import { fakeDriver, hanging } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { built, request, world } from './world.ts'

test('a build is answered with its whole record, its image and its address', async () => {
  await using at = world()
  const answer = await at.ask('POST', '/builds', { json: request })
  expect(answer.status).toBe(201)
  const { notices, ...record } = await answer.json()
  const stored = (await at.engine.for('acme').get(record.id))!.record
  expect(Object.keys(record).toSorted()).toEqual(
    Object.keys(stored)
      .filter((key) => !['startedAt', 'endedAt', 'built'].includes(key))
      .toSorted(),
  )
  expect(record).toMatchObject({ name: 'web', image: `localhost/kiln/acme/web:${record.key.slice(7, 23)}`, reuse: 'none' })
  expect(notices).toEqual([])
  expect(answer.headers.get('location')).toBe(`https://kiln.test/kiln/v1/builds/${record.id}`)
})

test('the record is lossless: what GET answers is what the engine has', async () => {
  await using at = world()
  const id = await built(at)
  expect(await (await at.ask('GET', `/builds/${id}`)).json()).toEqual(
    JSON.parse(JSON.stringify((await at.engine.for('acme').get(id))!.record)),
  )
})

test('every option reaches the engine', async () => {
  await using at = world()
  const options = {
    args: { A: '1' },
    platforms: ['linux/arm64'],
    labels: { team: 'x' },
    tags: ['latest'],
    attributes: { who: 'me' },
    driver: 'fake',
    output: 'load',
    secrets: { npm: 'env:NPM' },
    pull: true,
    runMs: 5000,
    partition: 'eu',
    target: 'out',
  }
  const files = { Dockerfile: 'FROM scratch AS out\n' }
  const id = await built(at, { ...options, source: { files } })
  const [job] = at.driver.jobs
  expect(job).toMatchObject({ args: { A: '1' }, platforms: ['linux/arm64'], labels: { team: 'x' }, pull: true, recipe: { target: 'out' } })
  expect((await at.engine.for('acme').get(id))!.record).toMatchObject({ tags: ['latest'], attributes: { who: 'me' } })
})

test('files are texts or base64, under any name', async () => {
  await using at = world()
  const files = JSON.parse(`{"Dockerfile":"FROM scratch\\n","__proto__":"odd","constructor":"too","b.bin":{"base64":"AAH/"}}`)
  const id = await built(at, { source: { files } })
  const tar = await (await at.ask('GET', `/builds/${id}/context`)).response.bytes()
  const text = Buffer.from(tar).toString('latin1')
  for (const part of ['__proto__', 'odd', 'constructor', 'b.bin', '\x00\x01\xff']) expect(text).toContain(part)
})

test('the same inputs again are a hit, with a record of its own', async () => {
  await using at = world()
  const id = await built(at)
  const again = await (await at.ask('POST', '/builds', { json: request })).json()
  expect(again).toMatchObject({ state: 'succeeded', reuse: 'hit' })
  expect(again.id).not.toBe(id)
  expect(at.driver.jobs).toHaveLength(1)
  const other = await (await at.ask('POST', '/builds', { json: { ...request, args: { A: '1' } } })).json()
  expect(other.reuse).toBe('none')
})

test('an idempotency key: same body same build, another body 422', async () => {
  await using at = world()
  const headers = { 'idempotency-key': 'one' }
  const first = await (await at.ask('POST', '/builds', { json: request, headers })).json()
  const second = await at.ask('POST', '/builds', { json: request, headers })
  expect([second.status, (await second.json()).id]).toEqual([201, first.id])
  const other = await at.ask('POST', '/builds', { json: { ...request, args: { A: '1' } }, headers })
  expect([other.status, (await other.json()).code]).toEqual([422, 'idempotency_mismatch'])
  const foreign = await (await at.ask('POST', '/builds', { json: request, headers, as: 'other' })).json()
  expect(foreign.id).not.toBe(first.id)
  expect(await at.engine.for('acme').count()).toBe(1)
})

test('the same key at the same moment is 409 but for the first', async () => {
  await using at = world()
  const asked = Array.from({ length: 5 }, () => at.ask('POST', '/builds', { json: request, headers: { 'idempotency-key': 'k' } }))
  const answers = await Promise.all(asked)
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409])
  const late = answers.find(({ status }) => status === 409)!
  expect(await late.json()).toMatchObject({ code: 'idempotency_in_flight' })
  expect(late.headers.get('retry-after')).toBe('1')
  expect(await at.engine.for('acme').count()).toBe(1)
})

test.each(['', 'a b', 'ü', 'x'.repeat(256)])('the idempotency key %j is refused', async (key) => {
  await using at = world()
  const answer = await at.ask('POST', '/builds', { json: request, headers: { 'idempotency-key': Buffer.from(key).toString('latin1') } })
  expect([answer.status, (await answer.json()).code]).toEqual([400, 'invalid_input'])
})

const bad: readonly (readonly [string, object, number, string])[] = [
  ['no source', { name: 'web' }, 400, 'invalid_input'],
  ['an unknown field', { ...request, verify: 'fast' }, 400, 'invalid_input'],
  ['a build said to be of another API', { ...request, attributes: { api: 'scale' } }, 400, 'invalid_input'],
  ['two sources', { ...request, source: { files: {}, upload: `sha256:${'0'.repeat(64)}` } }, 400, 'invalid_input'],
  ['no such upload', { ...request, source: { upload: `sha256:${'0'.repeat(64)}` } }, 404, 'upload_not_found'],
  ['no digest', { ...request, source: { upload: 'sha256:../x' } }, 400, 'invalid_input'],
  ['a file that is a number', { ...request, source: { files: { a: 1 } } }, 400, 'invalid_input'],
  ['base64 that is none', { ...request, source: { files: { a: { base64: '*' } } } }, 400, 'invalid_input'],
  ['plan and Dockerfile', { ...request, plan: {} }, 400, 'invalid_input'],
  ['a target without Dockerfile', { name: 'web', source: request.source, target: 'x' }, 400, 'invalid_input'],
  ['a name that cannot be', { ...request, name: 'A B' }, 400, 'invalid_name'],
  ['a plan that is none', { name: 'web', source: request.source, plan: {} }, 400, 'invalid_plan'],
  ['a config that is none', { name: 'web', source: request.source, config: { nope: 1 } }, 400, 'invalid_config'],
  ['no Dockerfile there', { ...request, dockerfile: 'other' }, 400, 'dockerfile_not_found'],
  ['a Dockerfile outside', { ...request, dockerfile: '../../etc/passwd' }, 400, 'dockerfile_not_found'],
  ['a path outside', { ...request, source: { files: { '../a': '' } } }, 400, 'invalid_path'],
  ['nothing to plan', { name: 'web', source: { files: { 'a.txt': '' } } }, 400, 'nothing_detected'],
  ['an unknown driver', { ...request, driver: 'nope' }, 400, 'invalid_argument'],
  ['a forbidden argument', { ...request, args: { BUILDKIT_SYNTAX: 'x' } }, 400, 'invalid_argument'],
  ['a cache only with no hit', { ...request, cache: 'only' }, 404, 'not_found'],
]

test.each(bad)('%s is refused, and no build is there', async (_name, json, status, code) => {
  await using at = world()
  const answer = await at.ask('POST', '/builds', { json })
  const body = await answer.json()
  expect([answer.status, body.code]).toEqual([status, code])
  expect(Object.keys(body)).toEqual(['error', 'code', 'hint', 'details'])
  expect(await at.engine.for('acme').count()).toBe(0)
})

test('too many files, and files that are too large, are refused', async () => {
  await using at = world({ handler: { limits: { files: 2, file: 5 } } })
  const of = (files: object): Promise<{ status: number }> => at.ask('POST', '/builds', { json: { ...request, source: { files } } })
  expect((await of({ Dockerfile: '', a: '', b: '' })).status).toBe(413)
  expect((await of({ Dockerfile: 'ü'.repeat(3) })).status).toBe(413)
  expect((await of({ a: { base64: 'AAAAAAAA' } })).status).toBe(413)
})

test('builds of others are as unknown as those that never were', async () => {
  await using at = world()
  const id = await built(at, {}, 'other')
  const paths = ['', '/events', '/miss', '/plan', '/dockerfile', '/recipe', '/context']
  const asked = [...paths.map((path) => ['GET', path] as const), ['POST', '/cancel'] as const, ['DELETE', ''] as const]
  for (const [method, path] of asked) {
    const [foreign, unknown] = await Promise.all([id, 'no-such'].map(async (one) => at.ask(method, `/builds/${one}${path}`)))
    expect(foreign!.status, path).toBe(404)
    expect(await foreign!.text()).toBe(await unknown!.text())
  }
  const earlier = await Promise.all([id, 'no-such'].map(async (one) => at.ask('GET', `/builds/${await built(at)}/miss?earlier=${one}`)))
  expect(earlier.map(({ status }) => status)).toEqual([404, 404])
})

test('cancel is 202 in every state, and is stored', async () => {
  await using at = world({
    build: async (_job, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  })
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  const first = await at.ask('POST', `/builds/${id}/cancel`)
  expect(first.status).toBe(202)
  expect((await (await at.engine.for('acme').get(id))!.result()).state).toBe('cancelled')
  const again = await at.ask('POST', `/builds/${id}/cancel`)
  expect([again.status, (await again.json()).state]).toEqual([202, 'cancelled'])
})

test('a build is deleted once it has ended', async () => {
  const over = Promise.withResolvers<void>()
  await using at = world({
    async build(_job, { signal }) {
      await over.promise
      signal.throwIfAborted()
      throw new Error('over')
    },
  })
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  const early = await at.ask('DELETE', `/builds/${id}`)
  expect([early.status, (await early.json()).code]).toEqual([409, 'build_not_final'])
  over.resolve()
  await (await at.engine.for('acme').get(id))!.result()
  expect((await at.ask('DELETE', `/builds/${id}`)).status).toBe(204)
  expect((await at.ask('GET', `/builds/${id}`)).status).toBe(404)
})

test('the list has filters, and cursors that lose and repeat nothing in both directions', async () => {
  await using at = world()
  for (let i = 0; i < 7; i++) await built(at, { attributes: { parity: i % 2 ? 'odd' : 'even', n: String(i) } })
  await built(at, { name: 'other' })
  const list = async (query: string): Promise<{ builds: BuildRecord[]; total: number; next?: string }> =>
    (await at.ask('GET', `/builds?${query}`)).json()
  const all = (await list('name=web')).builds.map(({ id }) => id)
  expect(all).toHaveLength(7)
  expect(await list('')).toMatchObject({ total: 8 })
  expect((await list('attribute=parity%3Dodd')).builds.map(({ attributes }) => attributes['n'])).toEqual(['5', '3', '1'])
  expect((await list('attribute=parity%3Dodd&attribute=n%3D3')).total).toBe(1)
  expect((await list('state=failed')).total).toBe(0)
  expect((await list('name=web&sort=attribute:n&order=asc')).builds.map(({ attributes }) => attributes['n'])).toEqual('0123456'.split(''))
  const seen: string[] = []
  for (let after = ''; ;) {
    const { builds, next } = await list(`name=web&limit=3${after}`)
    seen.push(...builds.map(({ id }) => id))
    if (next === undefined) break
    after = `&after=${next}`
  }
  expect(seen).toEqual(all)
  expect(await list('name=web&limit=7')).not.toHaveProperty('next')
  const back = await list(`name=web&limit=3&before=${all[5]}`)
  expect(back.builds.map(({ id }) => id)).toEqual(all.slice(2, 5))
  expect(back.next).toBe(all[4])
})

test.each([
  'limit=0',
  'limit=1001',
  'limit=x',
  'state=nope',
  'sort=nope',
  'order=up',
  'attribute=x',
  'attribute=a%3D1&attribute=a%3D2',
  'nope=1',
])('the list refuses %s', async (query) => {
  await using at = world()
  const answer = await at.ask('GET', `/builds?${query}`)
  expect([answer.status, (await answer.json()).code]).toEqual([400, 'invalid_input'])
})

test('a miss is explained by inputs and files', async () => {
  await using at = world()
  await built(at)
  const id = await built(at, { args: { A: '1' }, source: { files: { ...request.source.files, 'app.txt': 'other', new: '' } } })
  const miss = await (await at.ask('GET', `/builds/${id}/miss`)).json()
  expect(miss.files).toMatchObject({ added: ['new'], removed: [], changed: ['app.txt'] })
  expect(miss.inputs.map(({ name }: { name: string }) => name)).toContain('tree')
})

test('plan, recipe, Dockerfile and context of a build can be had', async () => {
  await using at = world()
  const id = await built(at, { dockerfile: undefined, source: { files: { 'main.py': 'print(1)\n' } } })
  expect((await (await at.ask('GET', `/builds/${id}/plan`)).json()).language).toBe('python')
  expect((await (await at.ask('GET', `/builds/${id}/recipe`)).json()).kind).toBe('dockerfile')
  const dockerfile = await at.ask('GET', `/builds/${id}/dockerfile`)
  expect(dockerfile.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(await dockerfile.text()).toContain('FROM ')
  const context = await at.ask('GET', `/builds/${id}/context`)
  const bytes = await context.response.bytes()
  expect(context.headers.get('content-length')).toBe(String(bytes.length))
  expect(Buffer.from(bytes).toString()).toContain('main.py')
  const none = await at.ask('GET', `/builds/${await built(at)}/plan`)
  expect([none.status, (await none.json()).code]).toEqual([404, 'not_found'])
})

test('a plan is made without building: with evidence, or with the reason why there is none', async () => {
  await using at = world()
  const good = await at.ask('POST', '/plan', { json: { source: { files: { 'main.py': 'import flask\n' } }, config: { port: 9 } } })
  expect(await good.json()).toMatchObject({ ok: true, plan: { language: 'python', port: 9 }, evidence: { values: expect.any(Array) } })
  const none = await at.ask('POST', '/plan', { json: { source: { files: { 'a.txt': '' } } } })
  expect([none.status, await none.json()]).toMatchObject([200, { ok: false, code: 'nothing_detected' }])
  expect(await at.engine.for('acme').count()).toBe(0)
})

test('a plan that was edited is built', async () => {
  await using at = world()
  const source = { files: { 'main.py': 'print(1)\n' } }
  const { plan } = await (await at.ask('POST', '/plan', { json: { source } })).json()
  const id = await built(at, { source, dockerfile: undefined, plan: { ...plan, env: { EDITED: '1' } } })
  expect((await (await at.ask('GET', `/builds/${id}/plan`)).json()).env).toEqual({ EDITED: '1' })
})

test('while the server drains a build is cancelled, and none begun', async () => {
  await using at = world({ build: hanging })
  const { id } = await (await at.ask('POST', '/builds', { json: request })).json()
  at.handler.drain()
  expect((await at.ask('POST', '/builds', { json: request })).status).toBe(503)
  expect((await at.ask('POST', `/builds/${id}/cancel`)).status).toBe(202)
  expect((await (await at.engine.for('acme').get(id))!.result()).state).toBe('cancelled')
})

test('what the server can do is told', async () => {
  await using at = world()
  expect(await (await at.ask('GET', '/info')).json()).toMatchObject({
    api: 'kiln/v1',
    drivers: [{ name: 'fake', ready: true, version: 'fake 1.0' }],
  })
})

test('where the builder is, tenants are not told', async () => {
  const facts = { address: 'unix:///run/of-kiln.sock' }
  const found = await fakeDriver().probe({})
  if (!found.ready) throw new Error('the fake driver is ready')
  await using at = world({ probe: { ...found, facts } })
  const told = await (await at.ask('GET', '/info')).text()
  expect(told).toContain('"can":{"recipes"')
  expect(told).not.toContain('of-kiln')
  const message = 'The Docker Engine at unix:///run/of-kiln.sock does not answer.'
  await using down = world({ probe: { ready: false, code: 'driver_unreachable', message, hint: 'Look at /run/of-kiln.sock.' } })
  const info = await down.ask('GET', '/info')
  expect((await info.json()).drivers).toEqual([{ name: 'fake', ready: false, code: 'driver_unreachable' }])
  const refused = await down.ask('POST', '/builds', { json: request })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  const text = await refused.text()
  expect(text).toContain('driver_unreachable')
  expect(text).not.toContain('of-kiln')
})

test('scopes: reading does not build', async () => {
  await using at = world()
  expect((await at.ask('POST', '/builds', { json: request, as: 'acme:read' })).status).toBe(403)
  expect((await at.ask('GET', '/builds', { as: 'acme:build' })).status).toBe(403)
  expect((await at.ask('GET', '/builds', { headers: { authorization: 'Basic x' } })).status).toBe(401)
})

test('builds made otherwise in the same store are seen with their attributes', async () => {
  await using at = world()
  const { record } = await at.engine.for('acme').register({ name: 'theirs', image: 'r.io/x:1', attributes: { api: 'scale' } })
  expect(await (await at.ask('GET', `/builds/${record.id}`)).json()).toMatchObject({
    name: 'theirs',
    state: 'succeeded',
    attributes: { api: 'scale' },
  })
})

test('every wrong field is named at once, also those of maps and unknown ones', async () => {
  await using at = world()
  const options = { name: 5, args: { A: 'ok', B: 1, C: null }, labels: 'x', maxAge: -1, platforms: ['windows'], nmae: 1, foo: 2 }
  const named = (answer: { readonly details: { readonly faults: readonly { readonly where: readonly unknown[] }[] } }): readonly string[] =>
    answer.details.faults.map(({ where }) => where.join('.')).toSorted()
  const fields = ['args.B', 'args.C', 'foo', 'labels', 'maxAge', 'name', 'nmae', 'platforms.0']
  const json = { ...options, source: { files: { 'a.py': 'ok', 'b.py': 5, 'c.py': { base64: '!' } }, more: 1 } }
  const answer = await at.ask('POST', '/builds', { json })
  expect(answer.status).toBe(400)
  const inSource = ['source.files.b.py', 'source.files.c.py', 'source.more']
  expect(named(await answer.json())).toEqual([...fields, ...inSource].map((field) => `body.${field}`).toSorted())
  const query = `name=x&options=${encodeURIComponent(JSON.stringify(options))}`
  const archive = await at.ask('POST', `/builds/archive?${query}`, { body: 'x', headers: { 'content-type': 'application/x-tar' } })
  expect(archive.status).toBe(400)
  // the name is a parameter of its own
  expect(named(await archive.json())).toEqual(fields.filter((field) => field !== 'name').map((field) => `query.options.${field}`))
})
