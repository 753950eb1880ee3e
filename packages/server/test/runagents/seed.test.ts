import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen, type Listening } from '../../src/node/listen.ts'
import { curlGet, curlStart, pythonStart } from './seed-blocks.ts'
import { agent, pip, world, type World } from './world.ts'

// The blocks of the page, with only the host changed, against a server that listens.

let its: World
let server: Listening
let folder: string

beforeAll(async () => {
  its = world({ build: pip! })
  server = await listen({ handler: () => its.handler })
  folder = await mkdtemp(join(tmpdir(), 'kiln-seed-'))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await its[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const env = { ...process.env, RUNAGENTS_API_KEY: 'acme', NO_PROXY: '*', no_proxy: '*' }
const run = promisify(execFile)

async function shell(block: string): Promise<Record<string, string>> {
  const { stdout } = await run('bash', ['-c', hosted(block).replace('curl ', 'curl -sS ')], { env, cwd: folder })
  return JSON.parse(stdout) as Record<string, string>
}

function hosted(block: string): string {
  expect(block).toContain('https://api.runagents.io/')
  return block.replaceAll('https://api.runagents.io', server.address)
}

const hasRequests = succeeds('python3', ['-c', 'import requests'])

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('curl: start, then poll', async () => {
  const started = await shell(curlStart)
  expect(started).toMatchObject({ status: 'PENDING', image: expect.stringMatching(/\/my-agent:[0-9a-f]{16}$/) })
  await its.ended(started['id']!)
  // the generated Dockerfile runs pip, which fails in this driver
  const now = await shell(curlGet.replace('build-a1b2c3d4', started['id']!))
  expect(now).toMatchObject({
    id: started['id'],
    status: 'FAILED',
    error: 'pip install failed: no matching distribution found for nonexistent-package',
  })
})

test('curl: an id that does not exist', async () => {
  expect(await shell(curlGet)).toEqual({ error: 'build not found', code: 'not_found' })
})

test.skipIf(!hasRequests)('Python (skipped where python3 has no requests)', async () => {
  await writeFile(join(folder, 'agent.py'), agent)
  await writeFile(join(folder, 'requirements.txt'), 'nonexistent-package\n')
  // what the page takes for granted, and a poll that does not take five seconds
  const before = 'api_key = "acme"\nimport time\nsleep = time.sleep\ntime.sleep = lambda seconds: sleep(0.05)\n'
  await writeFile(join(folder, 'block.py'), before + hosted(pythonStart))
  const { stdout } = await run('python3', ['block.py'], { env, cwd: folder })
  expect(stdout).toMatch(
    /^Build started: build-[0-9a-f]{32}\nImage will be: \S+\/my-agent:[0-9a-f]{16}\n(Status: (PENDING|BUILDING)\n)*Status: FAILED\n$/,
  )
})
