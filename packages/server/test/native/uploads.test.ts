import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { built, request, world } from './world.ts'

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A tar of the files of `request`, made by the engine itself. */
async function someTar(): Promise<Uint8Array> {
  await using at = world()
  return (await at.ask('GET', `/builds/${await built(at)}/context`)).response.bytes()
}

test('an upload is taken once, known after that to its tenant alone, and built', async () => {
  await using at = world()
  const bytes = gzipSync(await someTar())
  const digest = digestOf(bytes)
  expect((await at.ask('GET', `/uploads/${digest}`)).status).toBe(404)
  const put = await at.ask('PUT', `/uploads/${digest}`, { body: bytes })
  expect([put.status, await put.json()]).toEqual([201, { digest, bytes: bytes.length, exists: false }])
  const again = await at.ask('PUT', `/uploads/${digest}`, { body: bytes })
  expect([again.status, await again.json()]).toEqual([200, { digest, bytes: bytes.length, exists: true }])
  expect((await at.ask('GET', `/uploads/${digest}`)).status).toBe(200)
  expect((await at.ask('GET', `/uploads/${digest}`, { as: 'other' })).status).toBe(404)
  expect((await at.ask('POST', '/builds', { json: { ...request, source: { upload: digest } }, as: 'other' })).status).toBe(404)
  expect((await at.ask('PUT', `/uploads/${digest}`, { body: bytes, as: 'other' })).status).toBe(201)
  const id = await built(at, { source: { upload: digest } })
  expect((await at.engine.for('acme').get(id))!.record.state).toBe('succeeded')
})

test('an upload and the same files in JSON are the same build', async () => {
  await using at = world()
  await built(at)
  const bytes = gzipSync(await someTar())
  await at.ask('PUT', `/uploads/${digestOf(bytes)}`, { body: bytes })
  const { reuse } = await (await at.ask('POST', '/builds', { json: { ...request, source: { upload: digestOf(bytes) } } })).json()
  expect(reuse).toBe('hit')
})

test('bytes with another digest are refused', async () => {
  await using at = world()
  const answer = await at.ask('PUT', `/uploads/${digestOf(Buffer.from('other'))}`, { body: 'these' })
  expect([answer.status, (await answer.json()).code]).toEqual([400, 'blob_mismatch'])
  for (const text of ['other', 'these']) expect((await at.ask('GET', `/uploads/${digestOf(Buffer.from(text))}`)).status).toBe(404)
})

test('an upload beyond the limit is refused', async () => {
  await using at = world({ handler: { limits: { upload: 10 } } })
  const bytes = Buffer.alloc(11)
  const answer = await at.ask('PUT', `/uploads/${digestOf(bytes)}`, { body: bytes })
  expect(answer.status).toBe(413)
})

test.each(['sha256:abc', 'md5:x', '..', `sha256:${'A'.repeat(64)}`])('%s is no digest', async (digest) => {
  await using at = world()
  for (const method of ['GET', 'PUT']) expect((await at.ask(method, `/uploads/${digest}`)).status).toBeGreaterThanOrEqual(400)
})

test('an upload that is no archive is refused when it is built', async () => {
  await using at = world()
  const bytes = Buffer.from('no archive at all')
  await at.ask('PUT', `/uploads/${digestOf(bytes)}`, { body: bytes })
  const answer = await at.ask('POST', '/builds', { json: { ...request, source: { upload: digestOf(bytes) } } })
  expect([answer.status, (await answer.json()).code]).toEqual([400, 'invalid_archive'])
})

const tarType = { 'content-type': 'application/x-tar' }

test('an archive is built in one call, with options', async () => {
  await using at = world()
  const options = encodeURIComponent(JSON.stringify({ dockerfile: 'Dockerfile', args: { A: '1' } }))
  for (const [body, type] of [
    [await someTar(), 'application/x-tar'],
    [gzipSync(await someTar()), 'application/gzip'],
  ] as const) {
    const answer = await at.ask('POST', `/builds/archive?name=web&options=${options}`, { body, headers: { 'content-type': type } })
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ name: 'web' })
  }
  expect(at.driver.jobs.length).toBeLessThanOrEqual(1)
})

test.each([
  ['', tarType, 400],
  ['?name=web&options=[]', tarType, 400],
  ['?name=web&options={', tarType, 400],
  ['?name=web&options={"nope":1}', tarType, 400],
  ['?name=web', { 'content-type': 'text/plain' }, 415],
])('the archive call refuses %s', async (query, headers, status) => {
  await using at = world()
  const answer = await at.ask('POST', `/builds/archive${query}`, { body: await someTar(), headers })
  expect(answer.status).toBe(status)
  expect(await at.engine.for('acme').count()).toBe(0)
})
