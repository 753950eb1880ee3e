// Every attack of the threat model (A1 to A12) on archives, with the code that refuses it.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGzip, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { archive, type ErrorCode, type Opening } from '@kiln/core'
import { end, entry, file, folder, hardlink, link, longName, pax, record, tar } from './tar-bytes.ts'

type Attack = readonly [what: string, bytes: Uint8Array, code: ErrorCode]

const big = Buffer.alloc(12, 0xff)
big[0] = 0x80
const negative = Buffer.alloc(12, 0xff)
const names = (...all: readonly string[]): Buffer => tar(...all.map((name) => file(name)))
const damaged = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[copy.length + at]! ^= 0xff
  return copy
}

const attacks: readonly Attack[] = [
  // A1, A4: names
  ...['../x', 'a/../../x', 'a/..', '..', './../x'].map((name): Attack => [`name ${name}`, names(name), 'invalid_path']),
  ...['/etc/x', '//x', 'a//b', 'a/./b', 'C:\\x', 'C:x', 'C:../x', '\\\\srv\\s', 'a\\b', 'a:b'].map((name): Attack => [
    `name ${name}`,
    names(name),
    'invalid_path',
  ]),
  ...['CON', 'con.txt', 'NUL.txt', 'aux.py', 'd/COM1', 'lpt9.log', 'CONIN$', 'a.', 'a ', ' ', 'd. /x', 'con .txt'].map((name): Attack => [
    `name "${name}"`,
    names(name),
    'invalid_path',
  ]),
  ...['a\nb', 'a\x7f', 'a\u202eb', 'a\u200db', '\ufeffa', 'a\u2028'].map((name): Attack => [
    `name ${JSON.stringify(name)}`,
    names(name),
    'invalid_path',
  ]),
  ['a name that is no UTF-8', tar(entry({ name: Buffer.from([0x61, 0xff]) })), 'invalid_path'],
  ['an empty name', tar(entry({ name: '' })), 'invalid_path'],
  ['a file called .', tar(entry({ name: '.' }, 'x')), 'invalid_path'],
  ['a part of 256 bytes', tar(longName('é'.repeat(128)), file('x')), 'invalid_path'],
  ['a path of 4097 bytes', tar(longName(`${'a'.repeat(240)}/`.repeat(17) + 'a'), file('x')), 'invalid_path'],
  ['a path 65 deep', tar(longName('d/'.repeat(64) + 'f'), file('x')), 'invalid_path'],
  ['a prefix that leads out', tar(entry({ name: 'x', prefix: '../..' }, 'x')), 'invalid_path'],
  // A2, A3: links
  ['a link to /etc/passwd', tar(link('a', '/etc/passwd')), 'link_outside'],
  ['a link out', tar(link('a', '../x')), 'link_outside'],
  ['a link out from below', tar(folder('d'), link('d/a', '../../x')), 'link_outside'],
  ['a link to a drive', tar(link('a', 'C:\\x')), 'link_outside'],
  ['a chain of links out', tar(folder('d'), link('d/up', '..'), link('a', 'd/up/..')), 'link_outside'],
  ['a chain of links out, the other way round', tar(link('a', 'b/..'), link('b', 'd/d/d/../../..'), folder('d/d/d')), 'link_outside'],
  [
    'a link that only leads out where case does not count',
    tar(folder('a/b/c'), link('a/b/c/l', '../../../top'), link('x', 'a/b/c/L/../..')),
    'link_outside',
  ],
  ['a link to itself', tar(link('a', 'a')), 'link_outside'],
  ['links in a circle', tar(link('a', 'b'), link('b', 'a')), 'link_outside'],
  ['a link with a line end in its target', tar(link('a', 'b\nc')), 'invalid_path'],
  ['a link to nothing at all', tar(link('a', '')), 'invalid_path'],
  ['a file through a link', tar(link('d', 'e'), file('d/x')), 'path_collision'],
  ['a link over the directory of a file', tar(file('d/x'), link('d', 'e')), 'path_collision'],
  ['a hard link to an absolute name', tar(hardlink('a', '/etc/passwd')), 'link_outside'],
  ['a hard link out', tar(hardlink('a', '../x')), 'link_outside'],
  ['a hard link to a later file', tar(hardlink('a', 'b'), file('b')), 'invalid_archive'],
  ['a hard link to a link', tar(file('c'), link('b', 'c'), hardlink('a', 'b')), 'invalid_archive'],
  ['a hard link to a directory', tar(folder('b'), hardlink('a', 'b')), 'invalid_archive'],
  ['a hard link with bytes of its own', tar(file('b'), entry({ name: 'a', type: '1', target: 'b' }, 'other')), 'invalid_archive'],
  // A5, A8: kinds
  ...['3', '4', '6', '7', 'Z', 'S', 'D', 'M', 'V', 'X', 'A'].map((type): Attack => [
    `an entry of type ${type}`,
    tar(entry({ type })),
    'unsupported_entry',
  ]),
  ['a sparse file of PAX 0.0', tar(pax({ 'GNU.sparse.size': '1' }), file('a')), 'unsupported_entry'],
  ['a sparse file of PAX 1.0', tar(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'a' }), file('a')), 'unsupported_entry'],
  ['a sparse file of star', tar(pax({ 'SCHILY.realsize': '9' }), file('a')), 'unsupported_entry'],
  // A6: twice, and twins
  ['a file twice with other bytes', tar(file('a', 'one'), file('a', 'two')), 'path_collision'],
  ['a file twice with another mode', tar(file('a', 'x', 0o644), file('a', 'x', 0o755)), 'path_collision'],
  ['a file, then a directory', tar(file('a'), folder('a')), 'path_collision'],
  ['a directory, then a file', tar(folder('a'), file('a')), 'path_collision'],
  ['a file, then a file in it', names('a', 'a/b'), 'path_collision'],
  ['a link, then a file', tar(link('a', 'b'), file('a')), 'path_collision'],
  ['a link twice with other targets', tar(link('a', 'b'), link('a', 'c')), 'path_collision'],
  ['case twins', names('A.py', 'a.py'), 'path_collision'],
  ['case twins of directories', names('Lib/x', 'lib/y'), 'path_collision'],
  ['NFC and NFD', names('\u00e9', 'e\u0301'), 'path_collision'],
  ['ß and ss', names('stra\u00dfe', 'STRASSE'), 'path_collision'],
  ['ẞ and ß', names('\u1e9e', '\u00df'), 'path_collision'],
  ['the Kelvin sign and k', names('\u212a', 'k'), 'path_collision'],
  // A7: numbers, PAX, long names
  ['a negative size', tar(entry({ size: negative })), 'invalid_archive'],
  ['a size above all numbers', tar(entry({ size: big })), 'invalid_archive'],
  ['a size that is no number', tar(entry({ size: Buffer.from('0000000009x\0') })), 'invalid_archive'],
  ['a PAX path that leads out', tar(pax({ path: '../x' }), file('a')), 'invalid_path'],
  ['a PAX path with a NUL', tar(pax({ path: 'a\0b' }), file('a')), 'invalid_archive'],
  ['a PAX path with a line end', tar(pax({ path: 'a\nb' }), file('a')), 'invalid_path'],
  ['a PAX path that is empty', tar(pax({ path: '' }), file('a')), 'invalid_archive'],
  ['a PAX target that leads out', tar(pax({ linkpath: '../x' }), link('a', 'b')), 'link_outside'],
  ['a negative PAX size', tar(pax({ size: '-1' }), file('a')), 'invalid_archive'],
  ['a PAX size in hexadecimal', tar(pax({ size: '0x1' }), file('a')), 'invalid_archive'],
  ['a PAX size of a directory', tar(pax({ size: '512' }), folder('a')), 'invalid_archive'],
  ['a PAX size beyond the archive', tar(pax({ size: '99999' }), file('a')), 'invalid_archive'],
  ['a PAX key twice', tar(pax(Buffer.concat([record('path', 'a'), record('path', 'b')])), file('c')), 'invalid_archive'],
  ['two PAX headers for one entry', tar(pax({ path: 'a' }), pax({ path: 'b' }), file('c')), 'invalid_archive'],
  ['a PAX record longer than its header', tar(pax(Buffer.from('99 path=a\n')), file('c')), 'invalid_archive'],
  ['a PAX record of length 0', tar(pax(Buffer.from('0 path=a\n')), file('c')), 'invalid_archive'],
  ['a PAX record without an end', tar(pax(Buffer.from('9 path=aa')), file('c')), 'invalid_archive'],
  ['a global PAX path', tar(pax({ path: 'a' }, 'g'), file('c')), 'invalid_archive'],
  ['a global PAX size', tar(pax({ size: '0' }, 'g'), file('c')), 'invalid_archive'],
  ['PAX, then a long name', tar(pax({ path: 'a' }), longName('b'), file('c')), 'invalid_archive'],
  ['a long name, then PAX', tar(longName('b'), pax({ mtime: '1' }), file('c')), 'invalid_archive'],
  ['two long names', tar(longName('b'), longName('c'), file('d')), 'invalid_archive'],
  ['a long name with something behind its NUL', tar(longName('b\0c'), file('d')), 'invalid_archive'],
  ['a long name and then the end', tar(longName('b')), 'invalid_archive'],
  ['a PAX header of 10 MB', tar(pax({ comment: 'x'.repeat(1e7) }), file('a')), 'invalid_archive'],
  [
    'a long name and target above 64 KiB together',
    tar(longName('a'.repeat(40_000)), longName('b'.repeat(40_000), 'K'), file('c')),
    'invalid_archive',
  ],
  ['a directory with a size', tar(entry({ name: 'd', type: '5', size: 512 }, Buffer.alloc(512))), 'invalid_archive'],
  // A9, A12: the stream
  ['nothing', Buffer.alloc(0), 'invalid_archive'],
  ['one byte', Buffer.from('x'), 'invalid_archive'],
  ['text', Buffer.from('hello world '.repeat(100)), 'invalid_archive'],
  ['a wrong checksum', tar(entry({ checksum: 1 }, 'x')), 'invalid_archive'],
  ['no end', file('a'), 'invalid_archive'],
  ['half an end', Buffer.concat([file('a'), Buffer.alloc(512)]), 'invalid_archive'],
  ['an end in the middle', Buffer.concat([file('a'), Buffer.alloc(512), file('b'), end]), 'invalid_archive'],
  ['a file cut off', tar(file('a', 'x'.repeat(2000))).subarray(0, 1000), 'invalid_archive'],
  ['a header cut off', tar(file('a')).subarray(0, 100), 'invalid_archive'],
  ['a file after the end', Buffer.concat([tar(file('a')), file('b')]), 'invalid_archive'],
  ['a byte after the end', Buffer.concat([tar(file('a')), Buffer.from('x')]), 'invalid_archive'],
  ['more than 1 MiB of zeros after the end', Buffer.concat([tar(file('a')), Buffer.alloc(2 ** 20 + 512)]), 'invalid_archive'],
  ['gzip cut off', gzipSync(names('a', 'b')).subarray(0, -9), 'invalid_archive'],
  ['gzip without its last byte', gzipSync(names('a')).subarray(0, -1), 'invalid_archive'],
  ['gzip with a wrong sum', damaged(gzipSync(names('a')), -6), 'invalid_archive'],
  ['gzip with a wrong size', damaged(gzipSync(names('a')), -2), 'invalid_archive'],
  ['gzip with damaged bytes', damaged(gzipSync(names('a', 'b')), -30), 'invalid_archive'],
  ['garbage after gzip', Buffer.concat([gzipSync(names('a')), Buffer.from('garbage')]), 'invalid_archive'],
  ['zeros after gzip', Buffer.concat([gzipSync(names('a')), Buffer.alloc(512)]), 'invalid_archive'],
  ['a second gzip member', Buffer.concat([gzipSync(names('a')), gzipSync(names('b'))]), 'invalid_archive'],
  ['a tar over two gzip members', Buffer.concat([gzipSync(file('a')), gzipSync(end)]), 'invalid_archive'],
  ['gzip in gzip', gzipSync(gzipSync(names('a'))), 'invalid_archive'],
  ['a gzip header only', Buffer.from([0x1f, 0x8b, 8, 0]), 'invalid_archive'],
  ['a zip', Buffer.from('PK\x03\x04..........'), 'unsupported_archive'],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), 'unsupported_archive'],
  ['bzip2', Buffer.from('BZh91AY'), 'unsupported_archive'],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'unsupported_archive'],
  ['7z', Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), 'unsupported_archive'],
  // what is left
  ['no entry', end, 'empty_source'],
  ['directories only', tar(folder('a'), folder('b')), 'empty_source'],
  ['an ignore file with a broken rule', tar(file('.dockerignore', '[a'), file('a')), 'invalid_ignore_file'],
  ['an ignore file that is a link', tar(file('a'), link('.dockerignore', 'a')), 'invalid_ignore_file'],
]

