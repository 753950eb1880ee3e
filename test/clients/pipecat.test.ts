// `pipecat cloud`: pipecat-ai-cli 1.3.0 with pipecatcloud 1.4.0 as PyPI has them, with images pushed to a registry.
import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engines } from '../engine/docker-engine.ts'
import { environment } from './environments.ts'
import { bot, buildPart, cachedBuild, newBuild, project, upload, type Project } from './pipecat-project.ts'
import { serve, type Served } from './server.ts'

const salt = crypto.randomUUID().slice(0, 8)
const { registry } = await engines()
let server: Served
let good: Project
let bad: Project

beforeAll(async () => {
  const program = [join(await environment('pipecat'), 'pipecat'), 'cloud']
  server = await serve(registry === undefined ? [] : ['--registry', `${registry}/kiln-clients`])
  const env = { PIPECAT_TOKEN: await server.key(), PIPECAT_ORG: server.tenant }
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
  readonly [key: string]: unknown
}

const json = async <T>(on: Project, ...words: readonly string[]): Promise<T> => {
  const ran = await on.cli('--output', 'json', ...words)
  if (ran.code !== 0) throw new Error(`${words.join(' ')}: ${ran.code} ${ran.out}${ran.err}`)
  return JSON.parse(ran.out) as T
}
const builds = async (on: Project): Promise<readonly Build[]> => (await json<{ builds: Build[] }>(on, 'build', 'list')).builds

describe('deploy --yes', () => {
  test('uploads the project and waits for its build', async () => {
    const ran = await good.cli('deploy', '--yes')
    const said = ran.out + ran.err
    expect(buildPart(ran.requests).map(upload)).toEqual(newBuild)
    expect(said).toContain('Upload complete')
    expect(said).toMatch(/Build Complete \(\d+s\)/)
    const [build, ...others] = await builds(good)
    expect(others).toEqual([])
    expect(build).toMatchObject({ status: 'success', region: 'us-west', dockerfilePath: 'Dockerfile', organizationId: server.tenant })
  })

  test.skipIf(registry === undefined)('the image that the build names is in the registry', async () => {
    const imageUri = (await builds(good))[0]?.imageUri ?? ''
    const [, host, name, reference] = /^([^/]+)\/(.+?)[:@]([^/]+)$/.exec(imageUri) ?? []
    expect(host).toBe(registry)
    const answer = await fetch(`http://${host}/v2/${name}/manifests/${reference}`, {
      headers: { accept: 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json' },
    })
    expect(answer.status).toBe(200)
  })

  test('of the same files finds the build and uploads nothing', async () => {
    const ran = await good.cli('deploy', '--yes')
    expect(buildPart(ran.requests)).toEqual(cachedBuild)
    expect(ran.out + ran.err).toMatch(/cached build found/i)
    expect(await builds(good)).toHaveLength(1)
  })

  test('in a region asks for the regions, and refuses one that is not there', async () => {
    const ran = await good.cli('deploy', '--yes', '--region', 'us-west')
    expect(buildPart(ran.requests)).toEqual(['GET /v1/organizations/ORG/regions 200', cachedBuild[1]])
    const other = await good.cli('deploy', '--yes', '--region', 'mars')
    expect(other).toMatchObject({ code: 1, requests: ['GET /v1/organizations/ORG/regions 200'] })
  })

  test('of a project whose build fails says so, and deploys nothing', async () => {
    const ran = await bad.cli('deploy', '--yes')
    expect(ran.code).toBe(1)
    expect(buildPart(ran.requests).map(upload)).toEqual(newBuild)
    expect(ran.requests.join()).not.toContain('/services')
    const failed = (await builds(bad)).find(({ status }) => status === 'failed')
    expect(failed).toMatchObject({ errorMessage: expect.stringContaining('exit code 9') })
    expect(failed).not.toHaveProperty('imageUri')
    expect(ran.out + ran.err).toContain(String(failed!['errorMessage']))
  })

  test('with a wrong key is told to log in', async () => {
    const stranger = project(
      server,
      [join(await environment('pipecat'), 'pipecat'), 'cloud'],
      { PIPECAT_TOKEN: 'kiln_wrong', PIPECAT_ORG: server.tenant },
      bot(salt),
    )
    const ran = await stranger.cli('deploy', '--yes')
    expect(ran.code).toBe(1)
    expect(ran.out + ran.err).toMatch(/log ?in/i)
    rmSync(stranger.home, { recursive: true })
  })
})

describe('build', () => {
  test('list, status and logs as JSON', async () => {
    const build = (await builds(good)).find(({ status }) => status === 'success')!
    const when = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(await json(good, 'build', 'status', build.id)).toEqual({
      id: build.id,
      organizationId: server.tenant,
      status: 'success',
      region: 'us-west',
      contextHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      dockerfilePath: 'Dockerfile',
      imageUri: build.imageUri,
      logsUrl: expect.stringMatching(new RegExp(`^${server.url}/`)),
      contextSizeBytes: expect.any(Number),
      imageSizeBytes: expect.any(Number),
      buildDurationSeconds: expect.any(Number),
      startedAt: when,
      completedAt: when,
      createdAt: when,
      updatedAt: when,
    })
    const { logs } = await json<{ logs: string[] }>(good, 'build', 'logs', build.id)
    expect(logs).toEqual(expect.arrayContaining([`bot ${salt} is here`, 'bot.py']))
    expect(logs).not.toContain('.env')
    expect((await fetch(String((await json<Build>(good, 'build', 'status', build.id))['logsUrl']))).status).toBe(200)
  })

  test('list, status and logs as text, and as boxes', async () => {
    const build = (await builds(good)).find(({ status }) => status === 'success')!
    for (const output of ['plain', 'rich']) {
      const list = await good.cli('--output', output, 'build', 'list')
      expect(list).toMatchObject({ code: 0, out: expect.stringContaining(build.id.slice(0, 8)) })
      const status = await good.cli('--output', output, 'build', 'status', build.id)
      expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/Image Size/) })
      const logs = await good.cli('--output', output, 'build', 'logs', build.id)
      expect(logs).toMatchObject({ code: 0, out: expect.stringContaining(`bot ${salt} is here`) })
    }
  })

  test('of an id that is not there ends with 1', async () => {
    const ran = await good.cli('--output', 'json', 'build', 'status', '00000000-0000-4000-8000-000000000000')
    expect(ran).toMatchObject({ code: 1, requests: ['GET /v1/organizations/ORG/builds/ID 404'] })
  })
})

