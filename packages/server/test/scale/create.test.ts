import { describe, expect, test } from 'vitest'
import { finished, readContext } from '@kiln/testkit/driver'
import { agentName, archive, create, ended, formOf, tar, tarGz, world } from './world.ts'

const keys = [
  'account_id',
  'agent_id',
  'agent_name',
  'build_end_time',
  'build_id',
  'build_start_time',
  'build_status',
  'cloud_provider_build_id',
  'created_at',
  'created_by',
  'id',
  'image_name',
  'image_tag',
  'image_url',
  'object',
  'source_commit',
  'source_dirty',
  'source_ref',
  'source_repo',
  'source_subpath',
  'status',
  'working_tree_hash',
]
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe('a create', () => {
  test('is answered with all keys, and becomes an image', async () => {
    await using one = world()
    const { status, body } = await one.post(create({ agent_name: 'my-agent' }))
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(keys)
    expect(body).toMatchObject({
      account_id: 'acme',
      agent_name: 'my-agent',
      image_name: 'web',
      image_tag: 'latest',
      object: 'agentex_cloud_build',
      created_by: { id: 'u-1', type: 'user', object: 'identity' },
      source_repo: null,
      source_commit: null,
      source_ref: null,
      source_subpath: null,
      source_dirty: null,
      working_tree_hash: null,
      build_id: body.id,
      status: body.build_status,
    })
    expect(body.id).toMatch(uuid)
    expect(body.agent_id).toMatch(uuid)
    expect(['queued', 'running', 'success']).toContain(body.build_status)
    expect(new Date(body.created_at).toISOString()).toBe(body.created_at)
    const after = await ended(one, body.id)
    expect(after).toMatchObject({ build_status: 'success', cloud_provider_build_id: one.driver.jobs[0]!.run })
    expect(after.image_url).toMatch(/^localhost\/kiln\/acme\/web:[0-9a-f]{16}$/)
    expect(one.driver.stored.get('localhost/kiln/acme/web:latest')).toBe(one.driver.stored.get(after.image_url))
    expect(one.driver.jobs[0]!.recipe).toMatchObject({ path: 'Dockerfile', text: 'FROM scratch\nCOPY . .\n' })
  })

  test('keeps what came about the source', async () => {
    await using one = world()
    const source = {
      source_repo: 'github.com/a/b',
      source_commit: 'c0ffee',
      source_ref: 'main',
      source_subpath: 'agents/x',
      working_tree_hash: 'ab12',
    }
    const { body } = await one.post(create({ ...source, source_dirty: 'true', image_tag: 'v1.2' }))
    expect(body).toMatchObject({ ...source, source_dirty: true, image_tag: 'v1.2' })
    const { body: clean } = await one.post(create({ source_dirty: 'False' }))
    expect(clean.source_dirty).toBe(false)
  })

  test('gives build_args as build arguments alone, and the platform to the driver', async () => {
    await using one = world()
    const { body } = await one.post(create({ build_args: '{"A":"1","B":"two words"}', platform: 'linux/arm64' }))
    await ended(one, body.id)
    expect(one.driver.jobs[0]).toMatchObject({ args: { A: '1', B: 'two words' }, platforms: ['linux/arm64'] })
  })

  test('takes a plain tar, the file under any name and type, and fields behind it', async () => {
    await using one = world()
    const file = new File([new Uint8Array(tar({ Dockerfile: 'FROM scratch\n' }))], '../../x.tar', { type: 'application/x-tar' })
    const { status, body } = await one.post(formOf({ whatever: file, agent_name: agentName(), image_name: 'late', image_tag: 'x' }))
    expect({ status, image: body.image_name, tag: body.image_tag }).toEqual({ status: 200, image: 'late', tag: 'x' })
  })

  test('by agent_id adds a build to the agent', async () => {
    await using one = world()
    const { body: first } = await one.post(create())
    const { status, body } = await one.post(create({ agent_name: undefined, agent_id: first.agent_id }))
    expect(status).toBe(200)
    expect(body).toMatchObject({ agent_id: first.agent_id, agent_name: first.agent_name })
    expect(body.id).not.toBe(first.id)
  })

  test('of the same bytes runs nothing again, but has its own record', async () => {
    await using one = world()
    const { body: first } = await one.post(create())
    await ended(one, first.id)
    const { body } = await one.post(create({ image_tag: 'v2' }))
    expect(body).toMatchObject({ build_status: 'success', cloud_provider_build_id: first.cloud_provider_build_id, image_tag: 'v2' })
    expect(body.id).not.toBe(first.id)
    expect(one.driver.jobs).toHaveLength(1)
    expect(one.driver.stored.has('localhost/kiln/acme/web:v2')).toBe(true)
  })

  test('of an image that is there is a success at once, without a run', async () => {
    await using one = world()
    const { status, body } = await one.post(create({ context_archive: undefined, image_url: 'ghcr.io/a/b:1', image_tag: '1' }))
    expect(status).toBe(200)
    expect(body).toMatchObject({ build_status: 'success', image_url: 'ghcr.io/a/b:1', image_tag: '1', image_name: 'web' })
    expect(body.cloud_provider_build_id).toMatch(uuid)
    expect(one.driver.jobs).toHaveLength(0)
    expect((await one.ask(`/v5/builds/${body.id}`)).body).toEqual(body)
  })

  test('works under both prefixes, with the account named or not', async () => {
    await using one = world()
    const { body } = await one.post(create(), { 'x-selected-account-id': 'acme' })
    expect((await one.ask(`/public/v5/builds/${body.id}`)).body.id).toBe(body.id)
    const foreign = await one.ask(`/v5/builds/${body.id}`, { headers: { 'x-selected-account-id': 'other' } })
    expect(foreign).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await one.ask('/v5/builds', { headers: { 'x-api-key': 'nobody' } })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    })
    expect(await one.post(create(), { 'x-api-key': 'reader' })).toMatchObject({ status: 403 })
  })
})

