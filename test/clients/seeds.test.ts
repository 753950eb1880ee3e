// Every block of the vendors' documents that concerns builds, run by bash with curl and jq, and by Python with requests.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environment } from './environments.ts'
import { run } from './run.ts'
import { pipecatBash, pipecatUpload, runagentsCurl, runagentsPython, runagentsStatus } from './seeds.ts'
import { serve, type Served } from './server.ts'
import { missingShellTools } from './shell-tools.ts'

const salt = crypto.randomUUID().slice(0, 8)
const home = mkdtempSync(join(tmpdir(), 'kiln-seeds-'))
const missing = missingShellTools()
let server: Served
let key = ''

beforeAll(async () => {
  server = await serve()
  key = await server.key()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
})

const here = (block: string): string => block.replaceAll(/https:\/\/api\.(runagents\.io|pipecat\.daily\.co)/g, server.url)

async function bash(block: string): Promise<string> {
  const ran = await run('bash', ['-eu', '-o', 'pipefail'], {
    cwd: home,
    input: here(block),
    env: { RUNAGENTS_API_KEY: key, PIPECAT_API_KEY: key },
  })
  if (ran.code !== 0) throw new Error(`${ran.code}: ${ran.out}${ran.err}\n${server.log()}`)
  return ran.out
}

async function settled<T>(path: string, done: (body: T) => boolean): Promise<T> {
  for (let at = 0; at < 1200; at += 1) {
    const body = (await (await fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } })).json()) as T
    if (done(body)) return body
    await sleep(200)
  }
  throw new Error(`${path} does not come to an end`)
}

interface Started {
  readonly id: string
  readonly image: string
  readonly status: string
}

describe.skipIf(missing !== undefined)(`RunAgents by curl${missing ? ` (${missing})` : ''}`, () => {
  let started: Started

  test('starts the build of the document, which becomes an image', async () => {
    started = JSON.parse(await bash(runagentsCurl)) as Started
    expect(started).toEqual({
      id: expect.stringMatching(/^build-[0-9a-f]+$/),
      status: 'PENDING',
      image: expect.stringMatching(/\/my-agent:[0-9a-f]{16}$/),
      created_at: expect.any(String),
    })
    const last = await settled<Started>(`/api/builds/${started.id}`, ({ status }) => status === 'SUCCEEDED' || status === 'FAILED')
    expect(last).toMatchObject({ status: 'SUCCEEDED', image: started.image })
  })

  test("reads a build's status; the document's own id is not found", async () => {
    expect(JSON.parse(await bash(runagentsStatus))).toMatchObject({ error: 'build not found' })
    expect(JSON.parse(await bash(runagentsStatus.replace('build-a1b2c3d4', started.id)))).toMatchObject({
      id: started.id,
      status: 'SUCCEEDED',
    })
  })
})

test('RunAgents by Python with requests: starts the build and polls it to its end', async () => {
  const python = join(await environment('requests'), 'python')
  writeFileSync(join(home, 'agent.py'), `import requests\n\nprint("${salt}", requests.__name__)\n`)
  writeFileSync(join(home, 'requirements.txt'), 'requests\n')
  const ran = await run(python, ['-'], { cwd: home, input: `api_key = "${key}"\n${here(runagentsPython)}` })
  expect(ran.err).toBe('')
  expect(ran.out).toMatch(
    /^Build started: build-[0-9a-f]+\nImage will be: \S+\/my-agent:[0-9a-f]{16}\n(Status: (PENDING|BUILDING)\n)*Status: SUCCEEDED\n$/,
  )
})

describe.skipIf(missing !== undefined)(`Pipecat by bash, curl and jq${missing ? ` (${missing})` : ''}`, () => {
  const whole = pipecatBash.replace(/# 2\..*\n/, () => pipecatUpload)
  let id = ''

  beforeAll(async () => {
    writeFileSync(join(home, 'Dockerfile'), `FROM python:3.11-slim\nRUN echo ${salt}\n`)
    const packed = await run('tar', ['-czf', 'context.tar.gz', 'Dockerfile'], { cwd: home })
    if (packed.code !== 0) throw new Error(packed.err)
  })

  test('as it stands, without the upload, it gets no build', async () => {
    const out = await bash(`${pipecatBash}echo $BUILD_RESPONSE\n`)
    expect(out).toMatch(/^Build started: null\n/)
    expect(JSON.parse(out.trim().split('\n').at(-1)!)).toEqual({ error: expect.any(String), code: expect.any(String) })
    expect(server.seen.at(-1)).toMatchObject({ method: 'POST', path: '/v1/builds', status: 400 })
  })

  test('with the upload it starts a build, which becomes an image', async () => {
    const out = await bash(whole)
    expect(out).toMatch(/^Uploaded: 204\nBuild started: ([0-9a-f-]{36})\nPoll GET \/builds\/\1 for status\n$/)
    id = out.trim().split('\n').at(-1)!.split('/')[2]!.split(' ')[0]!
    const last = await settled<{ build: { status: string } }>(
      `/v1/builds/${id}`,
      ({ build }) => !['pending', 'building'].includes(build.status),
    )
    expect(last.build).toMatchObject({ id, status: 'success', imageUri: expect.any(String) })
  })

  test('once more it uses that build', async () => {
    const out = await bash(`${whole}echo "$BUILD_ID $IMAGE_URI"\n`)
    expect(out).toMatch(/^Uploaded: 204\nUsing cached build!\n/)
    expect(out.trim().split('\n').at(-1)).toMatch(new RegExp(`^${id} \\S+$`))
  })
})
