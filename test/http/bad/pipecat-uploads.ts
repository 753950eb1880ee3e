// Cases 90 to 96: regions and uploads, which are multipart POSTs here.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import { chunked, exchange } from '../wire.ts'
import { world as newWorld, type World } from '../world.ts'
import { build, built, context, flip, parts, ticket, upload, type Ticket } from './pipecat-request.ts'
import { boundary, each, form, formBytes, json, type Row } from './row.ts'
import { eventually } from './wait.ts'

export const regions: readonly Row[] = [
  { id: 90, what: 'no region: the default one, as one client asks', ask: json('/v1/builds/upload-url', {}), status: 200 },
  { id: 90, what: 'no body', ask: { method: 'POST', path: '/v1/builds/upload-url' }, status: 200 },
  ...each(
    {
      unknown: 'mars',
      'a number': 5,
      __proto__: '__proto__',
      'with a line feed': 'us-west\n',
      empty: '',
      'in capitals': 'US-WEST',
      'a list': ['us-west'],
      null: null,
      long: 'x'.repeat(10_000),
    },
    (region) => ({
      id: 90,
      what: 'a region',
      ask: json('/v1/builds/upload-url', { region }),
      status: 400,
      code: 'invalid_region',
    }),
  ),
]

/** What is done to the fields or the address of an upload. */
const forged: Readonly<Record<string, (given: Ticket, other: Ticket) => Ticket>> = {
  'a letter of the signature': (given) =>
    changed(given, { 'x-kiln-grant': flip(given.uploadFields['x-kiln-grant']!, given.uploadFields['x-kiln-grant']!.length - 5) }),
  'a letter of what is signed': (given) => changed(given, { 'x-kiln-grant': flip(given.uploadFields['x-kiln-grant']!, 10) }),
  'a later time': (given) => {
    const [payload = '', mac = ''] = given.uploadFields['x-kiln-grant']!.split('.')
    const grant = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    return changed(given, { 'x-kiln-grant': `${Buffer.from(JSON.stringify({ ...grant, expires: 9e15 })).toString('base64url')}.${mac}` })
  },
  'no signature': (given) => changed(given, { 'x-kiln-grant': '' }),
  'a grant without dots': (given) => changed(given, { 'x-kiln-grant': 'x' }),
  'a grant of 10 KB': (given) => changed(given, { 'x-kiln-grant': 'a.'.repeat(5000) }),
  "another upload's fields": (given, other) => ({ ...given, uploadFields: other.uploadFields }),
  "another upload's address": (given, other) => ({ ...given, uploadUrl: other.uploadUrl }),
  'another key': (given, other) => changed(given, { key: other.uploadId }),
  'another type': (given) => changed(given, { 'Content-Type': 'text/html' }),
  'another tenant in the address': (given) => ({ ...given, uploadUrl: given.uploadUrl.replace('/acme/', '/other/') }),
  'a field more': (given) => changed(given, { 'x-amz-checksum-sha256': 'wrong' }),
  'a query': (given) => ({ ...given, uploadUrl: `${given.uploadUrl}?x=1` }),
}

function changed(given: Ticket, fields: Readonly<Record<string, string>>): Ticket {
  return { ...given, uploadFields: { ...given.uploadFields, ...fields } }
}

