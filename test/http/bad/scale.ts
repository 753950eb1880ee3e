// Cases 53 to 89: POST /v5/builds, its archive, lists, logs and cancel.
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { oddLines } from '../behaviour.ts'
import { blockOf, gz, packed, pax, tar, type Entry } from '../tar.ts'
import { chunked, open, type Reply } from '../wire.ts'
import { world as newWorld, type World } from '../world.ts'
import { each, form, formBytes, scaleForm, boundary, type Asked, type NotRun, type Part, type Row } from './row.ts'
import { badNames } from './runagents.ts'
import { eventually } from './wait.ts'

const path = '/v5/builds'
const create = (changes: Readonly<Record<string, string | undefined>>, archive?: Uint8Array): Asked =>
  form(path, scaleForm(changes, archive))
const withType = (type: string, body: Uint8Array): Asked => ({ method: 'POST', path, body, headers: [['content-type', type]] })
const ours = `multipart/form-data; boundary=${boundary}`
const withPart = (part: Part): Asked => form(path, [part, ...scaleForm()])

const forms: readonly Row[] = [
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
      [...'abcde'].map((name) => ({ name, body: 'x'.repeat(2 ** 20) })),
    ),
    status: 413,
    code: 'payload_too_large',
  },
  ...each({ 'a path': '../../x', 'NUL, escaped': 'a%00.tar.gz', '10 KB': 'n'.repeat(10_240), empty: '' }, (file) => ({
    id: 57,
    what: 'a file name that is not used for anything',
    ask: form(path, [...scaleForm().slice(0, 2), { name: 'whatever', file, body: gz() }]),
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

const sizes: readonly Row[] = [
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
      const { exchange } = await import('../wire.ts')
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

const sevenZip = Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4, 1, 2, 3, 4])
const zip = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(60, 1)])
const zstd = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(60, 1)])
const good = gz({ path: 'a.txt', body: 'a'.repeat(5000) })
const badCrc = Buffer.from(good)
badCrc[good.length - 8]! ^= 1

const archives: readonly Row[] = [
  ...each({ empty: Buffer.alloc(0), 'one byte': Buffer.from('x'), random: Buffer.from('not an archive at all'.repeat(40)) }, (bytes) => ({
    id: 60,
    what: 'an archive',
    ask: create({}, bytes),
    status: 400,
    code: 'invalid_archive',
  })),
  ...each({ 'a zip': zip, 'a 7z': sevenZip, 'a zstd': zstd }, (bytes) => ({
    id: 60,
    what: 'an archive',
    ask: create({}, bytes),
    status: 400,
    code: 'unsupported_archive',
  })),
  { id: 60, what: 'a plain tar: taken', ask: create({}, tar({ path: 'Dockerfile', body: 'FROM scratch\n' })), status: 200 },
  ...each(
    {
      'cut off': good.subarray(0, good.length - 20),
      'without its trailer': good.subarray(0, good.length - 8),
      'with a wrong checksum': badCrc,
      'with something behind it': Buffer.concat([good, Buffer.from('trailing')]),
      'with a second member': Buffer.concat([good, gzipSync(tar({ path: 'hidden', body: 'x' }))]),
    },
    (bytes) => ({ id: 61, what: 'a gzip', ask: create({}, bytes), status: 400, code: 'invalid_archive' }),
  ),
  {
    id: 62,
    what: 'a gzip of 256 MiB of zeros',
    ask: (world) =>
      world.ask(
        create(
          {},
          gzipSync(
            Buffer.concat([
              blockOf({ path: 'Dockerfile', body: 'FROM scratch\n' }),
              blockOf({ path: 'zeros', size: 2 ** 28 }),
              Buffer.alloc(2 ** 28),
            ]),
            { level: 9 },
          ),
        ),
      ),
    status: 413,
    code: 'archive_too_large',
  },
  {
    id: 62,
    what: 'an archive in an archive: stays a file',
    ask: create({}, gz({ path: 'inner.tar.gz', body: gz({ path: '../x' }) })),
    status: 200,
  },
]

