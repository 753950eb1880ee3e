// Cases 21 to 37: names and maps of files. What a map may hold is asked of the native API too.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import type { World } from '../world.ts'
import { each, json, type Row } from './row.ts'
import { both, build, dockerfile, many, nativeFiles, path, withFiles } from './runagents-request.ts'

/** Names that cannot be one, as JSON. */
export const badNames: Readonly<Record<string, unknown>> = {
  empty: '',
  null: null,
  'a number': 5,
  'a list': ['a'],
  'with a space': 'My Agent',
  'in capitals': 'UPPER',
  'a path': 'a_b/../c',
  'an option': '--privileged',
  'a short option': '-x',
  'with a tag': 'a:b',
  'with a digest': 'a@sha256',
  'of 64 characters': 'a'.repeat(64),
  '64 hex digits': '0123456789abcdef'.repeat(4),
  'a dot': '.',
  'a device': 'con',
  Cyrillic: '\u0430gent',
  'with a joiner': 'a\u200Dgent',
  'with a line feed': 'a\nb',
  'with a line feed at the end': 'a\n',
  'with a carriage return': 'a\rb',
  'with a line separator': 'a\u2028b',
  'with NUL': 'a\0b',
  'with a quote': 'a"b',
  'with $()': 'a$(id)',
  'with backticks': 'a`id`',
  'with a semicolon': 'a;b',
  'of 1 MB': 'a'.repeat(1_000_000),
}

export const names: readonly Row[] = [
  { id: 21, what: 'no name', ask: json(path, { files: dockerfile }), status: 400, code: 'invalid_name' },
  ...each(badNames, (name, what) => ({
    id: ['empty', 'null', 'a number', 'a list'].includes(what)
      ? 21
      : /space|capitals|path|option|tag|digest/.test(what)
        ? 22
        : /64|dot|device|Cyrillic|joiner/.test(what)
          ? 23
          : 24,
    what: 'a name',
    ask: build({ name }),
    status: 400,
    code: 'invalid_name',
  })),
]

export const files: readonly Row[] = [
  { id: 25, what: 'no files', ask: json(path, { name: 'web' }), status: 400, code: 'invalid_files' },
  ...each({ none: {}, 'a list': ['a'], 'a text': 'x', null: null, 'a number': 1 }, (given) => ({
    id: 25,
    what: 'files',
    ask: build({ files: given }),
    status: 400,
    code: 'invalid_files',
  })),
  ...each({ 'a number': 1, null: null, 'an object': {}, 'a boolean': true, 'a list': ['x'] }, (value) => ({
    id: 26,
    what: 'a value of files',
    ask: build({ files: { 'main.py': value } }),
    status: 400,
    code: 'invalid_files',
    then: ({ json: { error } }) => expect(error).toContain('main.py'),
  })),
  ...[
    [27, '../a.py'],
    [27, 'a/../../b'],
    [27, 'a/..'],
    [27, '..'],
    [28, '/etc/x'],
    [28, '//x'],
    [29, 'C:\\x'],
    [29, 'C:x'],
    [29, '\\\\srv\\s'],
    [29, 'a\\b'],
    [29, 'CON'],
    [29, 'aux.py'],
    [29, 'a.'],
    [29, 'a '],
    [30, 'a\0b'],
    [30, 'a\nb'],
    [30, 'a\u007Fb'],
    [30, 'a\u202Eb'],
    [31, ''],
    [31, ' '],
    [31, 'a//b'],
    [31, 'a/'],
    [35, 'p/'.repeat(2500) + 'p'],
    [35, 'p'.repeat(256)],
    [35, 'é'.repeat(128)],
    [35, 'd/'.repeat(64) + 'f'],
  ].flatMap(([id, key]) =>
    both(id as number, `a key ${JSON.stringify(String(key).slice(0, 20))}`, { ...dockerfile, [key!]: 'x' }, 400, 'invalid_path'),
  ),
  ...both(28, 'keys "./a" and "a"', { ...dockerfile, './a': '1', a: '2' }, 400, 'path_collision'),
  ...both(
    28,
    'the same with 200 characters',
    { ...dockerfile, [`./${'a'.repeat(200)}`]: '1', ['a'.repeat(200)]: '2' },
    400,
    'path_collision',
  ),
  ...both(32, 'keys "A.py" and "a.py"', { ...dockerfile, 'A.py': '1', 'a.py': '2' }, 400, 'path_collision'),
  ...both(32, 'é as NFC and as NFD', { ...dockerfile, '\u00E9': '1', 'e\u0301': '2' }, 400, 'path_collision'),
  ...both(33, 'keys "a" and "a/b.py"', { ...dockerfile, a: '1', 'a/b.py': '2' }, 400, 'path_collision'),
  ...each({ RunAgents: withFiles, native: nativeFiles }, (ask) => ({
    id: 34,
    what: 'keys that every object has: built, byte for byte',
    async ask(world: World) {
      const reply = await world.ask(
        ask('{"Dockerfile":"FROM scratch\\nCOPY . .\\n","__proto__":"own 1","constructor":"own 2","hasOwnProperty":"own 3"}'),
      )
      const [record] = await world.engine.for('acme').list({ limit: 1 })
      await world.ended(record!.id)
      const { bytes } = await world.ask({ path: `/kiln/v1/builds/${record!.id}/context` })
      const found = Object.fromEntries(['__proto__', 'constructor', 'hasOwnProperty'].map((name) => [`of ${name}`, contentOf(bytes, name)]))
      expect(found).toEqual({ 'of __proto__': 'own 1', 'of constructor': 'own 2', 'of hasOwnProperty': 'own 3' })
      expect(({} as Record<string, unknown>)['own 1']).toBeUndefined()
      return { ...reply, status: 200 }
    },
    status: 200,
  })),
  {
    id: 36,
    what: '5,001 files',
    ask: build({ files: many(5000, dockerfile) }),
    status: 413,
    code: 'too_many_files',
  },
  { id: 36, what: '5,000 files', ask: build({ files: many(4999, dockerfile) }), status: 202 },
  {
    id: 36,
    what: '5,001 files (native)',
    ask: json('/kiln/v1/builds', { name: 'web', dockerfile: 'Dockerfile', source: { files: many(5000, dockerfile) } }),
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 37,
    what: 'a file of 10 MiB and a byte',
    ask: build({ files: { ...dockerfile, a: 'x'.repeat(10 * 2 ** 20 + 1) } }),
    status: 413,
    code: 'payload_too_large',
  },
  {
    id: 37,
    what: 'a million keys',
    ask: (world) => world.ask(withFiles(`{${Array.from({ length: 1_000_000 }, (_, n) => `"f${n}":""`).join(',')}}`)),
    status: 413,
    code: 'payload_too_large',
  },
]

/** A file of a tar with short names. */
function contentOf(tar: Buffer, name: string): string | undefined {
  for (let at = 0; at + 512 <= tar.length;) {
    const called = tar.toString('utf8', at, tar.indexOf(0, at))
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8) || 0
    if (called === name) return tar.toString('utf8', at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  return undefined
}
