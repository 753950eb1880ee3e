import { finished, readContext, type FakeBuild } from '@kiln/testkit/driver'
import { BuildError, StepFailure, files } from '@kiln/core'
import { describe, expect, test, vi } from 'vitest'
import { newAgent } from '../../src/apis/scale/agents.ts'
import { linesOf } from '../../src/apis/scale/logs.ts'
import { statusOf } from '../../src/apis/scale/record.ts'
import { agentName, archive, create, ended, world, type World } from './world.ts'

/** A driver that works until it is let go. */
function held(): { readonly build: FakeBuild; readonly started: Promise<void>; end(): void } {
  const [started, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  return {
    started: started.promise,
    end: over.resolve,
    async build(job, io) {
      const context = await readContext(job, io.signal)
      started.resolve()
      io.signal.addEventListener('abort', () => over.resolve())
      await over.promise
      return finished(job, io, context)
    },
  }
}

describe('a build', () => {
  test.each([
    [{ state: 'queued', cancelling: false }, 'queued'],
    [{ state: 'building', cancelling: false }, 'running'],
    [{ state: 'building', cancelling: true }, 'cancelling'],
    [{ state: 'succeeded', cancelling: false }, 'success'],
    [{ state: 'failed', cancelling: false, error: { code: 'step_failed' } }, 'failed'],
    [{ state: 'failed', cancelling: false, error: { code: 'base_image_missing' } }, 'failed'],
    [{ state: 'failed', cancelling: false, error: { code: 'driver_lost' } }, 'error'],
    [{ state: 'failed', cancelling: false, error: { code: 'worker_lost' } }, 'error'],
    [{ state: 'failed', cancelling: false, error: { code: 'registry_denied' } }, 'error'],
    [{ state: 'cancelled', cancelling: true }, 'cancelled'],
    [{ state: 'timed_out', cancelling: false }, 'timed_out'],
    [{ state: 'expired', cancelling: false }, 'timed_out'],
  ])('%j is shown as %s', (record, status) => {
    expect(statusOf(record as Parameters<typeof statusOf>[0])).toBe(status)
  })

  test('is running while its driver works, with the time it began', async () => {
    const driver = held()
    await using one = world(driver)
    const { body } = await one.post(create())
    await driver.started
    const { body: running } = await one.ask(`/v5/builds/${body.id}`)
    expect(running).toMatchObject({ build_status: 'running', status: 'running', build_end_time: null, image_url: null })
    expect(new Date(running.build_start_time).toISOString()).toBe(running.build_start_time)
    driver.end()
    const after = await ended(one, body.id)
    expect(after).toMatchObject({ build_status: 'success' })
    expect(Date.parse(after.build_end_time)).toBeGreaterThanOrEqual(Date.parse(after.build_start_time))
  })

  test.each(['nothing', '..%2Fx', '%00', "'; DROP TABLE", 'x'.repeat(5000), '11111111-1111-4111-8111-111111111111'])(
    'with the id %s is not there, as one of another account',
    async (id) => {
      await using one = world()
      const path = `/v5/builds/${id.includes('%') ? id : encodeURIComponent(id)}`
      const unknown = await one.ask(path)
      expect(unknown).toMatchObject({ status: 404, body: { detail: 'Build not found.', code: 'not_found' } })
      const { body } = await one.post(create())
      const foreign = await one.ask(`/v5/builds/${body.id}`, { headers: { 'x-api-key': 'other' } })
      expect(foreign).toMatchObject({ status: 404, body: unknown.body })
      for (const [method, action] of [
        ['GET', 'logs'],
        ['POST', 'cancel'],
      ] as const) {
        expect(await one.ask(`${path}/${action}`, { method })).toMatchObject({ status: 404, body: unknown.body })
        const headers = { 'x-api-key': 'other' }
        expect(await one.ask(`/v5/builds/${body.id}/${action}`, { method, headers })).toMatchObject({ status: 404, body: unknown.body })
      }
    },
  )

  test('made through another API is not shown', async () => {
    await using one = world()
    const source = await files({ Dockerfile: 'FROM scratch\n' })
    const { record } = await one.engine.for('acme').build({ name: 'web', source, how: { dockerfile: 'Dockerfile' } })
    expect((await one.ask(`/v5/builds/${record.id}`)).status).toBe(404)
    expect((await one.ask('/v5/builds')).body).toMatchObject({ items: [], total: 0 })
    expect((await one.ask('/v5/builds/undeployed')).body).toEqual([])
  })
})

describe('a cancel', () => {
  test('is 202 with the state at the time of the call, and ends the build; again it changes nothing', async () => {
    const driver = held()
    await using one = world(driver)
    const { body } = await one.post(create())
    await driver.started
    // as the SDK sends it: a type and no body
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    expect(await one.ask(`/v5/builds/${body.id}/cancel`, init)).toMatchObject({ status: 202, body: { build_status: 'running' } })
    expect(await ended(one, body.id)).toMatchObject({ build_status: 'cancelled' })
    expect(await one.ask(`/v5/builds/${body.id}/cancel`, init)).toMatchObject({ status: 202, body: { build_status: 'cancelled' } })
  })

  test('of a finished build is 202 and leaves it', async () => {
    await using one = world()
    const { body } = await one.post(create())
    await ended(one, body.id)
    expect(await one.ask(`/v5/builds/${body.id}/cancel`, { method: 'POST' })).toMatchObject({
      status: 202,
      body: { build_status: 'success' },
    })
    expect((await one.ask(`/v5/builds/${body.id}`)).body.build_status).toBe('success')
  })
})

/** What the SDK's reader makes of a stream: JSON of the data of every event without a name. */
function linesIn(stream: string): readonly string[] {
  expect(stream.endsWith('\n\n')).toBe(true)
  return stream
    .split('\n\n')
    .slice(0, -1)
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      expect(block).toMatch(/^data: \{"line":"[^\n\r]*"\}$/)
      return (JSON.parse(block.slice('data: '.length)) as { line: string }).line
    })
}