const entries = (id: number, code: string, inputs: Readonly<Record<string, readonly Entry[]>>, status = 400): readonly Row[] =>
  each(inputs, (given) => ({ id, what: 'an entry', ask: create({}, gz(...given)), status, ...(status >= 400 && { code }) }))

const link = (path: string, to: string): Entry => ({ path, type: '2', link: to })
const hard = (path: string, to: string): Entry => ({ path, type: '1', link: to })
const file = (path: string, body = 'x'): Entry => ({ path, body })

const trees: readonly Row[] = [
  ...entries(63, 'invalid_path', {
    '../x': [file('../x')],
    '/abs': [file('/abs')],
    'a/../../x': [file('a/../../x')],
    './../x': [file('./../x')],
    'C:x': [file('C:x')],
    'a\\b': [file('a\\b')],
  }),
  ...entries(64, 'link_outside', {
    'a link to /etc/passwd': [link('a', '/etc/passwd')],
    'a link out': [link('a', '../../x')],
    'a chain out': [link('a', 'b'), link('b', '..'), file('c')],
  }),
  {
    id: 64,
    what: 'a Dockerfile that is a link out',
    ask: create({}, gzipSync(tar(link('Dockerfile', '/etc/passwd')))),
    status: 400,
    code: 'link_outside',
  },
  ...entries(65, 'path_collision', { 'through a link': [file('real/x'), link('dir', 'real'), file('dir/file')] }),
  {
    id: 66,
    what: 'a link inside: stays a link',
    ask: create({}, gz(file('src/a', 'content'), link('lib', 'src'))),
    status: 200,
    async then({ json: { id } }, world) {
      const { bytes } = await world.ask({ path: `/kiln/v1/builds/${id}/context` })
      const at = bytes.indexOf(Buffer.from('lib\0'))
      expect([bytes.toString('latin1', at + 156, at + 157), bytes.toString('latin1', at + 157, at + 160)]).toEqual(['2', 'src'])
    },
  },
  ...each(
    {
      absolute: [hard('h', '/etc/passwd')],
      'to ..': [hard('h', '../x')],
      'to a later one': [hard('h', 'late'), file('late')],
      'to a link': [link('l', 'Dockerfile'), hard('h', 'l')],
    },
    (given) => ({
      id: 67,
      what: 'a hard link',
      ask: create({}, gz(...given)),
      status: 400,
      then: ({ json: { code } }: Reply) => expect(['link_outside', 'invalid_archive', 'invalid_path', 'unsupported_entry']).toContain(code),
    }),
  ),
  { id: 68, what: 'a hard link to an earlier file: a copy', ask: create({}, gz(file('a', 'same'), hard('b', 'a'))), status: 200 },
  {
    id: 68,
    what: '3,000 hard links to a file of 1 MiB',
    ask: (world) =>
      world.ask(create({}, gz(file('a', 'x'.repeat(2 ** 20)), ...Array.from({ length: 3000 }, (_, n) => hard(`l${n}`, 'a'))))),
    status: 413,
    code: 'archive_too_large',
  },
  ...entries(69, 'unsupported_entry', {
    'a character device': [{ path: 'a', type: '3' }],
    'a block device': [{ path: 'a', type: '4' }],
    'a FIFO': [{ path: 'a', type: '6' }],
    'of type Z': [{ path: 'a', type: 'Z' }],
  }),
  ...each<readonly Entry[]>(
    {
      'old GNU': [{ path: 'a', type: 'S' }],
      '0.0': [pax({ 'GNU.sparse.size': '10', 'GNU.sparse.numblocks': '1' }), file('a')],
      '0.1': [pax({ 'GNU.sparse.map': '0,1', 'GNU.sparse.size': '10' }), file('a')],
      '1.0': [pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'b' }), file('a')],
    },
    (given) => ({
      id: 70,
      what: 'a sparse file',
      ask: create({}, gz(...given)),
      status: 400,
      then: ({ json: { code } }) => expect(['unsupported_entry', 'invalid_archive']).toContain(code),
    }),
  ),
  ...each<readonly Entry[]>(
    {
      'a path of all': [pax({ path: 'everywhere' }, 'g'), file('a')],
      'a PAX header before a GNU name': [pax({ path: 'one' }), { path: '././@LongLink', type: 'L', body: 'two\0' }, file('three')],
    },
    (given, name) => ({
      id: 71,
      what: name,
      ask: (world: World) =>
        world.ask(create({}, gz(...given))).then((reply) => (reply.status === 400 ? { ...reply, status: 200 } : reply)),
      status: 200,
    }),
  ),
  {
    id: 71,
    what: 'a size of PAX that is not the header’s: the one of PAX counts, as for GNU tar',
    ask: create({}, gz(pax({ size: '5' }), { path: 'a', body: '12345', size: 0 })),
    status: 200,
    async then({ json: { id } }, world) {
      const { bytes } = await world.ask({ path: `/kiln/v1/builds/${id}/context` })
      expect(bytes.includes('12345')).toBe(true)
    },
  },
  ...each<readonly Entry[]>(
    {
      'a path with NUL': [pax({ path: 'a\0b' }), file('a')],
      'a path with a line feed': [pax({ path: 'a\nb' }), file('a')],
      'a path that leads out': [pax({ path: '../../x' }), file('a')],
      'a header of 10 MB': [pax({ comment: 'x'.repeat(10_000_000) }), file('a')],
      'a negative size': [pax({ size: '-1' }), file('a')],
      'a size beyond all numbers': [pax({ size: '9'.repeat(40) }), file('a')],
      'a record without a length': [{ path: 'x', type: 'x', body: 'path=a\n' }, file('a')],
      'a negative size in base 256': [{ path: 'a', over: [[124, Buffer.alloc(12, 0xff)]] }],
      'an overflow in base 256': [{ path: 'a', over: [[124, Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0x7f)])]] }],
      'a size that is no number': [{ path: 'a', size: 'zzzzzzzzzzz\0' }],
    },
    (given) => ({
      id: 72,
      what: 'a header',
      ask: create({}, gz(...given)),
      status: 400,
      then: ({ json: { code } }) => expect(['invalid_archive', 'invalid_path', 'archive_too_large']).toContain(code),
    }),
  ),
  ...each(
    {
      'a wrong checksum': gz({ path: 'a', off: 1 }),
      'no end': gzipSync(blockOf({ path: 'Dockerfile', body: 'FROM scratch\n' })),
      'an entry longer than the rest': gzipSync(
        Buffer.concat([blockOf({ path: 'Dockerfile', body: 'FROM scratch\n' }), blockOf({ path: 'a', size: 5000 })]),
      ),
      'something behind the end': gzipSync(
        Buffer.concat([tar({ path: 'Dockerfile', body: 'FROM scratch\n' }), blockOf({ path: 'hidden', body: 'x' })]),
      ),
    },
    (bytes) => ({ id: 73, what: 'a tar', ask: create({}, bytes), status: 400, code: 'invalid_archive' }),
  ),
  {
    id: 73,
    what: 'a tar with 1 MiB of zeros behind its end',
    ask: create({}, gzipSync(Buffer.concat([tar({ path: 'Dockerfile', body: 'FROM scratch\n' }), Buffer.alloc(2 ** 20)]))),
    status: 200,
  },
  ...entries(74, 'path_collision', {
    'a path twice': [file('a', '1'), file('a', '2')],
    'a file, then a directory': [file('a'), file('a/b')],
    'twins by case': [file('A'), file('a')],
    'twins by form': [file('\u00E9'), file('e\u0301')],
  }),
  {
    id: 75,
    what: '100,001 entries',
    ask: (world) =>
      world.ask(
        create(
          {},
          gzipSync(
            Buffer.concat([
              blockOf(file('Dockerfile', 'FROM scratch\n')),
              ...Array.from({ length: 100_000 }, (_, n) => blockOf(file(`f${n}`, ''))),
              Buffer.alloc(1024),
            ]),
            { level: 1 },
          ),
        ),
      ),
    status: 413,
    code: 'too_many_entries',
  },
  ...entries(75, 'invalid_path', {
    '65 deep': [pax({ path: `${'d/'.repeat(64)}f` }), file('a')],
    'a part of 300 bytes': [pax({ path: 'p'.repeat(300) }), file('a')],
  }),
  ...entries(
    76,
    '',
    {
      'mode 06777': [{ path: 'a', body: 'x', mode: 0o6777 }],
      'uid 2^31': [{ path: 'a', body: 'x', uid: 0, over: [[108, Buffer.from([0x80, 0, 0, 0, 0x80, 0, 0, 0])]] }],
      'mtime -1': [{ path: 'a', body: 'x', over: [[136, Buffer.alloc(12, 0xff)]] }],
      'the year 9999': [pax({ mtime: '253402300799' }), file('a')],
      'an extended attribute': [pax({ 'SCHILY.xattr.security.capability': 'x' }), file('a')],
    },
    200,
  ),
  {
    id: 76,
    what: 'what was odd is normal in the context',
    ask: create({}, gz({ path: 'a', body: 'x', mode: 0o6777, mtime: 1_700_000_000, uid: 5 })),
    status: 200,
    async then({ json: { id } }, world) {
      const { bytes } = await world.ask({ path: `/kiln/v1/builds/${id}/context` })
      const at = bytes.indexOf(Buffer.from('a\0\0\0'))
      expect([
        bytes.toString('latin1', at + 100, at + 107),
        bytes.toString('latin1', at + 108, at + 115),
        bytes.toString('latin1', at + 136, at + 147),
      ]).toEqual(['0000755', '0000000', '00000000000'])
    },
  },
]

