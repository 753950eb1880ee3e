// Cases 90 to 109: upload URLs, uploads and builds of Pipecat. Uploads are multipart POSTs here.
import { readFileSync as readSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { gz, packed, tar } from '../tar.ts'
import { chunked, exchange, type Reply } from '../wire.ts'
import { world as newWorld, type Caller, type World } from '../world.ts'
import { boundary, each, form, formBytes, json, type Asked, type NotRun, type Part, type Row } from './row.ts'
import { eventually } from './wait.ts'

interface Ticket {
  readonly uploadId: string
  readonly uploadUrl: string
  readonly uploadFields: Readonly<Record<string, string>>
}

async function ticket(world: World, as: Caller = 'acme'): Promise<Ticket> {
  const { json: made, status } = await world.ask({ ...json('/v1/builds/upload-url', {}), as })
  expect(status).toBe(200)
  return made as Ticket
}

let numbers = 0
/** An archive that no other case has. */
const context = (more: Readonly<Record<string, string>> = {}): Buffer =>
  packed({ Dockerfile: `FROM scratch\n# ${(numbers += 1)}\n`, ...more })

function parts(fields: Readonly<Record<string, string>>, bytes: Uint8Array = context()): readonly Part[] {
  return [...Object.entries(fields).map(([name, body]) => ({ name, body })), { name: 'file', file: 'context.tar.gz', body: bytes }]
}

/** To the address that was given, without a key. */
function upload(world: World, { uploadUrl, uploadFields }: Ticket, bytes?: Uint8Array, more: Partial<Asked> = {}): Promise<Reply> {
  return world.ask({ ...form(uploadUrl.slice(world.address.length), parts(uploadFields, bytes)), ...more, as: '' })
}

async function uploaded(world: World, bytes?: Uint8Array, as: Caller = 'acme'): Promise<string> {
  const given = await ticket(world, as)
  expect((await upload(world, given, bytes)).status).toBe(204)
  return given.uploadId
}

const build = (world: World, uploadId: unknown, more: object = {}, as: Caller = 'acme'): Promise<Reply> =>
  world.ask({ ...json('/v1/builds', { uploadId, ...more }), as })

/** Uploads, builds, and waits for the end. */
async function built(world: World, bytes: Uint8Array, more: object = {}, as: Caller = 'acme'): Promise<Reply> {
  const reply = await build(world, await uploaded(world, bytes, as), more, as)
  if (reply.json.build) await world.ended(reply.json.build.id, as)
  return reply
}

const regions: readonly Row[] = [
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

const flip = (text: string, at: number): string => `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`

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
  'a grant of 1 MB': (given) => changed(given, { 'x-kiln-grant': 'a.'.repeat(500_000) }),
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

const uploads: readonly Row[] = [
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

const builds: readonly Row[] = [
  {
    id: 97,
    what: 'an upload that is unknown, no UUID, of another tenant, not there yet or expired: one answer',
    async ask(world) {
      const theirs = await uploaded(world, undefined, 'other')
      const open = await ticket(world)
      const replies = await Promise.all(
        ['01900000-0000-7000-8000-000000000000', 'x', '__proto__', "'; DROP", theirs, open.uploadId].map((id) => build(world, id)),
      )
      const mine = await uploaded(world)
      world.clock.ahead += 15 * 60_000 + 1
      replies.push(await build(world, mine))
      world.clock.ahead = 0
      for (const { text } of replies) expect(text).toBe(replies[0]!.text)
      return replies
    },
    status: 400,
    code: 'upload_not_found',
  },
  ...each({ none: undefined, 'a number': 5, null: null, 'a list': ['x'] }, (uploadId) => ({
    id: 97,
    what: 'an uploadId',
    ask: json('/v1/builds', { uploadId }),
    status: 400,
    code: 'invalid_input',
  })),
  {
    id: 98,
    what: "another region than the upload's",
    async ask() {
      const regions = ['us-west', 'us-east'].map((code) => ({ code, displayName: code, enabled: true }))
      await using two = await newWorld({ handler: { regions: { default: 'us-west', all: regions } } })
      const reply = await build(two, await uploaded(two), { region: 'us-east' })
      expect(await two.builds()).toBe(0)
      return reply
    },
    status: 400,
    code: 'region_mismatch',
  },
  ...each(
    {
      'leads out': '../../etc/passwd',
      'is absolute': '/etc/passwd',
      'leads out later': 'a/../../x',
      'has a backslash': 'a\\b',
      'is -': '-',
      'is a URL': 'http://x/Dockerfile',
      'is a dot': '.',
      'ends in a slash': 'dir/',
      'has NUL': 'a\0b',
      'has 5,000 characters': 'a/'.repeat(2500),
      'has a part of 300': 'a'.repeat(300),
      'is empty': '',
      'has a line feed': 'Dockerfile\n',
      'has ..': 'docker/../Dockerfile',
      'is a number': 5,
    },
    (dockerfilePath, name) => ({
      id: name === 'has ..' ? 101 : 99,
      what: 'a dockerfilePath that',
      ask: async (world: World) => build(world, await uploaded(world), { dockerfilePath }),
      status: 400,
      code: 'invalid_dockerfile_path',
      then: ({ text }) => expect(text).not.toContain('root:'),
    }),
  ),
  ...each(
    { missing: 'nothing', 'a directory': 'src', 'in another case': 'dockerfile', 'below a file': 'Dockerfile/x' },
    (dockerfilePath) => ({
      id: 100,
      what: 'a dockerfilePath',
      ask: async (world: World) => build(world, await uploaded(world, context({ 'src/a': 'x' })), { dockerfilePath }),
      status: 400,
      code: 'dockerfile_not_found',
    }),
  ),
  {
    id: 100,
    what: 'a dockerfilePath that is a link out of the archive',
    ask: async (world) =>
      build(world, await uploaded(world, gz({ path: 'linked', type: '2', link: '/etc/passwd' })), { dockerfilePath: 'linked' }),
    status: 400,
    code: 'link_outside',
  },
  {
    id: 100,
    what: 'a dockerfilePath that is a link inside',
    ask: async (world) =>
      build(world, await uploaded(world, gz({ path: 'linked', type: '2', link: 'Dockerfile' })), { dockerfilePath: 'linked' }),
    status: 400,
    code: 'dockerfile_not_found',
  },
  {
    id: 101,
    what: './Dockerfile is Dockerfile: one look-up',
    async ask(world) {
      const bytes = context()
      await built(world, bytes, { dockerfilePath: 'Dockerfile' })
      const again = await built(world, bytes, { dockerfilePath: './Dockerfile' })
      expect([again.json.cached, again.json.build.dockerfilePath]).toEqual([true, 'Dockerfile'])
      return again
    },
    status: 200,
  },
  {
    id: 102,
    what: 'the same bytes of two tenants: two builds and two images',
    async ask(world) {
      const bytes = context()
      const [mine, theirs] = [await built(world, bytes), await built(world, bytes, {}, 'other')]
      const uri = async (id: string, as: Caller): Promise<string> =>
        (await world.ask({ path: `/v1/builds/${id}`, as })).json.build.imageUri as string
      const [a, b] = [await uri(mine.json.build.id, 'acme'), await uri(theirs.json.build.id, 'other')]
      expect([mine.json.cached, theirs.json.cached, a === b]).toEqual([false, false, false])
      return [mine, theirs]
    },
    status: 201,
  },
  {
    id: 104,
    what: 'the same tree packed otherwise: another hash outside, the same run inside',
    async ask(world) {
      const body = `FROM scratch\n# ${crypto.randomUUID()}\n`
      const one = await built(world, tar({ path: 'Dockerfile', body }, { path: 'a', body: 'x' }))
      const two = await built(world, tar({ path: 'a', body: 'x', mtime: 1_700_000_000, uid: 7 }, { path: 'Dockerfile', body, mode: 0o600 }))
      expect(one.json.contextHash).not.toBe(two.json.contextHash)
      const records = await Promise.all([one, two].map(({ json: { build: of } }) => world.ask({ path: `/kiln/v1/builds/${of.id}` })))
      expect(records[0]!.json.key).toBe(records[1]!.json.key)
      expect(records[1]!.json.reuse).toBe('hit')
      return [one, two]
    },
    status: 201,
  },
  {
    id: 106,
    what: 'the image of an earlier build is gone: built again',
    async ask(world) {
      const bytes = context()
      await built(world, bytes)
      expect((await built(world, bytes)).json.cached).toBe(true)
      world.driver.stored.clear()
      const reply = await built(world, bytes)
      expect(reply.json.cached).toBe(false)
      return reply
    },
    status: 201,
  },
  {
    id: 107,
    what: 'a build that failed is no hit',
    async ask(world) {
      const bytes = context({ Dockerfile: `FROM scratch\n# ${crypto.randomUUID()}\nRUN exit 1\n` })
      const first = await built(world, bytes)
      const reply = await built(world, bytes)
      expect([reply.json.cached, reply.json.build.id === first.json.build.id]).toEqual([false, false])
      expect(world.driver.jobs.filter(({ run }) => run === first.json.build.id || true).length).toBeGreaterThan(1)
      return reply
    },
    status: 201,
  },
  {
    id: 108,
    what: '50 equal requests at once: one build',
    async ask(world) {
      const id = await uploaded(world)
      const replies = await Promise.all(Array.from({ length: 50 }, () => build(world, id)))
      expect(new Set(replies.map(({ json: { build: of } }) => of.id as string)).size).toBe(1)
      return replies
    },
    status: 201,
  },
  {
    id: 109,
    what: 'bytes that were changed where they are kept',
    async ask(world) {
      const marker = crypto.randomUUID()
      const id = await uploaded(world, tar({ path: 'Dockerfile', body: 'FROM scratch\n' }, { path: 'marker', body: marker }))
      const file = files(join(world.dataDir, 'blobs')).find((one) => one.bytes().includes(marker))!
      writeFileSync(file.path, tar({ path: 'Dockerfile', body: 'FROM scratch\n' }, { path: 'marker', body: marker.toUpperCase() }))
      return build(world, id)
    },
    status: 400,
    code: 'blob_mismatch',
  },
]

function files(directory: string): readonly { readonly path: string; bytes(): Buffer }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), bytes: () => readSync(join(entry.parentPath, entry.name)) }))
}

