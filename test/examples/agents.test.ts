// Every application below examples/agents: its plan, its image, and what the running container answers.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { plan } from '@kiln/core'
import { directory, openKiln, type Engine } from '@kiln/kiln'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, runContainer, type Container } from '../containers/containers.ts'
// @ts-expect-error the rig runs before anything is installed: plain JavaScript
import { ensureRig, rigStatus } from '../rig/rig.mjs'
import { fakeModel, type FakeModel } from './fake-model.ts'

const home = resolve(import.meta.dirname, '../../examples/agents')
const host = process.env['KILN_TEST_ENGINE'] ?? process.env['DOCKER_HOST'] ?? ''
const examples = readdirSync(home).filter((name) => existsSync(join(home, name, 'kiln.test.json')))

interface Expected {
  readonly plan?: object
  readonly dockerfile?: string
  readonly args?: Record<string, string>
  readonly port?: number
  /** images that the rig makes only when somebody asks */
  readonly bases?: readonly string[]
  readonly env?: Record<string, string>
  readonly model?: boolean
  readonly requests?: readonly Asked[]
  readonly output?: string
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly status: number
  readonly json?: object
  readonly contains?: string
}

let engine: Engine
let model: FakeModel
const scratch = mkdtempSync(join(tmpdir(), 'kiln-examples-'))

beforeAll(async () => {
  engine = await openKiln({ dataDir: scratch })
  model = await fakeModel()
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

test('there are at least twenty-five', () => expect(examples.length).toBeGreaterThanOrEqual(25))

describe.each(examples)('%s', (name) => {
  const expected = JSON.parse(readFileSync(join(home, name, 'kiln.test.json'), 'utf8')) as Expected

  test('is built, starts and answers', async () => {
    const own = expected.dockerfile
    if (expected.bases) await onTheRig(expected.bases)
    await using source = await directory(join(home, name), own === undefined ? {} : { ignore: 'as-given', dockerfile: own })
    const planned = plan(source)
    if (expected.plan) expect(planned.ok && planned.plan).toMatchObject(expected.plan)
    const how = own === undefined ? {} : { how: { dockerfile: own } }
    const args = expected.args ? { args: expected.args } : {}
    await using build = await engine.for('examples').build({ name, source, ...how, ...args })
    const end = await build.result()
    expect(end.error?.message).toBeUndefined()
    expect(end).toMatchObject({ state: 'succeeded' })
    await answers(end.image, expected, expected.port ?? (planned.ok ? (planned.plan.port ?? 8080) : 8080))
  })
})

/** Another engine has the public registry for them. */
async function onTheRig(bases: readonly string[]): Promise<void> {
  const { engines } = (await rigStatus()) as { engines: Record<string, { host: string }> }
  if (Object.values(engines).some((one) => one.host === host)) await ensureRig([...bases], { log: () => undefined })
}

async function answers(image: string, expected: Expected, port: number): Promise<void> {
  const reach = expected.model ? { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: 'sk-test' } : {}
  const network = expected.model ? { hostNetwork: true } : {} // the model is on the host's loopback
  await using container = await runContainer(host, image, {
    env: { ...expected.env, ...reach },
    ...(expected.requests && { port }),
    ...network,
  })
  for (const asked of expected.requests ?? []) await asks(container, asked)
  if (expected.output !== undefined) {
    expect(await container.exited(60_000), await container.output()).toBe(0)
    expect(await container.output()).toContain(expected.output)
  }
}

async function asks(container: Container, { method, path, body, headers, status, json, contains }: Asked): Promise<void> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const init = { method, headers: { ...type, ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await ask(`${container.url}${path}`, init).catch(async (error: unknown) =>
    Promise.reject(new Error(`${String(error)}; the container said: ${await container.output()}`)),
  )
  expect(answer.status, answer.body).toBe(status)
  if (json !== undefined) expect(JSON.parse(answer.body)).toMatchObject(json)
  if (contains !== undefined) expect(answer.body).toContain(contains)
}
