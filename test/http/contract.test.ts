// Every operation of every API, with every status that its document names: each answer is as the document says.
/* oxlint-disable vitest/expect-expect -- `ask` expects that the answer is as its document says */
import { BuildError, type Engine } from '@kiln/core'
import { createHandler, createKeys, nativeWithKeys, pipecat, runagents, scale, type Caller } from '@kiln/server'
import { listen, type Listening } from '@kiln/server/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boundary, form, formBytes, json, scaleForm, type Asked } from './bad/row.ts'
import { apis, documents, type ApiName, type Documents, type Operation } from './openapi.ts'
import { gz, packed, tar } from './tar.ts'
import { exchange, send, type Reply } from './wire.ts'
import { world, type World } from './world.ts'

let kiln: World
let docs: Documents
/** statuses that were seen, by operation */
const seen = new Map<string, Set<number>>()

beforeAll(async () => {
  kiln = await world()
  docs = await documents(kiln)
})
afterAll(async () => kiln?.[Symbol.asyncDispose]())

const nameOf = ({ api, id }: Operation): string => `${api} ${id}`

/** Holds an answer against the document of its operation. */
function check(method: string, path: string, reply: Reply): Reply {
  const operation = docs.find(method, path)
  if (!operation) throw new Error(`no operation for ${method} ${path}`)
  const faults = docs.faults(operation, reply)
  expect(faults, `${method} ${path.slice(0, 100)}: ${reply.status} ${reply.text.slice(0, 300)}`).toEqual([])
  const statuses = seen.get(nameOf(operation)) ?? new Set()
  seen.set(nameOf(operation), statuses.add(reply.status))
  return reply
}

async function ask(asked: Asked, status?: number): Promise<Reply> {
  const reply = check(asked.method ?? 'GET', asked.path, await kiln.ask(asked))
  if (status !== undefined) expect(reply.status, `${asked.path} ${reply.text.slice(0, 300)}`).toBe(status)
  return reply
}

const unknown = '01900000-0000-7000-8000-000000000000'
const files = { Dockerfile: 'FROM scratch\nCOPY . .\n' }
const post = (path: string, body: unknown, more: Partial<Asked> = {}): Asked => json(path, body, more)

describe('native', () => {
  const base = '/kiln/v1'
  const request = { name: 'web', source: { files }, dockerfile: 'Dockerfile' }

  test('builds', async () => {
    const { json: made } = await ask(post(`${base}/builds`, request), 201)
    await kiln.ended(made.id)
    const { json: planned } = await ask(post(`${base}/builds`, { name: 'app', source: { files: { 'main.py': 'print(1)\n' } } }), 201)
    await kiln.ended(planned.id)
    await ask(post(`${base}/builds`, {}), 400)
    await ask({ path: `${base}/builds` }, 200)
    await ask({ path: `${base}/builds?limit=0` }, 400)
    for (const of of ['', '/events', '/recipe', '/dockerfile', '/context', '/miss', '/plan'])
      await ask({ path: `${base}/builds/${planned.id}${of}` }, 200)
    await ask({ path: `${base}/builds/${planned.id}/events?after=99999` }, 204)
    await ask({ path: `${base}/builds/${planned.id}/events?after=x` }, 400)
    await ask({ path: `${base}/builds/${planned.id}/miss?x=1` }, 400)
    await ask({ method: 'POST', path: `${base}/builds/${planned.id}/cancel` }, 202)
    const { json: waits } = await ask(
      post(`${base}/builds`, { ...request, source: { files: { Dockerfile: 'FROM scratch\nRUN wait\n' } } }),
      201,
    )
    await ask({ method: 'DELETE', path: `${base}/builds/${waits.id}` }, 409)
    await ask({ method: 'POST', path: `${base}/builds/${waits.id}/cancel` }, 202)
    await kiln.ended(waits.id)
    await ask({ method: 'DELETE', path: `${base}/builds/${planned.id}` }, 204)
    await ask(post(`${base}/builds`, request, { headers: [['idempotency-key', 'contract']] }), 201)
    await ask(post(`${base}/builds`, { ...request, name: 'x' }, { headers: [['idempotency-key', 'contract']] }), 422)
    await ask(post(`${base}/plan`, { source: { files: { 'main.py': '' } } }), 200)
    await ask(post(`${base}/plan`, { source: { files: {} } }), 400)
    const nothing = { upload: `sha256:${'0'.repeat(64)}` }
    await ask(post(`${base}/plan`, { source: nothing }), 404)
    await ask(post(`${base}/builds`, { ...request, source: nothing }), 404)
    await ask({ path: `${base}/info` }, 200)
  })

  test('archives and uploads', async () => {
    const bytes = gz()
    const head = [['content-type', 'application/gzip']] as const
    const archive = {
      method: 'POST',
      path: `${base}/builds/archive?name=web&options=%7B%22dockerfile%22%3A%22Dockerfile%22%7D`,
      body: bytes,
      headers: head,
    }
    await ask(archive, 201)
    await ask({ ...archive, headers: [...head, ['idempotency-key', 'archive']] }, 201)
    await ask({ ...archive, path: archive.path.replace('=web', '=other'), headers: [...head, ['idempotency-key', 'archive']] }, 422)
    await ask({ ...archive, path: `${base}/builds/archive` }, 400)
    const digest = `sha256:${Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(tar({ path: 'a' })))).toString('hex')}`
    const upload = {
      method: 'PUT',
      path: `${base}/uploads/${digest}`,
      body: tar({ path: 'a' }),
      headers: [['content-type', 'application/octet-stream']] as const,
    }
    await ask({ path: upload.path }, 404)
    await ask(upload, 201)
    await ask(upload, 200)
    await ask({ path: upload.path }, 200)
    await ask({ path: `${base}/uploads/x` }, 400)
    await ask({ ...upload, path: `${base}/uploads/sha256:${'0'.repeat(64)}` }, 400)
  })

  test('keys', async () => {
    const as = 'admin' as const
    const { json: made } = await ask({ ...post(`${base}/keys`, { name: 'x', scopes: ['read'] }), as }, 201)
    await ask({ path: `${base}/keys`, as }, 200)
    await ask({ method: 'POST', path: `${base}/keys/${made.record.id}/rotate`, as }, 200)
    await ask({ method: 'DELETE', path: `${base}/keys/${made.record.id}`, as }, 200)
    await ask({ ...post(`${base}/keys`, { scopes: ['all'] }), as }, 400)
    for (const [method, path] of [
      ['POST', '/rotate'],
      ['DELETE', ''],
    ])
      await ask({ method: method!, path: `${base}/keys/nobody${path}`, as }, 404)
  })
})

