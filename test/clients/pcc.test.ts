// The older `pcc`: pipecatcloud 0.7.2. It ends with 0 whatever happened, so that only its text and its requests tell.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environment } from './environments.ts'
import { bot, buildPart, cachedBuild, newBuild, project, upload, type Project } from './pipecat-project.ts'
import { serve, type Served } from './server.ts'

const salt = crypto.randomUUID().slice(0, 8)
let server: Served
let good: Project
let bad: Project
let [program, key]: [string[], string] = [[], '']

beforeAll(async () => {
  program = [join(await environment('pcc'), 'pcc')]
  server = await serve()
  key = await server.key()
  const env = { PIPECAT_TOKEN: key, PIPECAT_ORG: server.tenant }
  good = project(server, program, env, bot(salt))
  bad = project(server, program, env, bot(salt, 'RUN echo not today && exit 9\n'))
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  for (const one of [good, bad]) rmSync(one.home, { recursive: true, force: true })
})

interface Build {
  readonly id: string
  readonly status: string
  readonly imageUri?: string
  readonly errorMessage?: string
}

/** Asked past the CLI, which only draws. */
async function builds(): Promise<readonly Build[]> {
  const answer = await fetch(`${server.url}/v1/builds`, { headers: { authorization: `Bearer ${key}` } })
  return ((await answer.json()) as { builds: Build[] }).builds
}

const said = async (on: Project, ...words: readonly string[]): Promise<string> => {
  const { out, err } = await on.cli(...words)
  expect(out + err).not.toContain('Traceback')
  return out + err
}

describe('pcc deploy --yes', () => {
  test('uploads the project and waits for its build', async () => {
    const { out, err, requests } = await good.cli('deploy', '--yes')
    expect(buildPart(requests).map(upload)).toEqual(newBuild)
    expect(out + err).toContain('Upload complete')
    expect(out + err).toMatch(/Build Complete \(\d+s\)/)
    expect(await builds()).toEqual([expect.objectContaining({ status: 'success', imageUri: expect.stringContaining(server.tenant) })])
  })

  test('of the same files finds the build and uploads nothing', async () => {
    const { out, err, requests } = await good.cli('deploy', '--yes')
    expect(buildPart(requests)).toEqual(cachedBuild)
    expect(out + err).toMatch(/cached build found/i)
    expect(await builds()).toHaveLength(1)
  })

  test('of a project whose build fails says so, and deploys nothing', async () => {
    const { out, err, requests } = await bad.cli('deploy', '--yes')
    expect(buildPart(requests).map(upload)).toEqual(newBuild)
    expect(requests.join()).not.toContain('/services')
    const failed = (await builds()).find(({ status }) => status === 'failed')
    expect(failed?.errorMessage).toContain('exit code 9')
    expect(out + err).toMatch(/build failed/i)
  })

  test('with a wrong key is told to log in', async () => {
    const stranger = project(server, program, { PIPECAT_TOKEN: 'kiln_wrong', PIPECAT_ORG: server.tenant }, bot(salt))
    expect(await said(stranger, 'deploy', '--yes')).toMatch(/log ?in/i)
    rmSync(stranger.home, { recursive: true })
  })
})

test('pcc build list, status and logs', async () => {
  const all = await builds()
  const [failed, built] = ['failed', 'success'].map((status) => all.find((one) => one.status === status)!) as [Build, Build]
  const list = await said(good, 'build', 'list')
  for (const { id } of [failed, built]) expect(list).toContain(id.slice(0, 8))
  const status = await said(good, 'build', 'status', built.id)
  for (const part of [built.id, 'success', 'us-west', 'Image Size', 'Context Size']) expect(status).toContain(part)
  expect(await said(good, 'build', 'status', failed.id)).toContain('exit code 9')
  expect(await said(good, 'build', 'logs', built.id)).toContain(`bot ${salt} is here`)
  expect(await said(good, 'build', 'status', '00000000-0000-4000-8000-000000000000')).toMatch(/not found/i)
})

test('pcc regions list, organizations list, properties, whoami', async () => {
  expect(await said(good, 'regions', 'list')).toContain('us-west')
  expect(await said(good, 'organizations', 'list')).toContain(server.tenant)
  expect(await said(good, 'organizations', 'properties', 'list')).toContain('us-west')
  expect(await said(good, 'organizations', 'properties', 'schema')).toContain('defaultRegion')
  expect(await said(good, 'auth', 'whoami')).toContain(server.tenant)
})
