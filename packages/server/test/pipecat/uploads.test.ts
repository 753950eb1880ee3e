import { BuildError, memoryBlobs } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { createUploadDocuments, type Used } from '../../src/apis/pipecat/upload-documents.ts'
import { defaultLimits } from '../../src/limits/limits.ts'
import { formOf, host, project, tarGz, world, type Answer, type World } from './world.ts'

const context = await tarGz(project)

async function issued(
  kiln: World,
  as = 'acme',
): Promise<{ uploadId: string; uploadUrl: string; uploadFields: Record<string, string>; expiresAt: string }> {
  return (await kiln.ask('POST /builds/upload-url', { json: { region: 'us-west' }, as })).json
}

function post(kiln: World, url: string, fields: Readonly<Record<string, string>>, bytes = context): Promise<Answer> {
  return kiln.ask(`POST ${url}`, { body: formOf(fields, bytes), as: '' })
}

const outcome = ({ status, json }: Answer): unknown[] => [status, json?.code]

describe('an upload URL', () => {
  test('is below the public address, with texts as fields, for 15 minutes', async () => {
    await using kiln = world()
    const { uploadId, uploadUrl, uploadFields, expiresAt } = await issued(kiln)
    expect(uploadId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(uploadUrl.startsWith(`${host}/v1/`)).toBe(true)
    expect(Object.values(uploadFields).every((value) => typeof value === 'string')).toBe(true)
    expect(expiresAt).toBe(new Date(kiln.clock.now + 15 * 60_000).toISOString())
    expect(await post(kiln, uploadUrl, uploadFields)).toMatchObject({ status: 204, text: '' })
  })

  test('needs no body, as the GitHub Action sends none of use', async () => {
    await using kiln = world()
    for (const options of [{ json: {} }, {}, { headers: { 'content-type': 'application/json' } }])
      expect((await kiln.ask('POST /builds/upload-url', options)).status).toBe(200)
  })

  test('is good once, also for two at the same moment', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    const [a, b] = await Promise.all([post(kiln, uploadUrl, uploadFields), post(kiln, uploadUrl, uploadFields)])
    expect([a.status, b.status].toSorted((one, other) => one - other)).toEqual([204, 409])
    expect(outcome(await post(kiln, uploadUrl, uploadFields))).toEqual([409, 'upload_already_used'])
  })

  test('takes nothing in while the server goes down', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    kiln.handler.drain()
    const refused = await post(kiln, uploadUrl, uploadFields)
    expect([refused.status, refused.headers.get('retry-after'), refused.json]).toEqual([
      503,
      '5',
      { error: 'The server is going down.', code: '503' },
    ])
  })

  test('that was used takes in no more bytes', async () => {
    const blobs = memoryBlobs()
    let puts = 0
    await using kiln = world({ engine: { blobs: { ...blobs, put: (...args) => (puts++, blobs.put(...args)) } } })
    const { uploadUrl, uploadFields } = await issued(kiln)
    for (let i = 0; i < 2; i++) await post(kiln, uploadUrl, uploadFields)
    await post(kiln, uploadUrl, {})
    expect(puts).toBe(1)
  })

  test('is used when its build is there', async () => {
    await using kiln = world()
    const { uploadId, uploadUrl, uploadFields } = await issued(kiln)
    await post(kiln, uploadUrl, uploadFields)
    await kiln.ask('POST /builds', { json: { uploadId } })
    expect(outcome(await post(kiln, uploadUrl, uploadFields))).toEqual([409, 'upload_already_used'])
  })

  test('expires', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    kiln.clock.now += 15 * 60_000
    expect(outcome(await post(kiln, uploadUrl, uploadFields))).toEqual([403, 'upload_expired'])
  })

  test('takes no more of somebody without a key than a grant is long', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    const { status } = await post(kiln, uploadUrl, { ...uploadFields, 'x-kiln-grant': 'x'.repeat(20_000) })
    expect(status).toBe(413)
  })

  test('can be used again after an upload that broke', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const fields = Object.entries(uploadFields).map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const half = `${fields.join('')}--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf`
    expect((await kiln.ask(`POST ${uploadUrl}`, { body: half, headers, as: '' })).status).toBe(400)
    expect((await post(kiln, uploadUrl, uploadFields)).status).toBe(204)
  })
})