describe('the log', () => {
  test('is unnamed JSON events from the start to the end, whatever Accept says', async () => {
    await using one = world()
    const { body } = await one.post(create())
    const accept = { headers: { accept: 'application/json', 'accept-encoding': 'gzip, deflate', 'last-event-id': '7' } }
    const live = await one.ask(`/v5/builds/${body.id}/logs`, accept)
    expect(live.status).toBe(200)
    expect(live.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(live.headers.get('content-encoding')).toBe(null)
    const lines = linesIn(live.body)
    expect(lines).toEqual(['#1 FROM scratch', expect.stringMatching(/^context of \d+ bytes$/), '#2 COPY . .', 'copied'])
    expect(linesIn((await one.ask(`/v5/builds/${body.id}/logs`)).body)).toEqual(lines)
  })

  test('tells why a build failed, since nothing else does', async () => {
    await using one = world({
      build: async () => {
        throw new StepFailure({ step: '1', exitCode: 3, message: 'exit code: 3' })
      },
    })
    const { body } = await one.post(create())
    expect(await ended(one, body.id)).toMatchObject({ build_status: 'failed' })
    expect(linesIn((await one.ask(`/v5/builds/${body.id}/logs`)).body).at(-1)).toMatch(/^error: .*3/)
  })

  test('of a registered image is empty and ends', async () => {
    await using one = world()
    const { body } = await one.post(create({ context_archive: undefined, image_url: 'a/b:1' }))
    expect(await one.ask(`/v5/builds/${body.id}/logs`)).toMatchObject({ status: 200, body: '' })
  })

  test('takes any text for one event', async () => {
    const texts = ['a\ndata: x', 'a\rb', '\u001b[31mred', '<script>', '\u2028', '[DONE]', 'x'.repeat(50_000)]
    await using one = world({
      async build(job, io) {
        const context = await readContext(job, io.signal)
        for (const text of texts) io.emit({ step: '1', type: 'log', stream: 'out', text })
        return finished(job, io, context)
      },
    })
    const { body } = await one.post(create())
    await ended(one, body.id)
    const { body: stream } = await one.ask(`/v5/builds/${body.id}/logs`)
    const lines = linesIn(stream)
    expect(lines.length).toBeGreaterThanOrEqual(texts.length)
    expect(lines).toContain('[DONE]')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(8192)
  })

  test('shows notices, and neither progress nor the ends of steps', () => {
    const at = { seq: 1, at: 0, attempt: 1, step: '1' }
    expect(linesOf({ ...at, type: 'notice', notice: { code: 'x', message: 'mind this' } })).toEqual(['notice: mind this'])
    expect(linesOf({ ...at, type: 'step-finished', cached: true })).toEqual([])
    expect(linesOf({ seq: 1, at: 0, attempt: 1, type: 'state', state: 'building' })).toEqual([])
  })
})

async function several(one: World, count: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) ids.push((await one.post(create({ image_name: `n${i % 3}`, source_commit: `c${i % 2}` }))).body.id)
  return ids
}

const idsOf = (body: { readonly items: readonly { readonly id: string }[] }): readonly string[] => body.items.map(({ id }) => id)

