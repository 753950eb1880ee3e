import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
// @ts-expect-error the rig runs before anything is installed: plain JavaScript
import { findEngine } from './lib/find.mjs'

beforeEach(() => void vi.stubEnv('DOCKER_HOST', ''))

/** A socket whose pings are answered with this status; without one nobody listens. */
async function socket(status?: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'kiln-find-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'docker.sock')
  if (status === undefined) return `unix://${path}`
  const server = createServer((request, response) => void response.writeHead(request.url === '/_ping' ? status : 404).end('OK'))
  onTestFinished(() => void server.close())
  server.listen(path)
  await once(server, 'listening')
  return `unix://${path}`
}

describe('the engine to use on this machine', () => {
  test('is the one of the default socket where DOCKER_HOST names none', async () => {
    const defaultSocket = await socket(200)
    expect(await findEngine({ start: false, defaultSocket })).toEqual({ host: defaultSocket, origin: 'default socket' })
  })

  test('is the one DOCKER_HOST names, before the default socket', async () => {
    const named = await socket(200)
    vi.stubEnv('DOCKER_HOST', named)
    expect(await findEngine({ start: false, defaultSocket: await socket(200) })).toEqual({ host: named, origin: 'DOCKER_HOST' })
  })

  test('is the one of the default socket where the named one does not answer, which is said', async () => {
    const [named, defaultSocket] = [await socket(), await socket(200)]
    vi.stubEnv('DOCKER_HOST', named)
    const said: string[] = []
    const found = await findEngine({ start: false, defaultSocket, log: (line: string) => void said.push(line) })
    expect({ found, said }).toEqual({
      found: { host: defaultSocket, origin: 'default socket' },
      said: [`no Docker Engine answers at DOCKER_HOST=${named}`],
    })
  })

  test.each([[undefined], [500]])('is not the default socket when nothing, or no engine, answers there (%s)', async (status) => {
    const defaultSocket = await socket(status)
    const found = await findEngine({ start: false, defaultSocket })
    // whether the rig is up on this machine is no part of the question
    expect('host' in found ? found.origin : found.missing).toMatch(/^(?:rig$|no Docker Engine answers, and )/)
  })
})