let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'kiln-test-'))
})
afterEach(async () => {
  const left = await readdir(temporary)
  await rm(temporary, { recursive: true })
  if (left.length > 0) throw new Error(`left behind: ${left.join(' ')}`)
})

/** The code an archive is refused with; it is sent in three ways, which must not matter. */
async function refusal(bytes: Uint8Array, opening: Opening = {}): Promise<unknown> {
  const codes = new Set<unknown>()
  for (const size of [bytes.length || 1, 511, 7]) {
    if (size < 20 && bytes.length > 100_000) continue
    codes.add(await outcome(pieces(bytes, size), opening))
  }
  return codes.size === 1 ? [...codes][0] : [...codes]
}

async function outcome(bytes: Uint8Array | AsyncIterable<Uint8Array>, opening: Opening): Promise<unknown> {
  try {
    await using source = await archive(bytes, { temporary, ...opening })
    return source.entries.map((each) => each.path)
  } catch (error) {
    return (error as { readonly code?: unknown }).code ?? error
  }
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

test.each(attacks)('%s', async (_, bytes, code) => {
  expect(await refusal(bytes)).toBe(code)
})

describe('bounds, counted while streaming', () => {
  const limits = { packed: 10_000, unpacked: 5_000, ratio: 200, entries: 4 }

  test('bytes as received', async () => {
    expect(await refusal(tar(file('a', Buffer.alloc(4_000)), file('b', Buffer.alloc(500)), Buffer.alloc(512 * 20)), { limits })).toBe(
      'archive_too_large',
    )
  })

  test('bytes of all files', async () => {
    expect(await refusal(tar(file('a', Buffer.alloc(3_000)), file('b', Buffer.alloc(3_000))), { limits })).toBe('archive_too_large')
  })

  test('a size that only the header has', async () => {
    expect(await refusal(tar(pax({ size: '999999999999' }), file('a')))).toBe('archive_too_large')
  })

  test('hard links count with the size of their file', async () => {
    expect(await refusal(tar(file('a', Buffer.alloc(3_000)), hardlink('b', 'a')), { limits })).toBe('archive_too_large')
  })

  test('entries', async () => {
    expect(await refusal(names('a', 'b', 'c', 'd', 'e'), { limits })).toBe('too_many_entries')
  })

  test('parents count as entries', async () => {
    expect(await refusal(names('a/b/c/d/e'), { limits })).toBe('too_many_entries')
  })

  test('the same directory again and again', async () => {
    expect(await refusal(tar(file('x'), ...Array.from({ length: 9 }, () => folder('a'))), { limits })).toBe('too_many_entries')
  })

  test('headers that are no entries', async () => {
    const many = Array.from({ length: 20 }, (_, at) => pax({ [`comment${at}`]: 'x' }, 'g'))
    expect(await refusal(tar(...many, file('a')), { limits: { ...limits, packed: 1e6 } })).toBe('too_many_entries')
  })

  test('a bomb of one file, a thousand to one', async () => {
    expect(await outcome(zeros(2 ** 30, entry({ size: Buffer.from('10000000000\0') }, '').subarray(0, 512)), {})).toBe('archive_too_large')
  })

  test('a bomb behind the end', async () => {
    expect(await outcome(zeros(2 ** 30, Buffer.concat([file('a'), end])), {})).toBe('invalid_archive')
  })
})

/** gzip of some bytes and then zeros, made while it is read */
function zeros(count: number, before: Uint8Array): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: 1 }).setMaxListeners(0)
  const block = Buffer.alloc(2 ** 20)
  const write = async (): Promise<void> => {
    gzip.write(before)
    for (let at = 0; at < count && !gzip.destroyed; at += block.length) {
      if (!gzip.write(block)) await new Promise((resolve) => gzip.once('drain', resolve).once('close', resolve))
    }
    gzip.end()
  }
  void write()
  return gzip
}