describe('fields', () => {
  const flipped = (text: string): string => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')
  const changes: Record<string, (fields: Record<string, string>, other: Record<string, string>) => Record<string, string>> = {
    'a bit of the signature': (fields) => ({ ...fields, 'x-kiln-grant': flipped(fields['x-kiln-grant']!) }),
    'a byte of what is signed': (fields) => ({ ...fields, 'x-kiln-grant': `A${fields['x-kiln-grant']!.slice(1)}` }),
    'no signature': ({ key, 'Content-Type': type }) => ({ key: key!, 'Content-Type': type! }),
    'no field': () => ({}),
    'another key': (fields) => ({ ...fields, key: 'x' }),
    'another type': (fields) => ({ ...fields, 'Content-Type': 'text/html' }),
    'one more': (fields) => ({ ...fields, extra: '1' }),
    'those of another upload': (_fields, other) => other,
    'the signature of another upload': (fields, other) => ({ ...fields, 'x-kiln-grant': other['x-kiln-grant']! }),
    'the key in other letters': ({ key, ...fields }) => ({ Key: key!, ...fields }),
  }
  test.each(Object.keys(changes))('%s', async (what) => {
    await using kiln = world()
    const [{ uploadUrl, uploadFields }, other] = [await issued(kiln), await issued(kiln)]
    expect(outcome(await post(kiln, uploadUrl, changes[what]!(uploadFields, other.uploadFields)))).toEqual([403, 'bad_signature'])
    expect((await post(kiln, uploadUrl, uploadFields)).status).toBe(204)
  })

  test('behind the file are no other than in front of it', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    const [late, more] = [formOf({}, context), formOf(uploadFields, context)]
    for (const [name, value] of Object.entries(uploadFields)) late.append(name, value)
    more.append('extra', '1')
    for (const body of [late, more]) expect(outcome(await kiln.ask(`POST ${uploadUrl}`, { body, as: '' }))).toEqual([403, 'bad_signature'])
  })

  test('are of one address', async () => {
    await using kiln = world()
    const [{ uploadUrl, uploadFields, uploadId }, other] = [await issued(kiln), await issued(kiln, 'other')]
    const wrong = [
      other.uploadUrl,
      uploadUrl.replace('acme', 'other'),
      uploadUrl.replace(uploadId, crypto.randomUUID()),
      `${uploadUrl}?a=1`,
    ]
    for (const url of wrong) expect(outcome(await post(kiln, url, uploadFields))).toEqual([403, 'bad_signature'])
    expect((await kiln.ask(`PUT ${uploadUrl}`, { body: context, as: '' })).status).toBe(405)
  })

  test('of another secret are nobody’s', async () => {
    await using kiln = world()
    await using stranger = world()
    const [{ uploadUrl }, { uploadFields, uploadUrl: theirs }] = [await issued(kiln), await issued(stranger)]
    expect(outcome(await post(kiln, theirs, uploadFields))).toEqual([403, 'bad_signature'])
    expect(outcome(await post(kiln, uploadUrl, uploadFields))).toEqual([403, 'bad_signature'])
  })
})

describe('what is uploaded', () => {
  test('has a largest size, whether it is told or not', async () => {
    await using kiln = world({ handler: { limits: { upload: 1000 } } })
    const [exact, more] = [new Uint8Array(1000), new Uint8Array(1001)]
    const first = await issued(kiln)
    expect((await post(kiln, first.uploadUrl, first.uploadFields, exact)).status).toBe(204)
    const { uploadUrl, uploadFields } = await issued(kiln)
    expect(outcome(await post(kiln, uploadUrl, uploadFields, more))).toEqual([413, 'payload_too_large'])
    expect((await post(kiln, uploadUrl, uploadFields, exact)).status).toBe(204)
  })

  test('is one file in a form', async () => {
    await using kiln = world()
    const { uploadUrl, uploadFields } = await issued(kiln)
    const none = new FormData()
    for (const [name, value] of Object.entries(uploadFields)) none.append(name, value)
    const two = formOf(uploadFields, context)
    two.append('file2', new Blob(['x']), 'x')
    for (const body of [none, two]) expect(outcome(await kiln.ask(`POST ${uploadUrl}`, { body, as: '' }))).toEqual([400, 'invalid_input'])
    const json = await kiln.ask(`POST ${uploadUrl}`, { json: uploadFields, as: '' })
    expect(outcome(json)).toEqual([415, 'unsupported_media_type'])
    expect((await post(kiln, uploadUrl, uploadFields)).status).toBe(204)
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['no archive', new TextEncoder().encode('hello')],
    ['half an archive', context.slice(0, -20)],
  ])('%s is refused when it is to be built', async (_what, bytes) => {
    await using kiln = world()
    const uploadId = await kiln.upload(bytes)
    const { status, json } = await kiln.ask('POST /builds', { json: { uploadId } })
    expect([status, typeof json.code]).toEqual([400, 'string'])
    expect((await kiln.ask('GET /builds')).json.total).toBe(0)
  })
})

