// One build, four APIs: what each calls its state, and the fields that it has in it (issue 4, section 2; apis.md 1.2, 2.2, 3.3).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OpenOptions } from '@kiln/kiln'
import { form, json, scaleForm } from './bad/row.ts'
import { packed } from './tar.ts'
import { world, type World } from './world.ts'

interface State {
  readonly ours: string
  readonly says: readonly [runagents: string, scale: string, pipecat: string]
  /** instructions behind FROM */
  readonly run: string
  readonly engine?: Partial<OpenOptions>
  /** of RunAgents, which Pipecat shows too */
  readonly error?: RegExp
  readonly cancel?: true
  /** another tenant's build has the only worker */
  readonly busy?: true
}

const states: readonly State[] = [
  { ours: 'queued', says: ['PENDING', 'queued', 'pending'], run: 'COPY . .', engine: { worker: false } },
  { ours: 'building', says: ['BUILDING', 'running', 'building'], run: 'RUN wait', engine: { worker: { concurrency: 4, perTenant: 4 } } },
  { ours: 'succeeded', says: ['SUCCEEDED', 'success', 'success'], run: 'COPY . .' },
  { ours: 'failed', says: ['FAILED', 'failed', 'failed'], run: 'RUN exit 3', error: /\b3$/ },
  { ours: 'failed', says: ['FAILED', 'error', 'failed'], run: 'RUN broken', error: /./ },
  { ours: 'cancelled', says: ['FAILED', 'cancelled', 'failed'], run: 'RUN wait', cancel: true, error: /^build cancelled$/ },
  { ours: 'timed_out', says: ['FAILED', 'timed_out', 'timeout'], run: 'RUN wait', engine: { timeouts: { run: 300 } }, error: /./ },
  {
    ours: 'expired',
    says: ['FAILED', 'timed_out', 'timeout'],
    run: 'COPY . .',
    engine: { timeouts: { queue: 300 }, worker: { concurrency: 1 } },
    error: /./,
    busy: true,
  },
]

const scaleKeys = [
  'account_id', 'agent_id', 'agent_name', 'build_end_time', 'build_start_time', 'build_status', 'cloud_provider_build_id', 'created_at', 'created_by', 'id',
  'image_name', 'image_tag', 'image_url', 'object', 'source_commit', 'source_dirty', 'source_ref', 'source_repo', 'source_subpath', 'working_tree_hash',
] as const // prettier-ignore