describe('what is asked around a build', () => {
  test('regions, organizations, properties, whoami', async () => {
    expect(await json(good, 'regions', 'list')).toEqual({
      regions: [expect.objectContaining({ code: 'us-west', display_name: 'US West' })],
    })
    expect((await good.cli('organizations', 'list')).out).toContain(server.tenant)
    expect(await good.cli('organizations', 'properties', 'list')).toMatchObject({ code: 0, out: expect.stringContaining('us-west') })
    expect(await good.cli('organizations', 'properties', 'schema')).toMatchObject({
      code: 0,
      out: expect.stringContaining('defaultRegion'),
    })
    expect(await json(good, 'auth', 'whoami')).toMatchObject({
      user: { userId: expect.any(String) },
      organization: { name: server.tenant },
    })
  })

  test('without an organization the first one of the key is taken', async () => {
    const own = project(server, [join(await environment('pipecat'), 'pipecat'), 'cloud'], { PIPECAT_TOKEN: await server.key() }, bot(salt))
    const ran = await own.cli('--output', 'json', 'build', 'list')
    expect(ran).toMatchObject({ code: 0, requests: ['GET /v1/organizations 200', 'GET /v1/organizations/ORG/builds 200'] })
    rmSync(own.home, { recursive: true })
  })
})