export const uploads: readonly Row[] = [
  ...each(forged, (forge, name) => ({
    id: name === 'a later time' ? 92 : name === 'a field more' ? 95 : 91,
    what: 'an upload with',
    async ask(world: World) {
      const [given, other] = [await ticket(world), await ticket(world)]
      const reply = await upload(world, forge(given, other))
      // what was refused is not used up
      expect((await upload(world, given)).status).toBe(204)
      return reply
    },
    status: 403,
    code: 'bad_signature',
  })),
  {
    id: 91,
    what: 'an upload without its fields',
    async ask(world) {
      const given = await ticket(world)
      return upload(world, { ...given, uploadFields: {} })
    },
    status: 403,
    code: 'bad_signature',
  },
  {
    id: 91,
    what: 'the fields behind the file',
    async ask(world) {
      const { uploadUrl, uploadFields } = await ticket(world)
      return world.ask({ ...form(uploadUrl.slice(world.address.length), parts(uploadFields).toReversed()), as: '' })
    },
    status: 403,
    code: 'bad_signature',
  },
  {
    id: 91,
    what: 'a log link as an upload',
    async ask(world) {
      const reply = await built(world, context())
      const grant = new URL(reply.json.build.logsUrl as string).searchParams.get('grant')!
      return upload(world, changed(await ticket(world), { 'x-kiln-grant': grant }))
    },
    status: 403,
    code: 'bad_signature',
  },
  {
    id: 91,
    what: 'PUT',
    ask: async (world) => upload(world, await ticket(world), context(), { method: 'PUT' }),
    status: 405,
    code: 'method_not_allowed',
  },
  {
    id: 92,
    what: 'after 15 minutes, by the server’s clock',
    async ask(world) {
      const given = await ticket(world)
      world.clock.ahead += 15 * 60_000 + 1
      try {
        return await upload(world, given)
      } finally {
        world.clock.ahead = 0
      }
    },
    status: 403,
    code: 'upload_expired',
  },
  {
    id: 93,
    what: 'twice',
    async ask(world) {
      const given = await ticket(world)
      expect((await upload(world, given)).status).toBe(204)
      return upload(world, given)
    },
    status: 409,
    code: 'upload_already_used',
  },
  {
    id: 93,
    what: 'after the build',
    async ask(world) {
      const given = await ticket(world)
      expect((await upload(world, given)).status).toBe(204)
      expect((await build(world, given.uploadId)).status).toBe(201)
      return upload(world, given)
    },
    status: 409,
    code: 'upload_already_used',
  },
  {
    id: 93,
    what: 'two at once: one wins',
    async ask(world) {
      const given = await ticket(world)
      const replies = await Promise.all([upload(world, given), upload(world, given), upload(world, given)])
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1)
      return replies.filter(({ status }) => status !== 204)
    },
    status: 409,
    code: 'upload_already_used',
  },
  {
    id: 94,
    what: 'in chunks, one byte more than an upload may have (here 40,000)',
    async ask() {
      await using small = await newWorld({ handler: { limits: { upload: 40_000 } } })
      const { uploadUrl, uploadFields } = await ticket(small)
      const body = chunked(formBytes(parts(uploadFields, Buffer.alloc(40_001))), 1000)
      const type = ['content-type', `multipart/form-data; boundary=${boundary}`] as const
      const reply = await small.ask({
        method: 'POST',
        path: uploadUrl.slice(small.address.length),
        body,
        headers: [type, ['transfer-encoding', 'chunked']],
        as: '',
      })
      expect(await eventually(() => small.leftovers().length === 0)).toBe(true)
      return reply
    },
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 94,
    what: 'fewer bytes told than sent',
    async ask(world) {
      const { uploadUrl, uploadFields } = await ticket(world)
      const body = formBytes(parts(uploadFields))
      const head = `POST ${uploadUrl.slice(world.address.length)} HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${body.length - 30}\r\n\r\n`
      // the form ends early, and what comes behind it is no request: whichever is told first
      return exchange(world.address, Buffer.concat([Buffer.from(head), body]))
    },
    status: 400,
  },
  {
    id: 94,
    what: 'no file',
    ask: async (world) => {
      const { uploadUrl, uploadFields } = await ticket(world)
      return world.ask({ ...form(uploadUrl.slice(world.address.length), parts(uploadFields).slice(0, -1)), as: '' })
    },
    status: 400,
    code: 'invalid_input',
  },
  {
    id: 96,
    what: 'more open uploads than a tenant may have (here 3)',
    async ask() {
      await using few = await newWorld({ handler: { limits: { openUploads: 3 } } })
      const replies = await Promise.all([1, 2, 3, 4, 5].map(() => few.ask(json('/v1/builds/upload-url', {}))))
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(3)
      expect((await few.ask({ ...json('/v1/builds/upload-url', {}), as: 'other' })).status).toBe(200)
      return replies.filter(({ status }) => status !== 200)
    },
    status: 429,
    code: 'too_many_uploads',
    then: ({ headers }) => expect(Number(headers.get('retry-after'))).toBeGreaterThan(0),
  },
]