describe.each(states)('$ours as $says', ({ ours, says: [runagents, scale, pipecat], run, engine, error, cancel, busy }) => {
  let kiln: World
  const text = `FROM scratch\n${run}\n`
  beforeAll(async () => {
    kiln = await world({ ...(engine && { engine }) })
  })
  afterAll(async () => kiln?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    if (!busy) return
    // where the machine is slow one expires as well
    for (let n = 0; n < 20; n++) if ((await occupied()) === 'building') return
    throw new Error('nobody has the worker')
  })

  /** Another tenant's build, once it does not wait any more. */
  async function occupied(): Promise<string> {
    const files = { Dockerfile: `FROM scratch\n# ${crypto.randomUUID()}\nRUN sleep 1\n` }
    const as = 'other'
    const { json: made } = await kiln.ask({ ...json('/kiln/v1/builds', { name: 'web', dockerfile: 'Dockerfile', source: { files } }), as })
    let state = 'queued'
    while (state === 'queued') state = (await kiln.ask({ path: `/kiln/v1/builds/${made.id}`, as })).json.state as string
    return state
  }

  /** Its native record, once it is in the state. */
  async function reached(id: string): Promise<Record<string, unknown>> {
    for (let n = 0; n < 1000; n++) {
      const { json: record } = await kiln.ask({ path: `/kiln/v1/builds/${id}` })
      if (record.state === 'building' && cancel) await kiln.ask({ method: 'POST', path: `/kiln/v1/builds/${id}/cancel` })
      if (record.state === ours) return record as Record<string, unknown>
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`never ${ours}`)
  }

  test('RunAgents', async () => {
    const { json: made } = await kiln.ask(json('/api/v1/builds', { name: 'web', files: { Dockerfile: text } }))
    await reached(uuid(made.id))
    const { json: build } = await kiln.ask({ path: `/api/v1/builds/${made.id}` })
    const final = runagents === 'SUCCEEDED' || runagents === 'FAILED'
    const names = ['created_at', 'id', 'image', 'status', ...(final ? ['completed_at'] : []), ...(error ? ['error'] : [])]
    expect([build.status, Object.keys(build).sort()]).toEqual([runagents, names.sort()])
    expect(build.image).toBe(made.image)
    if (error) expect(build.error).toMatch(error)
  })

  test('Scale', async () => {
    const { json: made } = await kiln.ask(
      form('/v5/builds', scaleForm({ source_dirty: 'true', source_commit: 'abc' }, packed({ Dockerfile: text, scale: '' }))),
    )
    const record = await reached(made.id)
    const { json: build } = await kiln.ask({ path: `/v5/builds/${made.id}` })
    expect([build.build_status, build.status, build.build_id]).toEqual([scale, scale, build.id])
    expect(
      Object.keys(build)
        .filter((key) => key !== 'status' && key !== 'build_id')
        .sort(),
    ).toEqual([...scaleKeys].sort())
    expect(build).toMatchObject({
      account_id: 'acme',
      cloud_provider_build_id: record['run'],
      source_dirty: true,
      source_commit: 'abc',
      source_repo: null,
      image_tag: 'latest',
      object: 'agentex_cloud_build',
    })
    expect(typeof build.image_url === 'string').toBe(scale === 'success')
    expect([build.created_by.object, build.created_by.type]).toEqual(['identity', 'service_account'])
    const { json: page } = await kiln.ask({ path: '/v5/builds' })
    expect([Object.keys(page).sort(), page.total, page.items[0].id]).toEqual([
      ['has_more', 'items', 'limit', 'object', 'total'],
      1,
      build.id,
    ])
    const { json: agents } = await kiln.ask({ path: '/v5/builds/undeployed' })
    expect(agents).toEqual([{ agent_name: build.agent_name, latest_build: build, total_builds: 1 }])
  })

  test('Pipecat', async () => {
    const { json: ticket } = await kiln.ask(json('/v1/builds/upload-url', {}))
    const fields = Object.entries(ticket.uploadFields as Record<string, string>).map(([name, body]) => ({ name, body }))
    for (const { body } of fields) expect(body).toBeTypeOf('string')
    const bytes = packed({ Dockerfile: text, pipecat: '' })
    await kiln.ask({
      ...form(ticket.uploadUrl.slice(kiln.address.length), [...fields, { name: 'file', file: 'context.tar.gz', body: bytes }]),
      as: '',
    })
    const { json: made } = await kiln.ask(json('/v1/builds', { uploadId: ticket.uploadId }))
    await reached(made.build.id)
    const { json: answer } = await kiln.ask({ path: `/v1/builds/${made.build.id}` })
    expect(Object.keys(answer)).toEqual(['build'])
    const { build } = answer
    const always = [
      'contextHash',
      'contextSizeBytes',
      'createdAt',
      'dockerfilePath',
      'id',
      'logsUrl',
      'organizationId',
      'region',
      'status',
      'updatedAt',
    ]
    const started = build.startedAt === undefined ? [] : ['startedAt']
    const final = ['success', 'failed', 'timeout'].includes(pipecat) ? ['buildDurationSeconds', 'completedAt'] : []
    const names = [
      ...always,
      ...started,
      ...final,
      ...(pipecat === 'success' ? ['imageSizeBytes', 'imageUri'] : []),
      ...(error ? ['errorMessage'] : []),
    ]
    expect([build.status, Object.keys(build).sort()]).toEqual([pipecat, names.sort()])
    expect([build.contextSizeBytes, made.contextHash, build.organizationId, build.region]).toEqual([
      bytes.length,
      build.contextHash,
      'acme',
      'us-west',
    ])
    for (const name of ['createdAt', 'updatedAt', ...started]) expect(build[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    if (error && ours !== 'timed_out' && ours !== 'expired') expect(build.errorMessage).toMatch(error)
    const { json: list } = await kiln.ask({ path: `/v1/builds?contextHash=${build.contextHash}&region=us-west&status=${pipecat}&limit=1` })
    expect([list.builds[0].id, list.total, list.limit, list.offset]).toEqual([build.id, 1, 1, 0])
  })

  test('natively all three', async () => {
    const { json: page } = await kiln.ask({ path: '/kiln/v1/builds' })
    expect([page.total, page.builds.map((build: { state: string }) => build.state)]).toEqual([3, [ours, ours, ours]])
    for (const { id } of page.builds) await kiln.ask({ method: 'POST', path: `/kiln/v1/builds/${id}/cancel` })
  })
})

function uuid(id: string): string {
  return id.slice(6).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
