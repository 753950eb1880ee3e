// scale-gp-beta 0.7.0 as PyPI has it, sync and async, with its strict validation: scripts/scale.py.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environment } from './environments.ts'
import { run } from './run.ts'
import { serve, type Served } from './server.ts'

const salt = crypto.randomUUID().slice(0, 8)
let server: Served
let [bin, key] = ['', '']

beforeAll(async () => {
  bin = await environment('scale')
  server = await serve()
  key = await server.key()
})
afterAll(async () => server?.[Symbol.asyncDispose]())

interface Build {
  readonly id: string
  readonly build_status: string
  readonly agent_id: string | null
  readonly image_url: string | null
  readonly [key: string]: unknown
}

interface Done<T> {
  readonly answer: T
  /** `GET /v5/builds 200` */
  readonly requests: readonly string[]
}

/** A scenario of scripts/scale.py, and the requests that it made. */
async function scenario(mode: Mode, name: string, env: Record<string, string> = {}): Promise<Done<unknown>> {
  const before = server.seen.length
  const ran = await run(join(bin, 'python'), [join(import.meta.dirname, 'scripts/scale.py'), mode, name], {
    env: { SGP_CLIENT_BASE_URL: server.url, SGP_API_KEY: key, SGP_ACCOUNT_ID: server.tenant, SALT: salt, ...env },
  })
  if (ran.code !== 0) throw new Error(`${mode} ${name}: ${ran.err}\n${server.log()}`)
  return {
    answer: JSON.parse(ran.out) as unknown,
    requests: server.seen.slice(before).map(({ method, path, status }) => `${method} ${path} ${status}`),
  }
}

type Mode = 'sync' | 'async'
/** What a record always has, null where nothing is known. */
const keys = [
  ...['id', 'account_id', 'agent_id', 'agent_name', 'build_status', 'build_start_time', 'build_end_time', 'cloud_provider_build_id'],
  ...['created_at', 'created_by', 'image_name', 'image_tag', 'image_url', 'object', 'working_tree_hash'],
  ...['source_commit', 'source_dirty', 'source_ref', 'source_repo', 'source_subpath'],
]
const listed = [6, 5, 4, 3, 2, 1, 0].map((at) => `listed-${at}`)