describe('the list', () => {
  test('is a page of the newest first, of the account alone', async () => {
    await using one = world()
    const ids = await several(one, 3)
    await one.post(create(), { 'x-api-key': 'other' })
    const { status, body } = await one.ask('/v5/builds')
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['has_more', 'items', 'limit', 'object', 'total'])
    expect(body).toMatchObject({ has_more: false, total: 3, limit: 100, object: 'list' })
    expect(idsOf(body)).toEqual(ids.toReversed())
    expect((await one.ask('/v5/builds?sort_order=asc')).body.items.map((item: { id: string }) => item.id)).toEqual(ids)
  })

  test('in pages loses and repeats nothing while builds arrive, in both directions', async () => {
    await using one = world()
    const ids = await several(one, 7)
    const seen: string[] = []
    let query = ''
    for (;;) {
      const { body } = await one.ask(`/v5/builds?limit=2${query}`)
      seen.push(...idsOf(body))
      expect(body.total).toBeGreaterThanOrEqual(7)
      if (!body.has_more) break
      query = `&starting_after=${seen.at(-1)}`
      await several(one, 1)
    }
    expect(seen).toEqual(ids.toReversed())
    const back: string[] = []
    let before = seen.at(-1)!
    for (let more = true; more;) {
      const { body } = await one.ask(`/v5/builds?limit=2&ending_before=${before}`)
      back.unshift(...idsOf(body))
      before = idsOf(body)[0] ?? before
      more = body.has_more
    }
    expect(back.slice(-6)).toEqual(seen.slice(0, -1))
    expect(new Set(back).size).toBe(back.length)
    const end = await one.ask(`/v5/builds?starting_after=${ids[0]}`)
    expect(end).toMatchObject({ status: 200, body: { items: [], has_more: false } })
  })

  test('is filtered by exact texts, and total counts what matches', async () => {
    await using one = world()
    await several(one, 4)
    const name = agentName()
    await one.post(create({ agent_name: name, source_commit: 'c0', working_tree_hash: 'w' }))
    const total = async (query: string): Promise<number> => (await one.ask(`/v5/builds?limit=1&${query}`)).body.total
    expect(await total('source_commit=c0')).toBe(3)
    expect(await total(`agent_name=${name}`)).toBe(1)
    expect(await total('working_tree_hash=w&source_commit=c1')).toBe(0)
    expect(await total('agent_name=%25')).toBe(0)
    expect(await total(`agent_name='`)).toBe(0)
  })

  test('is sorted as asked', async () => {
    await using one = world()
    const ids = await several(one, 5)
    for (const id of ids) await ended(one, id)
    const sorted = async (query: string, field: string): Promise<readonly string[]> =>
      (await one.ask(`/v5/builds?${query}`)).body.items.map((item: Record<string, string>) => item[field])
    expect(await sorted('sort_by=image_name&sort_order=asc', 'image_name')).toEqual(['n0', 'n0', 'n1', 'n1', 'n2'])
    expect(await sorted('sort_by=image_name', 'image_name')).toEqual(['n2', 'n1', 'n1', 'n0', 'n0'])
    const agents = await sorted('sort_by=agent_name&sort_order=asc', 'agent_name')
    expect(agents).toEqual(agents.toSorted())
    expect(await sorted('sort_by=build_status', 'build_status')).toHaveLength(5)
    expect(await sorted('sort_by=created_at&sort_order=asc', 'id')).toEqual(ids)
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=10001', 'limit'],
    ['limit=1e9', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['sort_by=password', 'sort_by'],
    ['sort_order=x', 'sort_order'],
    ['agent_name=a&agent_name=b', 'agent_name'],
    ['starting_after=garbage', 'starting_after'],
    ['ending_before=11111111-1111-4111-8111-111111111111', 'ending_before'],
  ])('with %s is 422', async (query, field) => {
    await using one = world()
    expect(await one.ask(`/v5/builds?${query}`)).toMatchObject({ status: 422, body: { detail: [{ loc: ['query', field] }] } })
  })

  test('with both cursors, or one of another account, is 422; with the largest limit it is a page', async () => {
    await using one = world()
    const [a, b] = await several(one, 2)
    expect(await one.ask(`/v5/builds?starting_after=${a}&ending_before=${b}`)).toMatchObject({ status: 422 })
    const { body: foreign } = await one.post(create(), { 'x-api-key': 'other' })
    expect(await one.ask(`/v5/builds?starting_after=${foreign.id}`)).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'unknown_build' }] },
    })
    expect(await one.ask('/v5/builds?limit=10000')).toMatchObject({ status: 200, body: { total: 2, limit: 10_000 } })
  })
})