const lists: readonly Row[] = [
  ...each(
    {
      'limit=0': 'limit=0',
      'limit=101': 'limit=101',
      'limit=abc': 'limit=abc',
      'limit=1.5': 'limit=1.5',
      'offset=-1': 'offset=-1',
      'offset=x': 'offset=x',
      'status=x': 'status=x',
      'status twice': 'status=failed&status=success',
      'a Dockerfile path out': 'dockerfilePath=../x',
    },
    (query) => ({ id: 82, what: 'a list of Pipecat', ask: { path: `/v1/builds?${query}` }, status: 400 }),
  ),
  ...each({ '%': '%25', "'": '%27', NUL: '%00', empty: '' }, (hash) => ({
    id: 83,
    what: 'contextHash, literally',
    ask: { path: `/v1/builds?contextHash=${hash}` },
    status: 200,
    then: ({ json: { builds: all } }) => expect(all).toEqual([]),
  })),
  ...each(
    { 'limit=0': 'limit=0', 'limit=10001': 'limit=10001', 'a token of nobody': 'nextToken=x', 'a negative token': 'nextToken=-1' },
    (query) => ({
      id: 84,
      what: 'logs of Pipecat',
      async ask(world: World) {
        const { json: page } = await world.ask({ path: '/v1/builds?limit=1&status=success' })
        return world.ask({ path: `/v1/builds/${page.builds[0].id}/logs?${query}` })
      },
      status: 400,
      code: 'invalid_input',
    }),
  ),
  ...each<(url: URL) => void>(
    {
      'no grant': (url) => url.searchParams.delete('grant'),
      'a letter changed': (url) => url.searchParams.set('grant', flip(url.searchParams.get('grant')!, 5)),
      "another build's": (url) => (url.pathname = url.pathname.replace(/[0-9a-f]{12}(?=\/)/, '000000000000')),
    },
    (forge, name) => ({
      id: 91,
      what: 'a link to a log',
      async ask(world: World) {
        const { json: page } = await world.ask({ path: '/v1/builds?limit=1&status=success' })
        const url = new URL(page.builds[0].logsUrl as string)
        expect((await world.ask({ path: url.pathname + url.search, as: '' })).status).toBe(200)
        forge(url)
        return world.ask({ path: url.pathname + url.search, as: '' })
      },
      status: name === 'no grant' ? 400 : 403,
    }),
  ),
]

export const pipecat: readonly Row[] = [...regions, ...uploads, ...builds, ...lists]

export const notRun: readonly NotRun[] = [
  { id: 91, what: 'another host', reason: 'Host is not trusted and not signed: addresses are made of publicUrl alone.' },
  { id: 92, what: 'a clock that is 10 minutes off', reason: 'Only one clock counts, the server’s; the client’s is not asked.' },
  {
    id: 95,
    what: 'a wrong Content-MD5 header',
    reason: 'Not looked at in a form post, as at S3; no client of apis.md sends one. As a field it is refused (above).',
  },
  {
    id: 103,
    what: 'a pair of equal xxhash64',
    reason:
      'There is none: bytes are known by SHA-256; the public 16 digits are of MD5 and only compared beside it (apis/pipecat/create.ts).',
  },
  { id: 105, what: 'a base tag that moved', reason: 'Needs a registry: packages/core/test/engine.' },
]
