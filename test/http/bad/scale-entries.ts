// Cases 63 to 76: what stands in an archive.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { blockOf, gz, pax, tar, type Entry } from '../tar.ts'
import type { Reply } from '../wire.ts'
import type { World } from '../world.ts'
import { each, type Row } from './row.ts'
import { create, file, hard, link } from './scale-request.ts'

const entries = (id: number, code: string, inputs: Readonly<Record<string, readonly Entry[]>>, status = 400): readonly Row[] =>
  each(inputs, (given) => ({ id, what: 'an entry', ask: create({}, gz(...given)), status, ...(status >= 400 && { code }) }))

export const trees: readonly Row[] = [
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
