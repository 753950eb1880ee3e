// Cases 53 to 59: the form.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { gz, tar } from '../tar.ts'
import { chunked, exchange, open } from '../wire.ts'
import { world as newWorld } from '../world.ts'
import { boundary, each, form, formBytes, scaleForm, type Part, type Row } from './row.ts'
import { create, file, ours, path, withPart, withType } from './scale-request.ts'
import { eventually } from './wait.ts'

export const forms: readonly Row[] = [
  { id: 53, what: 'neither file nor image_url', ask: form(path, scaleForm({}).slice(0, 2)), status: 422, code: 'invalid_input' },
  {
    id: 53,
    what: 'image_url alone: registered',
    ask: form(path, scaleForm({ image_url: 'ghcr.io/a/b:1' }).slice(0, 3)),
    status: 200,
    then: ({ json: { build_status } }) => expect(build_status).toBe('success'),
  },
  { id: 53, what: 'both file and image_url', ask: create({ image_url: 'ghcr.io/a/b:1' }), status: 422, code: 'invalid_input' },
  {
    id: 53,
    what: 'two files',
    ask: form(path, [...scaleForm(), { name: 'context_archive', file: 'b', body: gz() }]),
    status: 400,
    code: 'invalid_input',
  },
  {
    id: 53,
    what: 'the file as a text',
    ask: form(path, [...scaleForm({}).slice(0, 2), { name: 'context_archive', body: 'x' }]),
    status: 422,
    code: 'invalid_input',
  },
  {
    id: 53,
    what: 'a field twice',
    ask: form(path, [{ name: 'image_name', body: 'other' }, ...scaleForm()]),
    status: 400,
    code: 'invalid_input',
  },
  { id: 54, what: 'no boundary', ask: withType('multipart/form-data', formBytes(scaleForm())), status: 400, code: 'invalid_input' },
  {
    id: 54,
    what: 'a boundary of 200 characters',
    ask: withType(`multipart/form-data; boundary=${'b'.repeat(200)}`, formBytes(scaleForm())),
    status: 400,
    code: 'invalid_input',
  },
  {
    id: 54,
    what: 'another boundary at the end',
    ask: withType(ours, formBytes(scaleForm(), '--something-else--\r\n')),
    status: 400,
    code: 'invalid_input',
  },
  { id: 54, what: 'no boundary at the end', ask: withType(ours, formBytes(scaleForm(), '')), status: 400, code: 'invalid_input' },
  {
    id: 54,
    what: 'a preamble of 1 MB',
    ask: withType(ours, Buffer.concat([Buffer.alloc(1_000_000, 'x'), Buffer.from('\r\n'), formBytes(scaleForm())])),
    status: 400,
    code: 'invalid_input',
  },
  { id: 54, what: 'an empty body', ask: withType(ours, Buffer.alloc(0)), status: 400, code: 'invalid_input' },
  ...each<Part>(
    {
      'no name': { head: 'Content-Disposition: form-data\r\n', body: 'x' },
      'an empty name': { name: '', body: 'x' },
      __proto__: { name: '__proto__', body: 'x' },
      constructor: { name: 'constructor', body: 'x' },
      'a line feed': { head: 'Content-Disposition: form-data; name="a\nb"\r\n', body: 'x' },
      'a carriage return': { head: 'Content-Disposition: form-data; name="a\rb"\r\n', body: 'x' },
      'a line feed in the file name': { head: 'Content-Disposition: form-data; name="a"; filename="x\ny"\r\n', body: 'x' },
      'no disposition': { head: 'Content-Type: text/plain\r\n', body: 'x' },
      'two names': { head: 'Content-Disposition: form-data; name="a"; name="b"\r\n', body: 'x' },
      'a head of 20 KB': { head: `X-Long: ${'x'.repeat(20_000)}\r\nContent-Disposition: form-data; name="a"\r\n`, body: 'x' },
      'base64 as transfer encoding': {
        head: 'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n',
        body: 'eA==',
      },
    },
    (part) => ({ id: 55, what: 'a part', ask: withPart(part), status: 400, code: 'invalid_input' }),
  ),
  {
    id: 55,
    what: 'nothing was polluted',
    ask: { path },
    status: 200,
    then: () => expect(({} as Record<string, unknown>)['x']).toBeUndefined(),
  },
  {
    id: 56,
    what: '10,001 tiny fields',
    ask: form(
      path,
      Array.from({ length: 10_001 }, (_, n) => ({ name: `f${n}`, body: 'x' })),
    ),
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 56,
    what: 'a field of 1 MiB and a byte',
    ask: form(path, [{ name: 'source_repo', body: 'x'.repeat(2 ** 20 + 1) }, ...scaleForm()]),
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 56,
    what: 'fields of 5 MiB in all',
    ask: form(
      path,
      ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, body: 'x'.repeat(2 ** 20) })),
    ),
    status: 413,
    code: 'payload_too_large',
  },
  ...each({ 'a path': '../../x', 'NUL, escaped': 'a%00.tar.gz', '10 KB': 'n'.repeat(10_240), empty: '' }, (called) => ({
    id: 57,
    what: 'a file name that is not used for anything',
    ask: form(path, [...scaleForm().slice(0, 2), { name: 'whatever', file: called, body: gz() }]),
    status: 200,
  })),
  {
    id: 57,
    what: 'no file name, a type of its own',
    ask: form(path, [
      ...scaleForm().slice(0, 2),
      { head: 'Content-Disposition: form-data; name="context_archive"\r\nContent-Type: application/gzip\r\n', body: gz() },
    ]),
    status: 200,
  },
  {
    id: 58,
    what: 'the client goes at 50 %',
    async ask(world) {
      const before = await world.builds()
      const bytes = formBytes(scaleForm({}, Buffer.alloc(4_000_000, 'x')))
      for (const head of [`content-length: ${bytes.length}\r\n\r\n`, 'transfer-encoding: chunked\r\n\r\n']) {
        const socket = await open(world.address)
        socket.on('error', () => undefined)
        socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${world.keys.acme}\r\ncontent-type: ${ours}\r\n${head}`)
        const sent = head.startsWith('transfer') ? chunked(bytes) : bytes
        await new Promise<void>((resolve) => socket.write(sent.subarray(0, sent.length / 2), () => resolve()))
        expect(await eventually(() => world.leftovers().length > 0)).toBe(true)
        socket.destroy()
        expect(await eventually(() => world.leftovers().length === 0)).toBe(true)
      }
      expect(await world.builds()).toBe(before)
      return world.ask({ path })
    },
    status: 200,
  },
]

/** Bytes that do not shrink: an archive of exactly this length. */
function archiveOf(length: number): Buffer {
  const noise = (size: number): Buffer =>
    gzipSync(
      tar(
        { path: 'Dockerfile', body: 'FROM scratch\n' },
        { path: 'noise', body: Buffer.from(crypto.getRandomValues(new Uint8Array(size))) },
      ),
      { level: 0 },
    )
  const over = noise(512 * 40).length - 512 * 40
  const one = noise(Math.floor((length - over) / 512) * 512)
  // what is missing is a comment in the gzip header
  const missing = length - one.length
  if (missing < 2) return one.subarray(0, length)
  const head = Buffer.from(one.subarray(0, 10))
  head[3] = 0x10
  return Buffer.concat([head, Buffer.alloc(missing - 1, 'c'), Buffer.from([0]), one.subarray(10)])
}

const limit = 40_000

export const sizes: readonly Row[] = [
  ...each({ 'its length told': false, 'in chunks': true }, (inChunks) => ({
    id: 59,
    what: 'one byte more than an upload may have (here 40,000): answered, then read or closed cleanly',
    async ask() {
      await using small = await newWorld({ handler: { limits: { upload: limit, field: 1024, fields: 20 } } })
      const body = formBytes(scaleForm({}, archiveOf(limit + 1)))
      const reply = await small.ask({
        method: 'POST',
        path,
        body: inChunks ? chunked(body, 1000) : body,
        headers: [['content-type', ours], ...(inChunks ? [['transfer-encoding', 'chunked'] as const] : [])],
      })
      expect(await eventually(() => small.leftovers().length === 0)).toBe(true)
      expect(await small.builds()).toBe(0)
      return reply
    },
    status: 413,
    code: 'payload_too_large',
  })),
  {
    id: 59,
    what: 'a length that is told to be 10 GB: refused before it is sent',
    async ask(world) {
      return exchange(
        world.address,
        `POST ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${world.keys.acme}\r\ncontent-type: ${ours}\r\ncontent-length: 10000000000\r\n\r\n--${boundary}`,
      )
    },
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 59,
    what: 'exactly what an upload may have',
    async ask() {
      await using small = await newWorld({ handler: { limits: { upload: limit, field: 1024, fields: 20 } } })
      const bytes = archiveOf(limit)
      expect(bytes.length).toBe(limit)
      return await small.ask(create({}, bytes))
    },
    status: 200,
  },
]

export const agents: readonly Row[] = [
  {
    id: 53,
    what: 'both agent_name and agent_id',
    ask: create({ agent_id: '01900000-0000-7000-8000-000000000000' }),
    status: 422,
    code: 'invalid_input',
  },
  { id: 53, what: 'neither agent_name nor agent_id', ask: create({ agent_name: undefined }), status: 422, code: 'invalid_input' },
  { id: 53, what: 'an agent_id of nobody', ask: create({ agent_name: undefined, agent_id: 'x' }), status: 404, code: 'agent_not_found' },
  {
    id: 53,
    what: 'an agent_name that is taken: 400, not to be tried again; a refused create leaves its name free',
    async ask(world) {
      const name = `taken-${crypto.randomUUID()}`
      expect((await world.ask(create({ agent_name: name, image_tag: '-x' }))).status).toBe(422)
      expect((await world.ask(create({ agent_name: name }, Buffer.from('x')))).status).toBe(400)
      expect((await world.ask(create({ agent_name: name }))).status).toBe(200)
      const reply = await world.ask(create({ agent_name: name }, gz(file('other'))))
      expect(reply.headers.get('x-should-retry')).toBe('false')
      return reply
    },
    status: 400,
    code: 'agent_name_taken',
  },
  ...each({ 'a list': 'linux/amd64,linux/arm64', 'another system': 'windows/amd64', empty: '' }, (platform) => ({
    id: 53,
    what: 'platform',
    ask: create({ platform }),
    status: 422,
    code: 'invalid_input',
  })),
]
