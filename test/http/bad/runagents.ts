// Cases 21 to 52: POST and GET /api/builds. What a map of files may hold is asked of the native API too.
import { expect } from 'vitest'
import type { World } from '../world.ts'
import type { Reply } from '../wire.ts'
import { each, json, type Asked, type NotRun, type Row } from './row.ts'

const path = '/api/v1/builds'
const dockerfile = { Dockerfile: 'FROM scratch\nCOPY . .\n' }
const program = { 'main.py': 'print(1)\n' }
const base = { name: 'web', files: dockerfile }

const build = (changes: object): Asked => json(path, { ...base, ...changes })
/** Text, for keys that an object literal would lose. */
const withFiles = (files: string): Asked => json(path, `{"name":"web","files":${files}}`)
const nativeFiles = (files: string): Asked =>
  json('/kiln/v1/builds', `{"name":"web","dockerfile":"Dockerfile","source":{"files":${files}}}`)

const both = (id: number, what: string, files: unknown, status: number, code: string): readonly Row[] => {
  const text = typeof files === 'string' ? files : JSON.stringify(files)
  return [
    { id, what: `${what} (RunAgents)`, ask: withFiles(text), status, code },
    { id, what: `${what} (native)`, ask: nativeFiles(text), status, code },
  ]
}

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

const names: readonly Row[] = [
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

const files: readonly Row[] = [
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

function many(count: number, more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...more, ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, ''])) }
}