describe.each(['/api/v1', '/api', '/api/v1/workspaces/acme', '/ingestion'])('RunAgents at %s', (base) => {
  test('every operation', async () => {
    const { json: made } = await ask(post(`${base}/builds`, { name: 'web', files }), 202)
    expect(
      Object.keys(made)
        .filter((key) => key !== 'notices')
        .sort(),
    ).toEqual(['created_at', 'id', 'image', 'status'])
    expect([made.status, /^build-[0-9a-f]+$/.test(made.id)]).toEqual(['PENDING', true])
    await ask({ path: `${base}/builds/${made.id}` }, 200)
    await ask(post(`${base}/builds`, { name: 'web' }), 400)
    await ask(post(`${base}/requirements`, { files: { 'main.py': 'import requests\n' } }), 200)
    await ask(post(`${base}/requirements`, {}), 400)
    const { json: analysis } = await ask(
      post(`${base}/analyze`, { files: { 'main.py': 'import openai\nopenai.OpenAI()\nURL = "https://api.stripe.com/v1"\n' } }),
      201,
    )
    await ask(post(`${base}/analyze`, {}), 400)
    await ask({ path: `${base}/analysis/${analysis.id}` }, 200)
    await ask({ path: `${base}/analysis/nothing` }, 404)
  })
})

describe.each(['/v5', '/public/v5'])('Scale at %s', (base) => {
  test('every operation', async () => {
    const create = (changes = {}, archive: Uint8Array = gz()): Asked => form(`${base}/builds`, scaleForm(changes, archive))
    const { json: made } = await ask(create(), 200)
    await ask(form(`${base}/builds`, scaleForm({ image_url: 'ghcr.io/a/b:1' }).slice(0, 3)), 200)
    await ask(create({ image_name: '-' }), 422)
    await ask(create({}, Buffer.from('x')), 400)
    await ask(create({ agent_name: undefined, agent_id: 'x' }), 404)
    await ask({ path: `${base}/builds` }, 200)
    await ask({ path: `${base}/builds?limit=0` }, 422)
    await ask({ path: `${base}/builds/undeployed` }, 200)
    await ask({ path: `${base}/builds/${made.id}` }, 200)
    await kiln.ended(made.id)
    await ask({ path: `${base}/builds/${made.id}/logs` }, 200)
    await ask({ method: 'POST', path: `${base}/builds/${made.id}/cancel` }, 202)
  })
})