test('of two servers that store at the same moment one wins', async () => {
  await using kiln = world()
  const documents = createUploadDocuments({ limits: defaultLimits, now: () => kiln.clock.now })
  const { uploadId } = await issued(kiln)
  const kept = { digest: 'sha256:0', contextHash: '0', bytes: 1 } as const
  const stored = await Promise.allSettled([1, 2].map(() => documents.store(kiln.engine.for('acme'), uploadId, kept)))
  expect(stored.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  const use = (build: string): Promise<Used> =>
    documents.use(kiln.engine.for('acme'), uploadId, { build, cached: false, region: 'us-west', dockerfilePath: 'Dockerfile' })
  const used = await Promise.all(['a', 'b'].map(use))
  expect(used.map(({ build }) => build)).toEqual(['a', 'a'])
})

test('keyless uploads take nothing from anybody’s rate', async () => {
  await using kiln = world({ handler: { limits: { ratePerMinute: 2 } } })
  const { uploadUrl, uploadFields } = await issued(kiln)
  for (let i = 0; i < 5; i++) expect((await post(kiln, uploadUrl, {})).status).toBe(403)
  expect((await post(kiln, uploadUrl, uploadFields)).status).toBe(204)
})

test('bytes that were pruned are an upload that is not there', async () => {
  const blobs = memoryBlobs()
  const gone = (): never => {
    throw new BuildError('blob_missing', 'gone')
  }
  let pruned = false
  await using kiln = world({ engine: { blobs: { ...blobs, open: (...args) => (pruned ? gone() : blobs.open(...args)) } } })
  const uploadId = await kiln.upload(context)
  pruned = true
  expect(outcome(await kiln.ask('POST /builds', { json: { uploadId } }))).toEqual([400, 'upload_not_found'])
})

describe('open uploads', () => {
  test('are so many for a tenant, until they are used or expire', async () => {
    await using kiln = world({ handler: { limits: { openUploads: 3 } } })
    const first = await issued(kiln)
    await issued(kiln)
    await issued(kiln)
    const more = await kiln.ask('POST /builds/upload-url', { json: {} })
    expect(outcome(more)).toEqual([429, 'too_many_uploads'])
    expect(more.headers.get('retry-after')).toBe('60')
    expect((await kiln.ask('POST /builds/upload-url', { json: {}, as: 'other' })).status).toBe(200)
    await post(kiln, first.uploadUrl, first.uploadFields)
    expect((await kiln.ask('POST /builds/upload-url', { json: {} })).status).toBe(429)
    await kiln.ask('POST /builds', { json: { uploadId: first.uploadId } })
    expect((await kiln.ask('POST /builds/upload-url', { json: {} })).status).toBe(200)
    kiln.clock.now += 15 * 60_000
    expect((await kiln.ask('POST /builds/upload-url', { json: {} })).status).toBe(200)
    expect(await kiln.engine.for('acme').documents.read('upload', { limit: 100 })).toHaveLength(1)
  })

  test('are no more when many ask at once', async () => {
    await using kiln = world({ handler: { limits: { openUploads: 3 } } })
    const answers = await Promise.all(Array.from({ length: 10 }, () => kiln.ask('POST /builds/upload-url', { json: {} })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  })

  test('that were used are forgotten after a day', async () => {
    await using kiln = world()
    await kiln.built(context)
    kiln.clock.now += 25 * 3600_000
    await kiln.built(context)
    expect(await kiln.engine.for('acme').documents.read('upload-used', { limit: 100 })).toHaveLength(1)
    expect(await kiln.engine.for('acme').documents.read('upload', { limit: 100 })).toHaveLength(0)
  })
})