const dockerfiles: readonly Row[] = [
  {
    id: 77,
    what: 'no Dockerfile at the root',
    ask: create({}, packed({ 'docker/Dockerfile': 'FROM scratch\n', 'main.py': 'print(1)\n' })),
    status: 422,
    code: 'dockerfile_not_found',
  },
  ...each(
    {
      empty: '',
      'of comments alone': '# nothing\n',
      'of 1 MB and more': `FROM scratch\n${'# x\n'.repeat(300_000)}`,
      'with NUL': 'FROM scratch\nRUN a\0b\n',
      'as UTF-16': Buffer.from('\uFEFFFROM scratch\n', 'utf16le'),
      'with an unknown word': 'FROM scratch\nFETCH x\n',
    },
    (text) => ({ id: 78, what: 'a Dockerfile', ask: create({}, packed({ Dockerfile: text })), status: 400, code: 'invalid_dockerfile' }),
  ),
  ...each({ 'with CRLF': 'FROM scratch\r\nCOPY . .\r\n', 'with a byte order mark': '\uFEFFFROM scratch\n' }, (text) => ({
    id: 78,
    what: 'a Dockerfile: taken',
    ask: create({}, packed({ Dockerfile: text })),
    status: 200,
  })),
]

const names: readonly Row[] = [
  ...each(
    Object.fromEntries(
      Object.entries(badNames).filter(([, name]) => typeof name === 'string' && name !== 'con' && !/[:@/]/.test(name)),
    ) as Record<string, string>,
    (name) => ({
      id: 79,
      what: 'image_name',
      ask: create({ image_name: name }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_name']),
    }),
  ),
  ...each(
    {
      empty: '',
      '-x': '-x',
      '129 characters': 'a'.repeat(129),
      'a b': 'a b',
      'latest@sha256:0': 'latest@sha256:0',
      '../x': '../x',
      'a line feed': 'a\n',
    },
    (tag) => ({
      id: 79,
      what: 'image_tag',
      ask: create({ image_tag: tag }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_tag']),
    }),
  ),
  ...each(
    {
      'evil.io/x': 'evil.io/x',
      'localhost:5000/x': 'localhost:5000/x',
      '169.254.169.254/x': '169.254.169.254/x',
      'a/b': 'a/b',
      'a:b': 'a:b',
      'a@sha256:0': 'a@sha256:0',
    },
    (name) => ({
      id: 80,
      what: 'image_name with a registry, path, tag or digest',
      ask: create({ image_name: name }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_name']),
    }),
  ),
  ...each(
    { 'with a line feed': 'a\nb', 'with a space': 'a b', empty: '', 'of 513 characters': 'x'.repeat(513), 'not ASCII': 'ä' },
    (url) => ({
      id: 80,
      what: 'image_url',
      ask: form(path, scaleForm({ image_url: url }).slice(0, 3)),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc).toEqual(['body', 'image_url']),
    }),
  ),
  ...each(
    {
      'no JSON': 'x',
      'a list': '["a"]',
      null: 'null',
      '--x': '{"--x":"1"}',
      'a=b': '{"a=b":"1"}',
      BUILDKIT_SYNTAX: '{"BUILDKIT_SYNTAX":"evil/x"}',
      DOCKER_HOST: '{"DOCKER_HOST":"tcp://x"}',
      __proto__: '{"__proto__":"x"}',
      'a number': '{"A":1}',
      '101 of them': JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`A${n}`, 'x']))),
      'a value with NUL': String.raw`{"A":"a\u0000b"}`,
      '1,000 levels': `{"A":${'['.repeat(1000)}${']'.repeat(1000)}}`,
    },
    (args) => ({
      id: 81,
      what: 'build_args',
      ask: create({ build_args: args }),
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc[0]).toBe('body'),
    }),
  ),
  {
    id: 81,
    what: 'a build argument with a line feed: passed on as it is',
    ask: create({ build_args: JSON.stringify({ A: 'x\nRUN id' }) }),
    status: 200,
    async then({ json: { id, cloud_provider_build_id: run } }, world) {
      await world.ended(id)
      expect(world.driver.jobs.find((job) => job.run === run)?.args).toEqual({ A: 'x\nRUN id' })
    },
  },
]