describe('an agent name', () => {
  test('that is taken is 400, final, and says so to the SDK', async () => {
    await using one = world()
    const name = agentName()
    await one.post(create({ agent_name: name }))
    const again = await one.post(create({ agent_name: name, image_tag: 'other' }))
    expect(again).toMatchObject({ status: 400, body: { code: 'agent_name_taken' } })
    expect(again.body.detail).toContain(name)
    expect(again.headers.get('x-should-retry')).toBe('false')
    expect((await one.ask('/v5/builds')).body.total).toBe(1)
  })

  test('with the same request again is answered with the first build, for a minute', async () => {
    await using one = world()
    const name = agentName()
    const { body: first } = await one.post(create({ agent_name: name }))
    const again = await one.post(create({ agent_name: name }))
    expect({ status: again.status, id: again.body.id }).toEqual({ status: 200, id: first.id })
    one.now += 61_000
    expect(await one.post(create({ agent_name: name }))).toMatchObject({ status: 400, body: { code: 'agent_name_taken' } })
    expect((await one.ask('/v5/builds')).body.total).toBe(1)
  })

  test('of an image_url repeats the same way', async () => {
    await using one = world()
    const form = (): FormData => create({ agent_name: 'known', context_archive: undefined, image_url: 'a/b:1' })
    const [first, again] = [await one.post(form()), await one.post(form())]
    expect(again).toMatchObject({ status: 200, body: { id: first.body.id } })
  })

  test('is one of many at once: one build, the others are refused or the same', async () => {
    await using one = world()
    const name = agentName()
    const same = await Promise.all(Array.from({ length: 8 }, () => one.post(create({ agent_name: name }))))
    expect(new Set(same.map(({ body }) => body.id)).size).toBe(1)
    const other = agentName()
    const differ = await Promise.all(Array.from({ length: 8 }, (_, i) => one.post(create({ agent_name: other, image_tag: `t${i}` }))))
    expect(differ.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(differ.filter(({ status }) => status === 400)).toHaveLength(7)
  })

  test('is free after a create that was refused', async () => {
    await using one = world()
    const name = agentName()
    expect((await one.post(create({ agent_name: name, context_archive: archive({ 'a.py': '' }) }))).status).toBe(422)
    expect((await one.post(create({ agent_name: name }))).status).toBe(200)
  })

  test('is an account its own', async () => {
    await using one = world()
    const { body } = await one.post(create({ agent_name: 'shared' }))
    const other = await one.post(create({ agent_name: 'shared' }), { 'x-api-key': 'other' })
    expect(other.status).toBe(200)
    expect(other.body.agent_id).not.toBe(body.agent_id)
    const foreign = create({ agent_name: undefined, agent_id: body.agent_id })
    expect(await one.post(foreign, { 'x-api-key': 'other' })).toMatchObject({ status: 404, body: { code: 'agent_not_found' } })
    for (const agent_id of ['11111111-1111-4111-8111-111111111111', 'x', '../x'])
      expect(await one.post(create({ agent_name: undefined, agent_id }))).toMatchObject({ status: 404, body: { code: 'agent_not_found' } })
  })
})

const gz = (bytes: Uint8Array): File => new File([new Uint8Array(bytes)], 'a')

describe('a create is refused', () => {
  test.each<readonly [string, Record<string, string | Blob | undefined>, number, string]>([
    ['without an image_name', { image_name: undefined }, 422, 'image_name'],
    ...['', 'My Agent', 'UPPER', '--privileged', '-x', 'a:b', 'a@sha256', 'x'.repeat(64), 'аgent', 'a\nb', '$(id)'].map(
      (image_name) => [`image_name ${JSON.stringify(image_name)}`, { image_name }, 422, 'image_name'] as const,
    ),
    ...['evil.io/x', 'localhost:5000/x', '169.254.169.254/x', 'a_b/../c'].map(
      (image_name) => [`a registry in ${image_name}`, { image_name }, 422, 'image_name'] as const,
    ),
    ...['', '-x', 'x'.repeat(129), 'a b', 'latest@sha256:0', '../x'].map(
      (image_tag) => [`image_tag "${image_tag.slice(0, 20)}"`, { image_tag }, 422, 'image_tag'] as const,
    ),
    ...['{', '[]', '"x"', 'null', '{"A":1}', '{"--x":"1"}', '{"a=b":"1"}', '{"__proto__":"1"}', '{"":"1"}'].map(
      (build_args) => [`build_args ${build_args}`, { build_args }, 422, 'build_args'] as const,
    ),
    [
      '101 build_args',
      { build_args: JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`A${i}`, '']))) },
      422,
      'build_args',
    ],
    ['an unknown platform', { platform: 'windows/amd64' }, 422, 'platform'],
    ['neither archive nor image', { context_archive: undefined }, 422, 'context_archive'],
    ['both archive and image', { image_url: 'a/b:1' }, 422, 'context_archive'],
    ['an archive as text', { context_archive: 'text' }, 422, 'context_archive'],
    ['neither name nor id of an agent', { agent_name: undefined }, 422, 'agent_name'],
    ['an agent name with a space', { agent_name: 'a b' }, 422, 'agent_name'],
    ['build_args of an image', { context_archive: undefined, image_url: 'a/b:1', build_args: '{}' }, 422, 'build_args'],
    ['a platform of an image', { context_archive: undefined, image_url: 'a/b:1', platform: 'linux/amd64' }, 422, 'platform'],
    ['an image_url with a space', { context_archive: undefined, image_url: 'a b' }, 422, 'image_url'],
    ['source_dirty maybe', { source_dirty: 'maybe' }, 422, 'source_dirty'],
    ['a source_ref with a line break', { source_ref: 'a\0b' }, 422, 'source_ref'],
    ['no Dockerfile at the root', { context_archive: archive({ 'app/Dockerfile': 'FROM scratch\n' }) }, 422, 'context_archive'],
  ])('with %s', async (_what, changes, status, field) => {
    await using one = world()
    for (const form of [create(changes), late(changes)]) {
      const answer = await one.post(form)
      expect(answer).toMatchObject({ status, body: { detail: [{ loc: ['body', field] }] } })
      expect(answer.body.detail.every((fault: object) => Object.keys(fault).join() === 'loc,msg,type')).toBe(true)
    }
    expect((await one.ask('/v5/builds')).body).toMatchObject({ total: 0, items: [] })
  })

  test.each<readonly [string, Record<string, Blob | string>, number, string]>([
    ['an empty archive', { context_archive: gz(new Uint8Array()) }, 400, 'invalid_archive'],
    ['an archive of one byte', { context_archive: gz(new Uint8Array([1])) }, 400, 'invalid_archive'],
    ['random bytes', { context_archive: gz(Buffer.alloc(5000, 'x')) }, 400, 'invalid_archive'],
    ['a zip', { context_archive: gz(Buffer.from('PK\x03\x04....')) }, 400, 'unsupported_archive'],
    ['half an archive', { context_archive: gz(tarGz().subarray(0, 60)) }, 400, 'invalid_archive'],
    ['an archive that leads out', { context_archive: archive({ '../x': '', Dockerfile: 'FROM scratch\n' }) }, 400, 'invalid_path'],
    [
      'a Dockerfile of its own frontend',
      { context_archive: archive({ Dockerfile: '# syntax=evil/x\nFROM scratch\n' }) },
      400,
      'frontend_not_allowed',
    ],
    ['an empty Dockerfile', { context_archive: archive({ Dockerfile: '' }) }, 400, 'invalid_dockerfile'],
    ['a forbidden build argument', { build_args: '{"BUILDKIT_SYNTAX":"x"}' }, 422, 'invalid_argument'],
    ['an argument with NUL', { build_args: '{"A":"\\u0000"}' }, 422, 'invalid_argument'],
    ["a tag of Kiln's own form", { image_tag: '0123456789abcdef' }, 422, 'invalid_reference'],
  ])('with %s', async (_what, changes, status, code) => {
    await using one = world()
    const answer = await one.post(create(changes))
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
    expect((await one.ask('/v5/builds')).body.total).toBe(0)
  })

  test('with two files, or as another type', async () => {
    await using one = world()
    const two = create()
    two.append('other', archive())
    expect(await one.post(two)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('second file'), code: 'invalid_input' },
    })
    const headers = { 'x-api-key': 'acme', 'content-type': 'application/json' }
    expect(await one.ask('/v5/builds', { method: 'POST', body: '{}', headers })).toMatchObject({ status: 415 })
    expect((await one.ask('/v5/builds')).body.total).toBe(0)
  })

  test('for a platform that no driver has', async () => {
    await using one = world({ can: { platforms: ['linux/amd64'] } })
    const answer = await one.post(create({ platform: 'linux/arm/v7' }))
    expect(answer).toMatchObject({ status: 422, body: { code: 'needs_unmet' } })
    expect(answer.body.detail[0].msg).toContain('it builds only linux/amd64')
  })

  test('by the queue cap with a time to wait for', async () => {
    const hold = Promise.withResolvers<void>()
    await using one = world(
      { build: async (job, io) => (await hold.promise, finished(job, io, await readContext(job, io.signal))) },
      { queue: { perTenant: 0, total: 0 } },
    )
    expect(await one.post(create())).toMatchObject({ status: 429, body: { code: 'queue_full' } })
    hold.resolve()
  })
})

/** The same with the archive first. */
function late(changes: Readonly<Record<string, string | Blob | undefined>>): FormData {
  const form = create(changes)
  const fields = [...form].filter(([, value]) => typeof value === 'string') as (readonly [string, string])[]
  const last = new FormData()
  for (const [name, value] of form) if (typeof value !== 'string') last.append(name, value)
  for (const [name, value] of fields) last.append(name, value)
  return last
}