describe.each(['/v1', '/v1/organizations/acme'])('Pipecat at %s', (base) => {
  test('every operation', async () => {
    const bytes = packed({ Dockerfile: `FROM scratch\n# ${base}\n` })
    const uploaded = async (region?: string): Promise<string> => {
      const { json: ticket } = await ask(post(`${base}/builds/upload-url`, region ? { region } : {}), 200)
      const path = ticket.uploadUrl.slice(kiln.address.length) as string
      const fields = Object.entries(ticket.uploadFields as Record<string, string>).map(([name, body]) => ({ name, body }))
      const whole = { ...form(path, [...fields, { name: 'file', file: 'context.tar.gz', body: bytes }]), as: '' as const }
      await ask({ ...form(path, [{ name: 'file', file: 'x', body: 'x' }]), as: '' }, 403)
      await ask({ ...form(path, fields), as: '' }, 400)
      await ask(whole, 204)
      await ask(whole, 409)
      return ticket.uploadId as string
    }
    await ask(post(`${base}/builds/upload-url`, { region: 'mars' }), 400)
    const uploadId = await uploaded('us-west')
    const { json: made } = await ask(post(`${base}/builds`, { uploadId, region: 'us-west' }), 201)
    await kiln.ended(made.build.id)
    await ask(post(`${base}/builds`, { uploadId, dockerfilePath: 'other' }), 409)
    const { json: cached } = await ask(post(`${base}/builds`, { uploadId: await uploaded() }), 200)
    expect([cached.cached, cached.build.id]).toEqual([true, made.build.id])
    await ask(post(`${base}/builds`, { uploadId: unknown }), 400)
    await ask({ path: `${base}/builds` }, 200)
    await ask({ path: `${base}/builds?limit=0` }, 400)
    const { json: one } = await ask({ path: `${base}/builds/${made.build.id}` }, 200)
    await ask({ path: `${base}/builds/x` }, 400)
    await ask({ path: `${base}/builds/${made.build.id}/logs` }, 200)
    await ask({ path: `${base}/builds/${made.build.id}/logs?limit=0` }, 400)
    const log = new URL(one.build.logsUrl as string)
    await ask({ path: log.pathname + log.search, as: '' }, 200)
    await ask({ path: `${log.pathname}?grant=x`, as: '' }, 403)
    await ask({ path: log.pathname, as: '' }, 400)
    await ask({ method: 'DELETE', path: `/kiln/v1/builds/${made.build.id}` }, 204)
    await ask({ path: log.pathname + log.search, as: '' }, 404)
    for (const path of ['organizations', 'users', 'properties', 'properties/schema', 'regions', 'services', 'agents'])
      await ask({ path: `${base}/${path}` }, 200)
    for (const path of ['services/a', 'agents/a']) await ask({ path: `${base}/${path}` }, 404)
    for (const [method, path] of [
      ['POST', 'services'],
      ['PUT', 'services'],
      ['POST', 'agents'],
      ['POST', 'agents/a'],
    ])
      await ask({ ...post(`${base}/${path}`, {}), method: method! }, 400)
  })
})

/** A request for an operation: its parameters are ids of nobody. */
const pathOf = ({ path }: Operation): string =>
  path
    .replace('{digest}', `sha256:${'0'.repeat(64)}`)
    .replace('{owner}', 'acme')
    .replaceAll(/\{\w+\}/g, unknown)
const queryOf = ({ id }: Operation): string => (id === 'createBuildFromArchive' ? '?name=web' : id === 'getBuildLogText' ? '?grant=x' : '')
const typeOf = ({ type }: Operation): string =>
  type === 'multipart/form-data' ? `${type}; boundary=${boundary}` : (type ?? 'application/json')

interface Generic {
  readonly status: number
  /** what of an operation answers with it */
  readonly of: (operation: Operation) => boolean
  readonly ask: (operation: Operation) => Asked
}

const generic: readonly Generic[] = [
  { status: 401, of: ({ open }) => !open, ask: (one) => ({ method: one.method, path: pathOf(one), as: '' }) },
  {
    status: 403,
    of: ({ open, method }) => !open && method !== 'GET',
    ask: (one) => ({ method: one.method, path: pathOf(one), as: 'reader' }),
  },
  { status: 405, of: () => true, ask: (one) => ({ method: 'TRACE', path: pathOf(one) }) },
  {
    status: 404,
    of: ({ path, open, type, id }) => path.includes('/{') && !open && type === undefined && id !== 'update-agent',
    ask: (one) => ({ method: one.method, path: pathOf(one), as: 'admin' }),
  },
  {
    status: 413,
    of: ({ type }) => type !== undefined,
    ask: (one) => ({
      method: one.method,
      path: pathOf(one) + queryOf(one),
      as: one.open ? '' : 'admin',
      headers: [
        ['content-type', typeOf(one)],
        ['content-length', '10000000000'],
      ],
      body: '--',
    }),
  },
  {
    status: 415,
    of: ({ type }) => type !== undefined && type !== 'application/octet-stream',
    ask: (one) => ({
      method: one.method,
      path: pathOf(one) + queryOf(one),
      as: one.open ? '' : 'admin',
      headers: [['content-type', 'text/html']],
      body: 'x',
    }),
  },
]