const lists: readonly Row[] = [
  ...each(
    {
      'limit=0': 'limit=0',
      'limit=-1': 'limit=-1',
      'limit=10001': 'limit=10001',
      'limit=1e9': 'limit=1e9',
      'limit=abc': 'limit=abc',
      'limit=1.5': 'limit=1.5',
      'limit=': 'limit=',
      'limit twice': 'limit=1&limit=2',
      'sort_by=password': 'sort_by=password',
      'sort_order=x': 'sort_order=x',
      'both cursors': 'starting_after=a&ending_before=b',
      'a cursor of nobody': 'starting_after=01900000-0000-7000-8000-000000000000',
      'a cursor that is garbage': 'ending_before=%27%3B',
      'a cursor with NUL': 'starting_after=%00',
      'an agent twice': 'agent_name=a&agent_name=b',
    },
    (query) => ({
      id: query.startsWith('agent') ? 83 : 82,
      what: 'a list',
      ask: { path: `${path}?${query}` },
      status: 422,
      then: ({ json: { detail } }) => expect(detail[0].loc[0]).toBe('query'),
    }),
  ),
  {
    id: 82,
    what: "a cursor of another tenant's build: as garbage",
    async ask(world) {
      const { json: theirs } = await world.ask({ ...create({}), as: 'other' })
      const [foreign, garbage] = [
        await world.ask({ path: `${path}?starting_after=${theirs.id}` }),
        await world.ask({ path: `${path}?starting_after=nothing` }),
      ]
      expect(foreign.text).toBe(garbage.text)
      return [foreign, garbage]
    },
    status: 422,
  },
  ...each({ '%': '%25', "'": '%27', '*': '*', NUL: '%00', 'a long one': 'a'.repeat(8000) }, (name) => ({
    id: 83,
    what: 'agent_name, literally',
    ask: { path: `${path}?agent_name=${name}` },
    status: 200,
    then: ({ json: { items } }) => expect(items).toEqual([]),
  })),
  {
    id: 83,
    what: 'agent_name of 1 MB',
    ask: { path: `${path}?agent_name=${'a'.repeat(1_000_000)}` },
    status: 431,
    code: 'headers_too_large',
  },
  {
    id: 89,
    what: '`undeployed` is no build',
    ask: { path: `${path}/undeployed` },
    status: 200,
    then: ({ json: all }) => expect(Array.isArray(all)).toBe(true),
  },
  { id: 89, what: '`undeployed` cannot be cancelled', ask: { path: `${path}/undeployed/cancel`, method: 'POST' }, status: 404 },
]

