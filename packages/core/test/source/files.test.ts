import { describe, expect, test } from 'vitest'
import { files, type ErrorCode, type FileMap, type Opening } from '@kiln/core'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

describe('a map of files', () => {
  test('of text and bytes, with names that objects have already', async () => {
    const object = {
      ['__proto__']: 'p',
      constructor: 'c',
      hasOwnProperty: 'h',
      'a/toString': Buffer.from('t'),
      'b.sh': '#!/bin/sh\n',
      './c': '',
    }
    for (const map of [object, new Map(Object.entries(object)), Object.assign(Object.create(null) as object, {}, object)] as FileMap[]) {
      await using source = await files(map)
      const names = source.entries.map((entry) => entry.path)
      expect(names).toEqual(
        ['__proto__', 'a', 'a/toString', 'b.sh', 'c', 'constructor', 'hasOwnProperty'].filter(
          (name) => names.includes('__proto__') || name !== '__proto__',
        ),
      )
      expect(text(source.read('constructor'))).toBe('c')
      expect(text(source.read('a/toString'))).toBe('t')
      expect(source.entry('b.sh')).toEqual({ kind: 'file', path: 'b.sh', executable: true, size: 10 })
      expect(source.entry('valueOf')).toBeUndefined()
      expect(source.entry('a')).toEqual({ kind: 'directory', path: 'a' })
    }
    await using source = await files(object)
    expect(text(source.read('__proto__'))).toBe('p')
    expect(({} as Record<string, unknown>)['p']).toBeUndefined()
  })

  test('is copied once', async () => {
    const bytes = Buffer.from('before')
    let asked = 0
    const map = {
      get a() {
        return asked++ === 0 ? 'first' : '../../etc/passwd'
      },
      b: bytes,
    }
    await using source = await files(map)
    bytes.write('after!')
    expect(text(source.read('a'))).toBe('first')
    expect(text(source.read('b'))).toBe('before')
    expect(asked).toBe(1)
    source.read('b').fill(0)
    expect(text(source.read('b'))).toBe('before')
  })

  test('obeys the ignore file as given, and the deny list only when asked', async () => {
    const map = { '.dockerignore': '*.md\n', 'a.md': '', '.env': '', a: '' }
    await using given = await files(map)
    expect(given.entries.map((entry) => entry.path)).toEqual(['.dockerignore', '.env', 'a'])
    expect(given.ignored).toEqual({ rules: 'as-given', file: '.dockerignore', denied: [] })
    await using planned = await files(map, { ignore: 'planned' })
    expect(planned.ignored).toEqual({ rules: 'planned', file: '.dockerignore', denied: ['.env'] })
    await using kept = await files(map, { ignore: 'planned', keep: ['.env'] })
    expect(kept.ignored.denied).toEqual([])
  })

  test("the Dockerfile's own ignore file wins", async () => {
    const map = { '.dockerignore': 'a', 'deploy/Dockerfile': 'FROM x', 'deploy/Dockerfile.dockerignore': 'b', a: '', b: '' }
    await using source = await files(map, { dockerfile: 'deploy/Dockerfile' })
    expect(source.ignored.file).toBe('deploy/Dockerfile.dockerignore')
    expect(source.entry('a')).toBeDefined()
    expect(source.entry('b')).toBeUndefined()
  })
})

const many = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, '']))
const throwing = new Proxy(
  { a: '' },
  {
    get: () => {
      throw new Error('no')
    },
  },
)

const refused: readonly (readonly [what: string, map: unknown, code: ErrorCode, opening?: Opening])[] = [
  ...[
    '',
    ' ',
    '../a.py',
    'a/../../b',
    'a/..',
    '..',
    '.',
    '/etc/x',
    '//x',
    'a//b',
    'a/',
    'C:\\x',
    'C:x',
    'a\\b',
    'CON',
    'aux.py',
    'a.',
    'a ',
    'a\0',
    'a\nb',
    'a\x7f',
    '\u202ea',
    '\ud800',
  ].map((name): readonly [string, unknown, ErrorCode] => [`the name ${JSON.stringify(name)}`, { [name]: 'x' }, 'invalid_path']),
  ['a part of 256 bytes', { ['a'.repeat(256)]: '' }, 'invalid_path'],
  ['5,000 bytes', { ['a'.repeat(200) + '/a'.repeat(2_400)]: '' }, 'invalid_path'],
  ['depth 65', { ['a/'.repeat(64) + 'a']: '' }, 'invalid_path'],
  ['a and ./a', { a: '', './a': '' }, 'path_collision'],
  ['case twins', { 'A.py': '', 'a.py': '' }, 'path_collision'],
  ['NFC and NFD', { '\u00e9': '', 'e\u0301': '' }, 'path_collision'],
  ['a and a/b.py', { a: '', 'a/b.py': '' }, 'path_collision'],
  ['a/b.py and a', { 'a/b.py': '', a: '' }, 'path_collision'],
  ['a number', { a: 5 }, 'invalid_argument'],
  ['null', { a: null }, 'invalid_argument'],
  ['an object', { a: {} }, 'invalid_argument'],
  ['half a character', { a: '\ud800' }, 'invalid_argument'],
  ['a list', ['a'], 'invalid_argument'],
  ['nothing', undefined, 'invalid_argument'],
  ['a text', 'a', 'invalid_argument'],
  ['bytes', Buffer.from('a'), 'invalid_argument'],
  ['a map with a key that is no text', new Map([[1, 'a']]), 'invalid_argument'],
  ['a proxy that throws', throwing, 'invalid_argument'],
  ['no file', {}, 'empty_source'],
  ['too many', many(11), 'too_many_entries', { limits: { entries: 10 } }],
  ['too large', { a: 'xxx', b: 'xxx' }, 'archive_too_large', { limits: { unpacked: 5 } }],
]
for (const [what, map, code, opening] of refused)
  test(`refused: ${what}`, async () => {
    await expect(files(map as FileMap, opening)).rejects.toMatchObject({ code })
  })

test('what is refused is named, with nothing in the name that could do harm', async () => {
  const error = await files({ 'a\u202e\nb': '' }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    message: '"a\\u{202e}\\u{a}b" has a control, format or broken character in a name',
    data: { path: 'a\\u{202e}\\u{a}b' },
  })
})

test('what is no file cannot be read', async () => {
  await using source = await files({ 'lib/agent.py': 'print(1)\n' })
  for (const path of ['lib', 'nothing.py', '../agent.py']) {
    expect(() => source.read(path)).toThrow(expect.objectContaining({ code: 'source_unreadable' }))
  }
})