describe('every operation', () => {
  test.each(generic)('answers $status as documented', async ({ status, of, ask: asking }) => {
    const all = docs.operations.filter(of)
    expect(all.length).toBeGreaterThan(3)
    for (const operation of all) {
      const asked = asking(operation)
      const reply = await kiln.ask(asked)
      expect(reply.status, `${nameOf(operation)}: ${reply.text.slice(0, 300)}`).toBe(status)
      check(operation.method, asked.path, reply)
    }
  })

  test('403: a key that may not even read', async () => {
    await using blind = await bare(async () => ({ tenant: 'acme', id: 'k', kind: 'user', scopes: new Set() }))
    for (const one of docs.operations.filter(({ open, path }) => !open && !path.includes('/keys'))) {
      const reply = check(one.method, pathOf(one), await send(blind.address, { method: one.method, path: pathOf(one) }))
      expect([nameOf(one), reply.status]).toEqual([nameOf(one), 403])
    }
  })

  // what the engine or its store fails with comes out in the API's own words, and never as more than it may say
  test.each([
    ['an error of nobody', new Error('secret /work/main/kiln.db'), [500]],
    ['the store', new BuildError('store_unavailable', 'The store does not answer.'), [503]],
    ['the disk', new BuildError('disk_full', 'The disk is full.'), [503, 507]],
  ] as const)('when %s fails', async (_what, error, statuses) => {
    await using broken = await bare(async () => all, failing(error))
    for (const one of docs.operations.filter(reachesEngine)) {
      if (error.message.includes('disk') && one.method === 'GET') continue
      const reply = await send(broken.address, { method: one.method, path: pathOf(one) + queryOf(one), ...bodyFor(one) })
      check(one.method, pathOf(one), reply)
      expect(reply.text).not.toContain('secret')
      expect(statuses, `${nameOf(one)}: ${reply.text.slice(0, 300)}`).toContain(reply.status)
    }
  })

  test.each([
    [500, new Error('secret')],
    [503, new BuildError('store_unavailable', 'The store does not answer.')],
    [507, new BuildError('disk_full', 'The disk is full.')],
  ] as const)('%i when the key cannot be looked up', async (_status, error) => {
    await using broken = await bare(() => Promise.reject(error))
    for (const one of docs.operations.filter(({ open }) => !open)) {
      if (error.message.includes('disk') && one.method === 'GET') continue
      const reply = check(one.method, pathOf(one), await send(broken.address, { method: one.method, path: pathOf(one) }))
      expect([nameOf(one), reply.status >= 500, reply.text.includes('secret')]).toEqual([nameOf(one), true, false])
    }
  })

  test('429 for one log stream too many', async () => {
    await using none = await world({ handler: { limits: { streamsPerKey: 0 } } })
    const { json: made } = await none.ask(form('/v5/builds', scaleForm()))
    for (const path of [`/v5/builds/${made.id}/logs`, `/kiln/v1/builds/${made.id}/events`])
      expect(check('GET', path, await none.ask({ path })).status).toBe(429)
  })

  test('429 over the rate, 503 while draining', async () => {
    await using few = await world({ handler: { limits: { ratePerMinute: 0 } } })
    await using going = await world()
    going.handler.drain()
    for (const one of docs.operations.filter(({ method, open }) => method !== 'GET' && !open)) {
      const asked = { method: one.method, path: pathOf(one), as: 'admin' as const, ...bodyFor(one) }
      const limited = check(one.method, asked.path, await few.ask(asked))
      expect([nameOf(one), limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([nameOf(one), 429, true])
      const late = check(one.method, asked.path, await going.ask(asked))
      // ends something, so that it is carried out to the last
      if (/cancel|revoke|delete/i.test(one.id)) continue
      expect([nameOf(one), late.status, Number(late.headers.get('retry-after')) > 0]).toEqual([nameOf(one), 503, true])
    }
  })

  test('408 for a body that does not come', async () => {
    await using slow = await world({ handler: { limits: { bodyRateMs: 100 } } })
    const all408 = docs.operations.filter(({ type }) => type !== undefined)
    await Promise.all(
      all408.map(async (one) => {
        const path = pathOf(one) + queryOf(one)
        const start = one.type === 'multipart/form-data' ? `--${boundary}\r\nContent-Disposition: form-data; name="f"\r\n\r\nabc` : '{'
        const head = `${one.method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${slow.keys.admin}\r\ncontent-type: ${typeOf(one)}\r\ncontent-length: 9000\r\n\r\n${start}`
        const reply = check(one.method, path, await exchange(slow.address, head))
        expect([nameOf(one), reply.status]).toEqual([nameOf(one), 408])
      }),
    )
  })

  test.each(apis)('%s: no status stands in the document that was not seen, but those that are named', (api: ApiName) => {
    const missing = docs.operations
      .filter((one) => one.api === api)
      .flatMap((one) => one.statuses.filter((status) => !seen.get(nameOf(one))?.has(status)).map((status) => `${one.id} ${status}`))
    const unnamed = missing.filter((one) => !notSeen.some(([fits]) => fits.test(`${api} ${one}`)))
    expect(unnamed, unnamed.join(', ')).toEqual([])
  })
})

/** What a document names and no request here brings about, and why. */
const notSeen: readonly (readonly [RegExp, string])[] = [
  [
    /^(native|runagents|scale) \w+(Build|Plan|Recipe|Dockerfile|Context|Key|Analysis|Logs) (400|422)$/,
    'Every text is an id, of nobody perhaps.',
  ],
  [/^pipecat get-(service|agent) 400$/, 'Every text is a name.'],
  [/^native createBuild(FromArchive)? 409$/, 'Two requests at once with one idempotency key: bad-input.test.ts, 20.'],
  [/^native putUpload (404|415)$/, 'Bytes have no other place than their digest, and are taken whatever their type.'],
  [/^pipecat (uploadContext|update-agent) 404$/, 'The address is signed; there are no agents to find.'],
  [/^native listKeys 403$/, 'Seen with a key that may not administer: bad-input.test.ts, 6.'],
]

const all: Caller = { tenant: 'acme', id: 'k', kind: 'user', scopes: new Set(['read', 'build', 'deploy', 'admin']) }

/** Asks the engine for something, with `bodyFor` as its body. */
function reachesEngine({ api, id }: Operation): boolean {
  const alone =
    /^(listOrganizations|getUser|getProperties|getPropertiesSchema|listRegions|get-(service|agent)|(create|update)-(service|agent)|getInfo|(list|create|rotate|revoke)Keys?|list-(services|agents))$/
  return !(api === 'runagents' && /^(getAnalysis|getBuild)$/.test(id)) && !alone.test(id)
}

function bodyFor(one: Operation): Partial<Asked> {
  const given: Readonly<Record<string, unknown>> = {
    'native createBuild': { name: 'web', source: { files }, dockerfile: 'Dockerfile' },
    'native plan': { source: { files } },
    'runagents createBuild': { name: 'web', files },
    'runagents analyze': { files },
    'runagents detectRequirements': { files },
    'pipecat createBuild': { uploadId: unknown },
    'pipecat createUploadUrl': {},
  }
  if (one.type === 'multipart/form-data') return { headers: [['content-type', typeOf(one)]], body: formBytes(scaleForm()) }
  if (one.type === 'application/json')
    return { headers: [['content-type', 'application/json']], body: JSON.stringify(given[nameOf(one)] ?? {}) }
  return one.type === undefined ? {} : { headers: [['content-type', one.type]], body: gz() }
}

/** Everything that is asked of a tenant rejects. */
function failing(error: Error): Engine {
  const fails = async (): Promise<never> => {
    throw error
  }
  const of = (...names: readonly string[]): object => Object.fromEntries(names.map((name) => [name, fails]))
  const view = {
    ...of('build', 'register', 'plan', 'findings', 'get', 'list', 'count', 'groups', 'reusable', 'remove'),
    documents: of('read', 'write'),
    blobs: of('put', 'open', 'size', 'remove'),
    uploads: of('put', 'open', 'size', 'remove'),
  }
  return { for: () => view, ...of('load', 'probe', 'prune', 'ended'), drain: async () => undefined } as unknown as Engine
}

async function bare(authenticate: () => Promise<Caller>, engine: Engine = kiln.engine): Promise<Listening> {
  return listen({
    handler: (publicUrl) =>
      createHandler({
        engine,
        authenticate,
        publicUrl,
        apis: [nativeWithKeys(createKeys(engine.for('x').documents)), runagents, scale, pipecat],
      }),
  })
}
