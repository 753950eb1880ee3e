// The services that embed the engine: sent a map of files, they answer with the image before it is built.
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKiln, type Engine } from '@kiln/kiln'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { application as expressApplication } from '../../examples/embed-express/server.ts'
import { application as fastifyApplication } from '../../examples/embed-fastify/server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'kiln-embed-'))
let engine: Engine

beforeAll(async () => {
  engine = await openKiln({ dataDir: scratch })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

describe.each([
  ['Express', withExpress],
  ['Fastify', withFastify],
])('%s', (name, start) => {
  test('builds what it is sent, and refuses what it cannot build', async () => {
    const { url, close } = await start()
    try {
      const sent = await post(url, { name: 'embedded', files: { 'main.py': `print("sent through ${name}")\n` } })
      expect(sent).toMatchObject({
        status: 202,
        body: { image: expect.stringMatching(/^localhost\/kiln\/example\/embedded:[0-9a-f]{16}$/) },
      })
      const state = async () => (await fetch(`${url}/builds/${sent.body.id}`)).json()
      await expect
        .poll(state, { timeout: 120_000, interval: 200 })
        .toMatchObject({ state: 'succeeded', digest: expect.stringMatching(/^sha256:/) })
      expect(await post(url, { name: 'embedded', files: { '../x.py': '' } })).toMatchObject({ status: 400, body: { code: 'invalid_path' } })
      expect((await fetch(`${url}/builds/unknown`)).status).toBe(404)
    } finally {
      await close()
    }
  })
})

async function post(url: string, body: unknown): Promise<{ status: number; body: Record<string, string> }> {
  const answer = await fetch(`${url}/builds`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

async function withExpress(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = expressApplication(engine).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: async () => void server.close() }
}

async function withFastify(): Promise<{ url: string; close: () => Promise<void> }> {
  const app = fastifyApplication(engine)
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}
