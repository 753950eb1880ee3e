// Cases 60 to 62, 77 and 78: the archive as a whole, and its Dockerfile.
import { gzipSync } from 'node:zlib'
import { blockOf, gz, packed, tar } from '../tar.ts'
import { each, type Row } from './row.ts'
import { create } from './scale-request.ts'

const sevenZip = Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4, 1, 2, 3, 4])
const zip = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(60, 1)])
const zstd = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(60, 1)])
const good = gz({ path: 'a.txt', body: 'a'.repeat(5000) })
const badCrc = Buffer.from(good)
badCrc[good.length - 8]! ^= 1

export const archives: readonly Row[] = [
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

export const dockerfiles: readonly Row[] = [
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