/** A file of a tar with short names. */
export function contentOf(tar: Buffer, name: string): string | undefined {
  for (let at = 0; at + 512 <= tar.length;) {
    const path = tar.toString('utf8', at, tar.indexOf(0, at))
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8) || 0
    if (path === name) return tar.toString('utf8', at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  return undefined
}

/** The Dockerfile that was made for a build. */
async function generated(world: World, reply: Reply): Promise<string> {
  const id = (reply.json.id as string).slice(6).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const { text, status } = await world.ask({ path: `/kiln/v1/builds/${id}/dockerfile` })
  expect(status).toBe(200)
  return text
}

const how: readonly Row[] = [
  ...each(
    {
      'is missing': 'missing.py',
      'leads out': '../x.py',
      'is absolute': '/x',
      'has a line feed': 'main.py\nRUN id',
      'has quotes': 'main.py","-c',
      'has $()': '$(id).py',
      'is an option': '-m',
      'is empty': '',
      'is a dot': '.',
      'is a directory': 'src',
    },
    (entry_point, what) => ({
      id: what === 'is missing' ? 38 : /empty|dot|directory/.test(what) ? 40 : 39,
      what: 'an entry point',
      ask: build({ files: { ...program, 'src/app.py': 'print(1)\n' }, entry_point }),
      status: 400,
      code: 'entry_point_not_found',
    }),
  ),
  ...each({ 'an object': {}, 'a list': ['main.py'], 'a number': 1 }, (entry_point) => ({
    id: 40,
    what: 'an entry point',
    ask: build({ files: program, entry_point }),
    status: 400,
    code: 'invalid_input',
  })),
  ...each({ 'has $()': '$(id).py', 'has a quote': "it's.py" }, (entry_point) => ({
    id: 39,
    what: 'an entry point that is there: the command holds it as it is',
    ask: build({ files: { [entry_point]: 'print(1)\n' }, entry_point }),
    status: 202,
    async then(reply, world) {
      const command = (await generated(world, reply)).split('\n').findLast((line) => /^(CMD|ENTRYPOINT)/.test(line))!
      const words = JSON.parse(command.slice(command.indexOf('['))) as string[]
      expect(words.some((word) => word === entry_point || word === `./${entry_point}` || word === `/app/${entry_point}`)).toBe(true)
    },
  })),
  {
    id: 39,
    what: 'an entry point that is there, and begins as an option does',
    ask: build({ files: { '-m.py': 'print(1)\n' }, entry_point: '-m.py' }),
    status: 400,
    code: 'entry_point_not_found',
  },
  // the list accepts it, for pip to refuse: told at once, with its line
  {
    id: 41,
    what: 'requirements with a line that is an instruction',
    ask: build({ files: program, requirements: 'requests\nRUN id' }),
    status: 400,
    code: 'invalid_manifest',
  },
  {
    id: 41,
    what: 'requirements with an instruction in a comment: in requirements.txt alone',
    ask: build({ files: program, entry_point: 'main.py', requirements: 'requests # \\\nRUN id\n' }),
    status: 202,
    async then(reply, world) {
      const text = await generated(world, reply)
      expect(text).toContain('FROM')
      expect(text).not.toContain('RUN id')
    },
  },
  ...each(
    {
      'an index': '--index-url http://169.254.169.254/',
      'another file': '-r /etc/passwd',
      git: '-e git+file:///',
      'a file URL': 'x @ file:///etc',
      'a path': './x',
      'an option behind a name': 'requests --index-url=http://169.254.169.254/',
      'a continued line': 'requests \\\n--index-url http://169.254.169.254/',
    },
    (requirements) => ({
      id: 42,
      what: 'requirements',
      ask: build({ files: program, requirements }),
      status: 400,
      code: 'disallowed_requirement',
    }),
  ),
  ...each({ 'of 1 MiB and more': 'a\n'.repeat(2 ** 19 + 1), 'with NUL': 'a\0b', 'a number': 5 }, (requirements) => ({
    id: 43,
    what: 'requirements',
    ask: build({ files: program, requirements }),
    status: 400,
    code: 'invalid_input',
  })),
  ...each({ 'with a line feed': 'langchain\nFROM x', 'a path': '../../', 'a number': 5 }, (framework) => ({
    id: 44,
    what: 'a framework',
    ask: build({ files: program, framework }),
    status: 400,
    code: 'invalid_input',
  })),
  {
    id: 44,
    what: 'a framework that is not known: a notice',
    ask: build({ files: program, framework: 'no-such-framework' }),
    status: 202,
    then: ({ json: { notices } }) => expect(notices.join()).toContain('no-such-framework'),
  },
  ...each({ 'another frontend': '# syntax=evil/x\nFROM scratch\n', 'in another case': '#SYNTAX = evil/x\nFROM scratch\n' }, (text) => ({
    id: 45,
    what: 'a Dockerfile',
    ask: build({ files: { Dockerfile: text } }),
    status: 400,
    code: 'frontend_not_allowed',
  })),
  { id: 45, what: 'a Dockerfile without FROM', ask: build({ files: { Dockerfile: 'RUN id\n' } }), status: 400, code: 'invalid_dockerfile' },
  ...each(
    {
      'extended globs': '*(*(*(a|b)))',
      '34 stars': '*a'.repeat(34),
      '11 double stars': '**/a/'.repeat(11),
      '10,000 lines': 'a*b*c\n'.repeat(10_000),
      'a way out, kept': '!..',
      'a way out': '/../x',
      'an open bracket': '[a',
    },
    (ignore) => ({
      id: 46,
      what: '.dockerignore',
      ask: (world: World) => world.ask(build({ files: { ...dockerfile, '.dockerignore': ignore, ['a'.repeat(200)]: 'x' } })).then(taken),
      status: 200,
    }),
  ),
  ...each(
    {
      '10 MB in one line': 'import os;'.repeat(1_000_000),
      'nested quotes': '"""\'\'\''.repeat(200_000),
      '100,000 imports': 'import a.b.c\n'.repeat(100_000),
      'open brackets': '('.repeat(1_000_000),
      'replacement characters': '\uFFFD'.repeat(100_000),
    },
    (text) => ({
      id: 47,
      what: 'a program',
      ask: (world: World) => world.ask(build({ files: { 'main.py': text } })).then(taken),
      status: 200,
    }),
  ),
  {
    id: 48,
    what: 'imports of nothing: no package is named after them',
    ask: json('/api/v1/requirements', {
      files: { 'main.py': 'import os\nimport __proto__\nimport -evil\nimport constructor\nimport requests\n' },
    }),
    status: 200,
    then({ json: { requirements } }) {
      expect(requirements).not.toContain('os')
      expect((requirements as string[]).filter((one) => one.includes('evil'))).toEqual([])
    },
  },
  { id: 49, what: 'an unknown field: ignored', ask: build({ surprise: 1 }), status: 202 },
  {
    id: 49,
    what: 'an unknown field of the native API',
    ask: json('/kiln/v1/builds', { name: 'web', dockerfile: 'Dockerfile', source: { files: dockerfile }, surprise: 1 }),
    status: 400,
    code: 'invalid_input',
  },
  {
    id: 49,
    what: 'build_args with __proto__: nothing is polluted',
    ask: json(
      path,
      `{"name":"web","files":${JSON.stringify(dockerfile)},"build_args":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}`,
    ),
    status: 202,
    then: () => expect(({} as Record<string, unknown>)['polluted']).toBeUndefined(),
  },
  ...each({ 'A=B': 'A=B', 'A B': 'A B', empty: '', 'with a line feed': 'A\nB', 'an option': '--x' }, (key) => ({
    id: 50,
    what: 'the key of a build argument (native)',
    ask: json('/kiln/v1/builds', { name: 'web', dockerfile: 'Dockerfile', source: { files: dockerfile }, args: { [key]: 'x' } }),
    status: 400,
  })),
  ...each({ 'A=B': 'A=B', 'A B': 'A B', empty: '', 'with a line feed': 'A\nB' }, (key) => ({
    id: 50,
    what: 'the key of a label (native)',
    ask: json('/kiln/v1/builds', { name: 'web', dockerfile: 'Dockerfile', source: { files: dockerfile }, labels: { [key]: 'x' } }),
    status: 400,
  })),
  ...each({ $PATH: '$PATH', 'a quote': 'a"b\'c', 'a backslash at the end': 'a\\' }, (value) => ({
    id: 50,
    what: 'the value of a label and an argument: literal',
    ask: json('/kiln/v1/builds', {
      name: 'web',
      dockerfile: 'Dockerfile',
      source: { files: dockerfile },
      labels: { mine: value },
      args: { MINE: value },
    }),
    status: 201,
    async then({ json: { id, run } }, world) {
      await world.ended(id)
      const job = world.driver.jobs.find((one) => one.run === run)!
      expect([job.labels['mine'], job.args['MINE']]).toEqual([value, value])
    },
  })),
]

/** Accepted or refused in words; a server that broke is neither. */
function taken(reply: Reply): Reply {
  return [202, 400].includes(reply.status) ? { ...reply, status: 200 } : reply
}

const gets: readonly Row[] = [
  ...each(
    { 'that is unknown': `build-${'0'.repeat(32)}`, '%00': '%00', 'of our own form': '01900000-0000-7000-8000-000000000000' },
    (id) => ({
      id: 51,
      what: 'an id',
      ask: (world: World) =>
        Promise.all(
          ['/api/builds/', '/api/v1/builds/', '/api/v1/workspaces/acme/builds/'].map((prefix) => world.ask({ path: prefix + id })),
        ),
      status: 404,
      then: ({ json: { error } }) => expect(error).toBe('build not found'),
    }),
  ),
  {
    id: 52,
    what: 'If-None-Match and Range are not looked at',
    ask: {
      path: '/v1/builds',
      headers: [
        ['if-none-match', '*'],
        ['range', 'bytes=0-1'],
      ],
    },
    status: 200,
  },
  {
    id: 52,
    what: 'HEAD has no body',
    ask: (world) =>
      Promise.all(
        ['/v1/builds', '/v5/builds', '/kiln/v1/builds', '/v5/builds/undeployed'].map((one) => world.ask({ path: one, method: 'HEAD' })),
      ),
    status: 200,
    then: ({ bytes }) => expect(bytes.length).toBe(0),
  },
  {
    id: 52,
    what: 'OPTIONS says what there is, and nothing else',
    ask: (world) =>
      Promise.all([path, '/v1/builds', '/v5/builds', '/kiln/v1/builds'].map((one) => world.ask({ path: one, method: 'OPTIONS', as: '' }))),
    status: 204,
    then({ bytes, headers }) {
      expect(bytes.length).toBe(0)
      expect(headers.get('allow')).toContain('POST')
    },
  },
]

export const runagents: readonly Row[] = [...names, ...files, ...how, ...gets]

export const notRun: readonly NotRun[] = [
  {
    id: 37,
    what: 'the loop is held up for less than 100 ms',
    reason: 'No test judges by time: the look through the bytes gives way every MiB (input/json-scan.ts).',
  },
  {
    id: 46,
    what: 'matching takes less than 50 ms',
    reason: 'No test judges by time: packages/core/test/source tests the matcher as linear.',
  },
  {
    id: 47,
    what: 'detection takes less than 200 ms; invalid UTF-8',
    reason: 'No test judges by time. A JSON text cannot hold invalid UTF-8 (16); packages/core/test/detect has it in archives.',
  },
  { id: 50, what: 'values in the image', reason: 'Needs an engine: test/engine/render.test.ts builds them and reads them back.' },
]