test('undeployed is every agent with its newest build and their number', async () => {
  await using one = world()
  const first = (await one.post(create({ agent_name: 'a' }))).body
  await one.post(create({ agent_name: 'b' }))
  const last = (await one.post(create({ agent_name: undefined, agent_id: first.agent_id, image_tag: 'v2' }))).body
  await one.post(create({ agent_name: 'foreign' }), { 'x-api-key': 'other' })
  // through the native API anybody may call a fact so
  await one.engine.for('acme').register({ name: 'x', image: 'r.io/x:1', attributes: { agent_name: 'b' } })
  const { status, body } = await one.ask('/v5/builds/undeployed')
  expect(status).toBe(200)
  expect(body).toEqual([
    { agent_name: 'a', total_builds: 2, latest_build: expect.objectContaining({ id: last.id, image_tag: 'v2' }) },
    { agent_name: 'b', total_builds: 1, latest_build: expect.objectContaining({ agent_name: 'b', object: 'agentex_cloud_build' }) },
  ])
})

test('undeployed is read in pages that no store remembers, so that others have their turn and keep their lists', async () => {
  await using one = world()
  const kiln = one.engine.for('acme')
  const asked: unknown[] = []
  const list: typeof kiln.list = (query) => (asked.push(query), kiln.list(query))
  const count: typeof kiln.count = (filter) => (asked.push(filter), kiln.count(filter))
  await using seen = world({}, {}, { engine: { ...one.engine, for: () => ({ ...kiln, list, count }) } })
  for (let i = 0; i < 600; i++) {
    const agent = newAgent('acme', `a${i % 100}`)
    await kiln.register({ name: 'web', image: `r.io/x:${i}`, attributes: { api: 'scale', agent_id: agent.id, agent_name: agent.name } })
  }
  for (const removed of await kiln.list({ where: { agent_name: 'a7' }, limit: 10 })) await kiln.remove(removed.id)
  let turns = 0
  const other = (): void => void (turns++, (going = setImmediate(other)))
  let going = setImmediate(other)
  const { body } = await seen.ask('/v5/builds/undeployed')
  clearImmediate(going)
  expect(turns).toBeGreaterThan(2)
  expect(asked).toHaveLength(3)
  expect(asked).toEqual(asked.map(() => expect.objectContaining({ limit: 250 })))
  const all = body as readonly { total_builds: number; agent_name: string; latest_build: { created_at: string } }[]
  expect(all).toHaveLength(99)
  expect(all.every((agent) => agent.total_builds === 6)).toBe(true)
  expect(all.slice(0, 2).map((agent) => agent.agent_name)).toEqual(['a99', 'a98'])
})

describe('errors', () => {
  test('are a text under `detail`, with the methods of a path', async () => {
    await using one = world()
    const wrong = await one.ask('/v5/builds', { method: 'DELETE' })
    expect(wrong).toMatchObject({ status: 405, body: { detail: expect.any(String), code: 'method_not_allowed' } })
    expect(wrong.headers.get('allow')).toContain('POST')
    expect(await one.ask('/v5/nothing')).toMatchObject({ status: 404, body: { detail: expect.any(String), code: 'unknown_route' } })
  })

  test('of the engine that are no use to repeat say so', async () => {
    await using one = world()
    const kiln = one.engine.for('acme')
    await using broken = world(
      {},
      {},
      { engine: { ...one.engine, for: () => ({ ...kiln, build: () => Promise.reject(new Error('defect')) }) } },
    )
    const answer = await broken.post(create({ context_archive: archive() }))
    expect({ status: answer.status, retry: answer.headers.get('x-should-retry') }).toEqual({ status: 500, retry: 'false' })
    const away = new BuildError('driver_unreachable', 'gone')
    await using offline = world({}, {}, { engine: { ...one.engine, for: () => ({ ...kiln, build: () => Promise.reject(away) }) } })
    expect(await offline.post(create())).toMatchObject({ status: 503, body: { code: 'driver_unreachable' } })
  })

  test('of an archive that takes too long are one answer, and final', async () => {
    await using one = world()
    const kiln = one.engine.for('acme')
    const never: typeof kiln.build = async (_request, { signal } = {}) => {
      signal!.throwIfAborted()
      throw new Error('nobody watches the time')
    }
    await using slow = world({}, {}, { engine: { ...one.engine, for: () => ({ ...kiln, build: never }) } })
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    const clock = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late)
    try {
      const answer = await slow.post(create())
      expect(answer).toMatchObject({ status: 503, body: { code: 'timed_out' } })
      expect(answer.headers.get('x-should-retry')).toBe('false')
    } finally {
      clock.mockRestore()
    }
  })
})