const waiting = (): Uint8Array => packed({ Dockerfile: `FROM scratch\n# ${crypto.randomUUID()}\nRUN wait\n` })

/** A stream that is left open until `close` is called. */
async function follow(
  world: World,
  id: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; close(): void; readonly response: Response }> {
  const stop = new AbortController()
  const response = await fetch(`${world.address}/v5/builds/${id}/logs`, {
    headers: { 'x-api-key': world.keys.acme, ...headers },
    signal: stop.signal,
  })
  return { status: response.status, close: () => stop.abort(), response }
}

const logs: readonly Row[] = [
  {
    id: 86,
    what: 'the 21st stream of a key',
    async ask(world) {
      const { json: build } = await world.ask(create({}, waiting()))
      const open = await Promise.all(Array.from({ length: 20 }, () => follow(world, build.id)))
      expect(open.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
      const replies = [
        await world.ask({ path: `${path}/${build.id}/logs` }),
        await world.ask({ path: `/kiln/v1/builds/${build.id}/events` }),
      ]
      for (const one of open) one.close()
      let free = await follow(world, build.id)
      for (let n = 0; n < 100 && free.status !== 200; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        free = await follow(world, build.id)
      }
      expect(free.status).toBe(200)
      free.close()
      await world.ask({ path: `${path}/${build.id}/cancel`, method: 'POST' })
      await world.ended(build.id)
      return replies
    },
    status: 429,
    code: 'too_many_streams',
    then: ({ headers }) => expect(Number(headers.get('retry-after') ?? '1')).toBeGreaterThan(0),
  },
  {
    id: 87,
    what: 'lines that mean something elsewhere: one JSON event each',
    async ask(world) {
      const { json: build } = await world.ask(create({}, packed({ Dockerfile: 'FROM scratch\nRUN odd\n' })))
      await world.ended(build.id)
      const reply = await world.ask({ path: `${path}/${build.id}/logs` })
      const events = reply.text.split('\n\n').slice(0, -1)
      for (const event of events) {
        if (event.startsWith(':')) continue
        expect(event).toMatch(/^data: \{.*\}$/s)
        expect(Object.keys(JSON.parse(event.slice(6)) as object)).toEqual(['line'])
        expect(Buffer.byteLength(event)).toBeLessThanOrEqual(16 * 1024)
      }
      expect(events.length).toBeGreaterThanOrEqual(oddLines.length)
      expect(reply.text).not.toMatch(/^(event|id|retry):/m)
      expect(reply.headers.get('content-type')).toContain('text/event-stream')
      const native = await world.ask({ path: `/kiln/v1/builds/${build.id}/events` })
      for (const event of native.text.split('\n\n').slice(0, -1)) {
        const [first = '', second = '', third = ''] = event.split('\n')
        expect([/^id: \d+$/.test(first), /^event: [a-z-]+$/.test(second)]).toEqual([true, true])
        expect(JSON.parse(third.slice(6))).toBeTypeOf('object')
      }
      return reply
    },
    status: 200,
  },
  {
    id: 84,
    what: 'Last-Event-ID of Scale is not looked at: the stream begins at the start',
    async ask(world) {
      const { json: build } = await world.ask(create({}))
      await world.ended(build.id)
      const whole = await world.ask({ path: `${path}/${build.id}/logs` })
      const again = await world.ask({ path: `${path}/${build.id}/logs`, headers: [['last-event-id', '3']] })
      expect(again.text).toBe(whole.text)
      return again
    },
    status: 200,
  },
  ...each({ '-2': '-2', abc: 'abc', '9e99': '9e99', "another build's id": '01900000-0000-7000-8000-000000000000' }, (last) => ({
    id: 84,
    what: 'Last-Event-ID of the native API',
    async ask(world: World) {
      const [build] = await world.engine.for('acme').list({ state: 'succeeded', limit: 1 })
      return world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', last]] })
    },
    status: 400,
    code: 'invalid_input',
  })),
  {
    id: 84,
    what: 'Last-Event-ID -1 of the native API: from the start',
    async ask(world) {
      const [build] = await world.engine.for('acme').list({ state: 'succeeded', limit: 1 })
      const reply = await world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', '-1']] })
      expect(reply.text).toContain('id: 0\n')
      return reply
    },
    status: 200,
  },
  {
    id: 85,
    what: 'a finished build: the whole log, then the end; behind its last event nothing more',
    async ask(world) {
      const [build] = await world.engine.for('acme').list({ state: 'succeeded', limit: 1 })
      const whole = await world.ask({ path: `/kiln/v1/builds/${build!.id}/events` })
      const last = [...whole.text.matchAll(/^id: (\d+)$/gm)].at(-1)![1]!
      expect([whole.status, /"state":"succeeded"/.test(whole.text)]).toEqual([200, true])
      return [
        await world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', last]] }),
        await world.ask({ path: `/kiln/v1/builds/${build!.id}/events?after=${last}` }),
        await world.ask({ path: `/kiln/v1/builds/${build!.id}/events`, headers: [['last-event-id', '999999999999999']] }),
      ]
    },
    status: 204,
  },
]

const cancels: readonly Row[] = [
  {
    id: 88,
    what: 'running, twice, finished, and with a JSON type and no body: 202 in every state',
    async ask(world) {
      const { json: build } = await world.ask(create({}, waiting()))
      const status = async (): Promise<string> => (await world.ask({ path: `${path}/${build.id}` })).json.build_status as string
      for (let n = 0; n < 300 && (await status()) !== 'running'; n++) await new Promise((resolve) => setTimeout(resolve, 10))
      const cancel = (): Promise<Reply> =>
        world.ask({ path: `${path}/${build.id}/cancel`, method: 'POST', headers: [['content-type', 'application/json']] })
      const [first, second] = [await cancel(), await cancel()]
      await world.ended(build.id)
      const third = await cancel()
      expect(first.json.build_status).toBe('running')
      expect(['cancelling', 'cancelled']).toContain(second.json.build_status)
      expect(third.json.build_status).toBe('cancelled')
      return [first, second, third]
    },
    status: 202,
  },
  {
    id: 88,
    what: 'a build that waits',
    async ask() {
      await using idle = await newWorld({ engine: { worker: false } })
      const { json: build } = await idle.ask(create({}))
      const reply = await idle.ask({ path: `${path}/${build.id}/cancel`, method: 'POST' })
      expect(reply.json.build_status).toBe('queued')
      expect((await idle.ask({ path: `${path}/${build.id}` })).json.build_status).toBe('cancelled')
      return reply
    },
    status: 202,
  },
  {
    id: 88,
    what: 'an unknown build',
    ask: { path: `${path}/01900000-0000-7000-8000-000000000000/cancel`, method: 'POST' },
    status: 404,
    code: 'not_found',
  },
]

const agents: readonly Row[] = [
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

export const scale: readonly Row[] = [
  ...forms,
  ...sizes,
  ...archives,
  ...trees,
  ...dockerfiles,
  ...names,
  ...lists,
  ...logs,
  ...cancels,
  ...agents,
]

export const notRun: readonly NotRun[] = [
  {
    id: 79,
    what: 'image_name "con"',
    reason: 'An image name is no file name: legal here and in the native API; RunAgents refuses it, as its names are (23).',
  },
  {
    id: 80,
    what: 'image_url as a reference',
    reason:
      'What an image_url may be is not documented (apis.md 2.7): anything printable is registered, nothing is ever run or pulled with it.',
  },
  { id: 59, what: '500 MiB and a byte', reason: 'The same code with a limit of 40,000 bytes; the real size is in benchmarks/upload.' },
  {
    id: 62,
    what: 'within 2 s, with less than 64 MB more',
    reason: 'No test judges by time: packages/core/test/source measures both once per release.',
  },
  { id: 71, what: 'the same tree as GNU tar and Go', reason: 'packages/core/test/source has the differential test against GNU tar.' },
  { id: 86, what: 'a client that never reads', reason: 'packages/server/test/logs: it is dropped, others and the build go on.' },
]
