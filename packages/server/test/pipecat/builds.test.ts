import { twoSteps } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import type { Regions } from '../../src/regions.ts'
import { hashOf, host, project, tarGz, world } from './world.ts'

const regions: Regions = {
  default: 'us-west',
  all: [
    { code: 'us-west', displayName: 'US West', enabled: true },
    { code: 'eu-central', displayName: 'EU', enabled: true },
    { code: 'us-east', displayName: 'US East', enabled: false },
  ],
}

describe('a build', () => {
  test('is new, then done, with everything filled in', async () => {
    await using kiln = world()
    const context = await tarGz(project)
    const uploadId = await kiln.upload(context)
    const created = await kiln.ask('POST /builds', { json: { uploadId, region: 'us-west' } })
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ contextHash: hashOf(context), cached: false })
    const { id } = created.json.build
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    await kiln.ended(id)
    const { status, json } = await kiln.ask(`GET /builds/${id}`)
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string
    expect(status).toBe(200)
    expect(json).toEqual({
      build: {
        id,
        organizationId: 'acme',
        status: 'success',
        region: 'us-west',
        contextHash: hashOf(context),
        dockerfilePath: 'Dockerfile',
        imageUri: expect.stringMatching(/^localhost\/kiln\/acme\/pipecat-cloud:[0-9a-f]{16}$/),
        logsUrl: expect.stringContaining(`${host}/v1/builds/${id}/log.txt?grant=`),
        contextSizeBytes: context.length,
        imageSizeBytes: expect.any(Number),
        buildDurationSeconds: expect.any(Number),
        startedAt: time,
        completedAt: time,
        createdAt: time,
        updatedAt: time,
      },
    })
    expect(kiln.driver.stored.has(json.build.imageUri)).toBe(true)
  })

  test('shows only what is known while it waits', async () => {
    await using kiln = world({ engine: { worker: false } })
    const uploadId = await kiln.upload(await tarGz(project))
    const { json } = await kiln.ask('POST /builds', { json: { uploadId } })
    expect(Object.keys(json.build).sort()).toEqual(
      [
        'id',
        'organizationId',
        'status',
        'region',
        'contextHash',
        'dockerfilePath',
        'logsUrl',
        'contextSizeBytes',
        'createdAt',
        'updatedAt',
      ].sort(),
    )
    expect(json.build.status).toBe('pending')
    await (await kiln.engine.for('acme').get(json.build.id))!.cancel()
    expect((await kiln.ask(`GET /builds/${json.build.id}`)).json.build).toMatchObject({
      status: 'failed',
      errorMessage: 'build cancelled',
      buildDurationSeconds: 0,
    })
  })

  test('that fails says why, and is never a hit', async () => {
    let fails = true
    await using kiln = world({
      build: async (job, io) => {
        const built = await twoSteps(job, io)
        if (fails) throw new Error('the builder broke')
        return built
      },
      engine: { attempts: 1 },
    })
    const context = await tarGz(project)
    const first = await kiln.built(context)
    const { json } = await kiln.ask(`GET /builds/${first.json.build.id}`)
    expect(json.build).toMatchObject({ status: 'failed', errorMessage: expect.any(String) })
    expect(json.build).not.toHaveProperty('imageUri')
    fails = false
    expect((await kiln.built(context)).status).toBe(201)
    expect((await kiln.built(context)).status).toBe(200)
  })

  test('is seen in the native API of its tenant, and of no other', async () => {
    await using kiln = world()
    const { json } = await kiln.built(await tarGz(project))
    const { id } = json.build
    expect((await kiln.ask(`GET http://localhost/kiln/v1/builds/${id}`)).json).toMatchObject({ id, attributes: { api: 'pipecat' } })
    const [foreign, unknown] = [await kiln.ask(`GET /builds/${id}`, { as: 'other' }), await kiln.ask(`GET /builds/${crypto.randomUUID()}`)]
    expect([foreign.status, foreign.text]).toEqual([404, unknown.text])
  })

  test('of another API is not shown', async () => {
    await using kiln = world()
    const { json } = await kiln.ask('POST http://localhost/kiln/v1/builds', {
      json: { name: 'a', source: { files: project }, dockerfile: 'Dockerfile' },
    })
    expect((await kiln.ask(`GET /builds/${json.id}`)).status).toBe(404)
    expect((await kiln.ask('GET /builds')).json.total).toBe(0)
  })
})

