// The examples of docs/server.md, each with Kiln below /kiln and something of its own beside it.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, type Engine } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { application as onExpress } from '../../../../examples/embed-server/express.ts'
import { application as onFastify } from '../../../../examples/embed-server/fastify.ts'
import { application as onHono } from '../../../../examples/embed-server/hono.ts'
import { application as onNode } from '../../../../examples/embed-server/node.ts'
import { createKeys, systemTenant } from '../../src/index.ts'
import { toNodeListener } from '../../src/node/node.ts'

interface Mounted extends AsyncDisposable {
  readonly url: string
}
type Mount = (engine: Engine) => Promise<Mounted>
const publicUrl = 'https://example.com'

async function mounted(server: Server): Promise<Mounted> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const hosts: readonly (readonly [string, Mount])[] = [
  ['Express', async (engine) => mounted(createServer(onExpress(engine, publicUrl).app))],
  ['Hono', async (engine) => mounted(createServer(toNodeListener(async (request) => onHono(engine, publicUrl).app.fetch(request))))],
  ['node:http', async (engine) => mounted(onNode(engine, publicUrl).app)],
  [
    'Fastify',
    async (engine) => {
      const { app } = onFastify(engine, publicUrl)
      const url = await app.listen({ port: 0, host: '127.0.0.1' })
      return { url, [Symbol.asyncDispose]: async () => app.close() }
    },
  ],
]

describe.each(hosts)('%s', (name, mount) => {
  test('builds, lists and refuses below the path; the rest stays the host’s', async () => {
    await using engine = createEngine({ drivers: [fakeDriver()], worker: false })
    const { key } = await createKeys(engine.for(systemTenant).documents).create({ tenant: 'acme' })
    await using server = await mount(engine)
    const headers = { authorization: `Bearer ${key}`, 'x-signed-in-user': 'acme', 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'agent', source: { files: { 'main.py': 'print(1)\n' } } })

    const created = await fetch(`${server.url}/kiln/kiln/v1/builds`, { method: 'POST', headers, body })
    expect(created.status).toBe(201)
    const { id } = (await created.json()) as { id: string }
    expect(await (await fetch(`${server.url}/kiln/kiln/v1/builds/${id}`, { headers })).json()).toMatchObject({ id, state: 'queued' })
    expect((await fetch(`${server.url}/kiln/kiln/v1/builds`)).status).toBe(401)
    expect((await fetch(`${server.url}/kiln/v5/nothing`, { headers })).status).not.toBe(200)
    const document = (await (await fetch(`${server.url}/kiln/openapi/native.json`)).json()) as { servers: unknown }
    expect(document.servers).toEqual([{ url: 'https://example.com/kiln' }])

    const own = await fetch(`${server.url}/own`, { method: 'POST', headers, body: '{"a":1}' })
    expect(await own.text()).toBe(name === 'node:http' ? 'the rest of the service\n' : '{"got":{"a":1}}')
  })
})

test('Next.js: the exports of a route file', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kiln-next-'))
  const before = process.env['KILN_DATA_DIR']
  process.env['KILN_DATA_DIR'] = dataDir
  try {
    const next = await import('../../../../examples/embed-server/next.ts')
    expect((await next.GET(new Request('http://localhost:3000/kiln/healthz'))).status).toBe(200)
    expect((await next.POST(new Request('http://localhost:3000/kiln/kiln/v1/builds', { method: 'POST' }))).status).toBe(401)
    expect((await next.OPTIONS(new Request('http://localhost:3000/kiln/kiln/v1/builds', { method: 'OPTIONS' }))).status).toBe(204)
  } finally {
    if (before === undefined) delete process.env['KILN_DATA_DIR']
    else process.env['KILN_DATA_DIR'] = before
    rmSync(dataDir, { recursive: true, force: true })
  }
})
