// Cases 38 to 52: how it is built, and reading it.
/* oxlint-disable vitest/no-standalone-expect -- a test runs the rows */
import { expect } from 'vitest'
import type { Reply } from '../wire.ts'
import type { World } from '../world.ts'
import { each, json, type Row } from './row.ts'
import { build, dockerfile, path, program } from './runagents-request.ts'

/** The Dockerfile that was made for a build. */
async function generated(world: World, reply: Reply): Promise<string> {
  const id = (reply.json.id as string).slice(6).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const { text, status } = await world.ask({ path: `/kiln/v1/builds/${id}/dockerfile` })
  expect(status).toBe(200)
  return text
}

export const how: readonly Row[] = [
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

export const gets: readonly Row[] = [
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