describe('the same again', () => {
  test('is the earlier build: by hash, region and path', async () => {
    await using kiln = world({ handler: { regions } })
    const context = await tarGz({ ...project, 'other/Dockerfile': 'FROM scratch\n' })
    const first = await kiln.built(context)
    const again = await kiln.built(context)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.json).toMatchObject({ cached: true, contextHash: hashOf(context), build: { id: first.json.build.id, status: 'success' } })
    expect((await kiln.built(context, { region: 'eu-central' })).status).toBe(201)
    expect((await kiln.built(context, { path: 'other/Dockerfile' })).status).toBe(201)
    expect((await kiln.built(context, { path: './Dockerfile' })).status).toBe(200)
    expect((await kiln.ask('GET /builds')).json.total).toBe(3)
    expect(kiln.driver.jobs).toHaveLength(3)
  })

  test('is another tenant’s own', async () => {
    await using kiln = world()
    const context = await tarGz(project)
    const [first, second] = [await kiln.built(context), await kiln.built(context, { as: 'other' })]
    expect(second).toMatchObject({ status: 201, json: { cached: false } })
    const uri = async (id: string, as: string): Promise<string> => (await kiln.ask(`GET /builds/${id}`, { as })).json.build.imageUri
    expect(await uri(first.json.build.id, 'acme')).not.toBe(await uri(second.json.build.id, 'other'))
  })

  test('is built again when the image has gone', async () => {
    await using kiln = world()
    const context = await tarGz(project)
    await kiln.built(context)
    kiln.driver.stored.clear()
    expect(await kiln.built(context)).toMatchObject({ status: 201, json: { cached: false } })
    expect(kiln.driver.jobs).toHaveLength(2)
  })

  test('packed another way is a new build that runs nothing', async () => {
    await using kiln = world()
    await kiln.built(await tarGz(project))
    const { status, json } = await kiln.built(await tarGz({ 'bot.py': project['bot.py'], Dockerfile: project.Dockerfile }))
    expect([status, json.cached, json.build.status]).toEqual([201, false, 'success'])
    expect(kiln.driver.jobs).toHaveLength(1)
  })

  test('50 at once are one run and 50 builds', async () => {
    const accepted = Promise.withResolvers<void>()
    await using kiln = world({ build: async (job, io) => accepted.promise.then(() => twoSteps(job, io)) })
    const context = await tarGz(project)
    const uploads = await Promise.all(Array.from({ length: 50 }, () => kiln.upload(context)))
    const answers = await Promise.all(uploads.map((uploadId) => kiln.ask('POST /builds', { json: { uploadId } })))
    accepted.resolve()
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ json }) => json.build.id)).size).toBe(50)
    for (const { json } of answers) await kiln.ended(json.build.id)
    expect(kiln.driver.jobs).toHaveLength(1)
  })
})

describe('an upload', () => {
  test('makes one build, however often it is asked for', async () => {
    await using kiln = world()
    const uploadId = await kiln.upload(await tarGz(project))
    const answers = await Promise.all(Array.from({ length: 20 }, () => kiln.ask('POST /builds', { json: { uploadId } })))
    const later = await kiln.ask('POST /builds', { json: { uploadId, region: 'us-west', dockerfilePath: './Dockerfile' } })
    const all = [...answers, later]
    expect(new Set(all.map(({ status, json }) => `${status} ${json.build.id} ${json.cached}`)).size).toBe(1)
    expect((await kiln.ask('GET /builds')).json.total).toBe(1)
  })

  test('of a cached build, too', async () => {
    await using kiln = world()
    const context = await tarGz(project)
    await kiln.built(context)
    const uploadId = await kiln.upload(context)
    for (let i = 0; i < 2; i++) expect((await kiln.ask('POST /builds', { json: { uploadId } })).status).toBe(200)
  })

  test('cannot be built with another path afterwards', async () => {
    await using kiln = world()
    const uploadId = await kiln.upload(await tarGz({ ...project, 'b/Dockerfile': 'FROM scratch\n' }))
    await kiln.ask('POST /builds', { json: { uploadId } })
    const { status, json } = await kiln.ask('POST /builds', { json: { uploadId, dockerfilePath: 'b/Dockerfile' } })
    expect([status, json.code]).toEqual([409, 'upload_already_used'])
  })

  test('whose build was removed is not there', async () => {
    await using kiln = world()
    const uploadId = await kiln.upload(await tarGz(project))
    const { json } = await kiln.ask('POST /builds', { json: { uploadId } })
    await kiln.ended(json.build.id)
    await kiln.engine.for('acme').remove(json.build.id)
    const again = await kiln.ask('POST /builds', { json: { uploadId } })
    expect([again.status, again.json.code]).toEqual([400, 'upload_not_found'])
  })

  test('can be built with the right path after a wrong one', async () => {
    await using kiln = world()
    const uploadId = await kiln.upload(await tarGz(project))
    const wrong = await kiln.ask('POST /builds', { json: { uploadId, dockerfilePath: 'dockerfile' } })
    expect([wrong.status, wrong.json.code]).toEqual([400, 'dockerfile_not_found'])
    expect((await kiln.ask('POST /builds', { json: { uploadId } })).status).toBe(201)
  })

  test('is not found, whatever the reason', async () => {
    await using kiln = world()
    const open = (await kiln.ask('POST /builds/upload-url', { json: {} })).json.uploadId
    const foreign = await kiln.upload(await tarGz(project), { as: 'other' })
    const expired = await kiln.upload(await tarGz(project))
    kiln.clock.now += 16 * 60_000
    const bodies = new Set<string>()
    for (const uploadId of [open, foreign, expired, crypto.randomUUID(), 'x', '', '../x']) {
      const { status, text } = await kiln.ask('POST /builds', { json: { uploadId } })
      expect(status).toBe(400)
      bodies.add(text)
    }
    expect([...bodies].map((text) => JSON.parse(text) as object)).toEqual([{ error: expect.any(String), code: 'upload_not_found' }])
    expect((await kiln.ask('GET /builds')).json.total).toBe(0)
  })
})