describe.each<Mode>(['sync', 'async'])('the %s client', (mode) => {
  // first, on an account without builds
  test('lists more builds than a page in both directions, by filters, and the agents without a deployment', async () => {
    const own = server.tenant + mode
    const { answer, requests } = (await scenario(mode, 'lists', { SGP_ACCOUNT_ID: own, SGP_API_KEY: await server.key(own) })) as Done<
      Record<string, never>
    >
    // seven in pages of two, forwards
    expect(requests.filter((line) => /limit=2&.*starting_after|starting_after.*&limit=2/.test(line))).toHaveLength(3)
    expect(requests.filter((line) => /ending_before/.test(line))).toHaveLength(3)
    expect(answer).toMatchObject({
      page: { items: 2, has_more: true, total: 7, limit: 2, object: 'list' },
      names: listed,
      by_commit: ['listed-5', 'listed-3', 'listed-1'],
      by_agent: ['listed-3'],
    })
    const { every, back, rising, undeployed } = answer as unknown as Record<string, readonly string[]>
    expect(new Set(every).size).toBe(7)
    // its reader goes backwards page by page, and takes the items of each in the order that they come in
    expect([...back!].sort()).toEqual(every!.slice(0, -1).sort())
    expect(rising).toEqual(every!.toReversed())
    const agents = undeployed as unknown as readonly { agent_name: string }[]
    expect(agents.map(({ agent_name }) => agent_name).sort()).toEqual(listed.map((name) => `${mode}-${name}`).sort())
    expect(agents).toContainEqual({ agent_name: `${mode}-listed-3`, latest: 'listed-3', total_builds: 1 })
  })

  test('hands over bytes, a path, an open file, a tuple and a stream without a length; each becomes an image', async () => {
    const { answer, requests } = (await scenario(mode, 'create')) as Done<Record<string, { first: Build; last: Build; lines: string[] }>>
    expect(Object.keys(answer)).toEqual(['bytes', 'path', 'file', 'tuple', 'stream'])
    for (const [way, { first, last, lines }] of Object.entries(answer)) {
      expect(['queued', 'running'], way).toContain(first.build_status)
      expect(Object.keys(first)).toEqual(expect.arrayContaining([...keys]))
      expect(last).toMatchObject({
        id: first.id,
        account_id: server.tenant,
        agent_name: `${mode}-${way}`,
        build_status: 'success',
        created_by: { object: 'identity' },
        image_name: 'built',
        image_tag: 'v1',
        image_url: expect.stringMatching(new RegExp(`^localhost/kiln/${server.tenant}/built:`)),
        object: 'agentex_cloud_build',
        source_commit: 'c0ffee',
        source_dirty: true,
        source_ref: 'main',
        source_repo: 'github.com/acme/agents',
        source_subpath: 'agents/one',
        working_tree_hash: `${mode}-${way}`,
      })
      expect(lines).toContain(`I am ${mode} ${way} of ${salt}`)
    }
    expect(requests.filter((line) => line.startsWith('POST'))).toEqual(Array.from({ length: 5 }, () => 'POST /v5/builds 200'))
    const chunked = server.seen.filter(({ headers }) => headers['transfer-encoding'] === 'chunked')
    expect(chunked.length).toBeGreaterThan(0)
  })

  test('the same archive again for the same agent is a record of its own, with the same image', async () => {
    const { answer } = (await scenario(mode, 'same_again')) as Done<{ first: Build; second: Build }>
    expect(answer.second).toMatchObject({ build_status: 'success', image_url: answer.first.image_url, agent_id: answer.first.agent_id })
    expect(answer.second.id).not.toBe(answer.first.id)
  })

  test('a log stream that is opened while the build runs ends with it, and is replayed whole', async () => {
    const { answer } = (await scenario(mode, 'logs')) as Done<{ before: string; during: string[]; status: string; replayed: string[] }>
    expect(['queued', 'running']).toContain(answer.before)
    expect(answer.status).toBe('success')
    expect(answer.during.filter((line) => /^line \d$/.test(line))).toEqual(['line 1', 'line 2', 'line 3', 'line 4'])
    expect(answer.replayed).toEqual(answer.during)
  })

  test('cancels a build that runs', async () => {
    const { answer, requests } = await scenario(mode, 'cancel')
    expect(answer).toEqual({ running: 'running', at_call: 'running', last: 'cancelled', again: 'cancelled' })
    expect(requests.filter((line) => line.includes('/cancel'))).toEqual([expect.stringMatching(/ 202$/), expect.stringMatching(/ 202$/)])
  })

  test('sees by the log why a build failed', async () => {
    const { answer } = (await scenario(mode, 'failed')) as Done<{ status: string; lines: string[] }>
    expect(answer.status).toBe('failed')
    expect(answer.lines).toContain('so close')
    expect(answer.lines.join('\n')).toMatch(/exit code:? 3|returned a non-zero code: 3/)
  })

  test('whose answer was lost sends its archive again, and gets the build that it began', async () => {
    server.loseAnswer()
    const { answer, requests } = (await scenario(mode, 'lost')) as Done<{ id: string; listed: string[] }>
    expect(requests.filter((line) => line.startsWith('POST'))).toEqual(['POST /v5/builds 200', 'POST /v5/builds 200'])
    expect(answer.listed).toEqual([answer.id])
  })

  test('registers an image that is there', async () => {
    const { answer } = (await scenario(mode, 'registered')) as Done<{ first: Build; lines: string[] }>
    expect(answer.first).toMatchObject({
      build_status: 'success',
      agent_name: `${mode}-there`,
      image_url: expect.stringContaining('python:3.11-slim'),
    })
  })

  test('raises 422, 400 and 404 at once: one request each', async () => {
    const { answer, requests } = (await scenario(mode, 'errors')) as Done<{ about: string; status?: number; body: { detail: unknown } }[]>
    const statuses = Object.fromEntries(answer.map(({ about, status }) => [about, status ?? 'built']))
    expect(statuses).toEqual({
      taken: 400,
      'no source': 422,
      'both sources': 422,
      'no agent': 422,
      'no Dockerfile': 422,
      'no archive': 400,
      build_args: 422,
      platform: 422,
      free: 'built',
      unknown: 404,
      key: 401,
    })
    for (const { status, body } of answer.filter((one) => one.status !== undefined))
      expect(body, String(status)).toMatchObject({
        detail:
          status === 422
            ? expect.arrayContaining([
                expect.objectContaining({ loc: expect.any(Array), msg: expect.any(String), type: expect.any(String) }),
              ])
            : expect.any(String),
      })
    expect(requests.filter((line) => line.startsWith('POST'))).toHaveLength(10)
    expect(requests.filter((line) => line.startsWith('GET'))).toHaveLength(2)
  })
})

test('nothing was ever sent a second time but what was lost', () => {
  const retried = server.seen.filter(({ headers }) => (headers['x-stainless-retry-count'] ?? '0') !== '0')
  expect(retried).toHaveLength(2)
})
