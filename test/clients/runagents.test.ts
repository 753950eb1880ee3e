// The runagents SDK, 1.4.2 and the last one of the old paths, by its generic calls: scripts/runagents_client.py.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environment, type Client } from './environments.ts'
import { run } from './run.ts'
import { serve, type Served } from './server.ts'

const salt = crypto.randomUUID().slice(0, 8)
let server: Served
let key = ''

beforeAll(async () => {
  server = await serve()
  key = await server.key()
})
afterAll(async () => server?.[Symbol.asyncDispose]())

interface Build {
  readonly id: string
  readonly status: string
  readonly image: string
  readonly created_at: string
  readonly completed_at?: string
  readonly error?: string
}

interface Version {
  readonly says: string
  readonly client: Client
  /** of the address the client is given */
  readonly path: string
  /** of the paths its users write */
  readonly prefix: string
  readonly options: () => object
}

const versions: readonly Version[] = [
  { says: '1.4.2', client: 'runagents', path: '', prefix: '', options: () => ({}) },
  { says: '1.4.2 in a workspace', client: 'runagents', path: '/workspaces/TENANT', prefix: '', options: () => ({}) },
  { says: '1.4.1', client: 'runagents-old', path: '', prefix: '/api', options: () => ({ namespace: server.tenant }) },
]

describe.each(versions)('$says', ({ client, path, prefix, options }) => {
  let bin = ''
  beforeAll(async () => {
    bin = await environment(client)
  })

  async function scenario<T>(name: string): Promise<T> {
    const ran = await run(join(bin, 'python'), [join(import.meta.dirname, 'scripts/runagents_client.py'), name], {
      env: {
        ENDPOINT: server.url + path.replace('TENANT', server.tenant),
        KEY: key,
        PREFIX: prefix,
        SALT: `${salt}-${client}`,
        OPTIONS: JSON.stringify(options()),
        // the SDK writes and reads ~/.runagents
        HOME: bin,
      },
    })
    if (ran.code !== 0) throw new Error(`${name}: ${ran.err}\n${server.log()}`)
    return JSON.parse(ran.out) as T
  }

  test('a build is known with its image at once, and done in the end', async () => {
    const { first, build, seen } = await scenario<{ first: Build; build: Build; seen: string[] }>('build')
    expect(first).toEqual({
      id: expect.stringMatching(/^build-[0-9a-f]+$/),
      status: 'PENDING',
      image: expect.stringMatching(new RegExp(`^localhost/kiln/${server.tenant}/sdk-agent:[0-9a-f]{16}$`)),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
    })
    expect(build).toMatchObject({
      id: first.id,
      image: first.image,
      created_at: first.created_at,
      status: 'SUCCEEDED',
      completed_at: expect.stringMatching(/Z$/),
    })
    expect(seen.at(-1)).toBe('SUCCEEDED')
    expect(server.seen).toContainEqual(expect.objectContaining({ method: 'POST', status: 202 }))
  })

  test('a requirement that does not exist fails the build with the documented words', async () => {
    const { build } = await scenario<{ build: Build }>('fails')
    expect(build).toMatchObject({ status: 'FAILED', error: 'pip install failed: no matching distribution found for nonexistent-package' })
  })

  test('finds requirements and the entry point', async () => {
    // 1.4.1 asks another path for its analysis than for its builds; both are served
    expect(await scenario('looks')).toEqual({
      analysis: { requirements: ['requests'], entry_point: 'agent.py' },
      requirements: { requirements: ['requests'], entry_point: 'agent.py' },
    })
  })

  test('what is refused is an APIError with its text', async () => {
    const text = { detail: { error: expect.any(String) } }
    expect(await scenario('errors')).toMatchObject({
      unknown: { status: 404, detail: { error: 'build not found' } },
      'no files': { status: 400, ...text },
      'bad name': { status: 400, ...text },
      'entry point': { status: 400, ...text },
      key: { status: 401, ...text },
    })
  })
})