describe('regions', () => {
  test.each(['us-east', 'mars', '__proto__', 'us-west\n', '', 5, null, ['us-west']])('%j is refused', async (region) => {
    await using kiln = world({ handler: { regions } })
    const uploadId = await kiln.upload(await tarGz(project))
    for (const path of ['/builds/upload-url', '/builds']) {
      const { status, json } = await kiln.ask(`POST ${path}`, { json: { region, uploadId } })
      expect([status, json.code]).toEqual([400, 'invalid_region'])
    }
  })

  test('another than the upload’s is refused, also afterwards; none is the upload’s', async () => {
    await using kiln = world({ handler: { regions } })
    const uploadId = await kiln.upload(await tarGz(project), { region: 'eu-central' })
    for (let i = 0; i < 2; i++) {
      const { status, json } = await kiln.ask('POST /builds', { json: { uploadId, region: 'us-west' } })
      expect([status, json.code]).toEqual([400, 'region_mismatch'])
      expect((await kiln.ask('POST /builds', { json: { uploadId } })).json.build.region).toBe('eu-central')
    }
  })
})

describe('a Dockerfile path', () => {
  const bad = [
    '../../etc/passwd',
    '/etc/passwd',
    'a/../../x',
    'a\\b',
    '-',
    'http://x/Dockerfile',
    '.',
    'dir/',
    '',
    'a\0b',
    'a'.repeat(5000),
    './',
    'docker/../Dockerfile',
    5,
    null,
  ]
  test.each(bad)('%j is refused', async (dockerfilePath) => {
    await using kiln = world()
    const uploadId = await kiln.upload(await tarGz(project))
    const { status, json, text } = await kiln.ask('POST /builds', { json: { uploadId, dockerfilePath } })
    expect([status, json.code]).toEqual([400, 'invalid_dockerfile_path'])
    expect(text.length).toBeLessThan(300)
  })

  test.each(['link', 'dir', 'missing', 'DOCKERFILE'])('%s is not a Dockerfile of the source', async (dockerfilePath) => {
    await using kiln = world()
    const uploadId = await kiln.upload(await tarGz({ ...project, link: { link: 'Dockerfile' }, 'dir/a': '' }))
    const { status, json } = await kiln.ask('POST /builds', { json: { uploadId, dockerfilePath } })
    expect([status, json.code]).toEqual([400, 'dockerfile_not_found'])
  })
})

describe('both families', () => {
  test('have the same builds', async () => {
    await using kiln = world()
    const { json } = await kiln.built(await tarGz(project))
    const { id } = json.build
    for (const path of ['/builds', `/builds/${id}`, `/builds/${id}/logs`, '/regions', '/properties', '/properties/schema'])
      expect((await kiln.ask(`GET /organizations/acme${path}`)).text).toBe((await kiln.ask(`GET ${path}`)).text)
  })

  test('another organization is refused', async () => {
    await using kiln = world()
    for (const path of ['/builds', '/regions', '/services/a']) {
      const { status, json } = await kiln.ask(`GET /organizations/other${path}`)
      expect([status, json.code]).toEqual([403, 'forbidden'])
    }
  })
})
