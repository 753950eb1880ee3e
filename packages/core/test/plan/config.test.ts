import { describe, expect, test } from 'vitest'
import { mergeConfigs, parseConfig, readConfig, type Config } from '../../src/plan/config.ts'
import { isBuildError } from '../../src/failure/error.ts'
import { ok, refused } from './planning.ts'

function thrown(text: string): { code: string; message: string; data: unknown } {
  try {
    readConfig(text, 'kiln.json')
  } catch (error) {
    if (isBuildError(error)) return { code: error.code, message: error.message, data: error.data }
  }
  throw new Error('accepted')
}

describe('a kiln.json that is wrong names the field, the line, and what was meant', () => {
  test.each([
    ['{\n "entrypiont": "a.py"\n}', 'kiln.json:2: unknown field "entrypiont", did you mean "entrypoint"?'],
    ['{\n "package_manager": "pip"\n}', 'kiln.json:2: unknown field "package_manager", did you mean "packageManager"?'],
    ['{"dependencies": {\n\n"ad": []}}', 'kiln.json:3: unknown field "dependencies.ad", did you mean "add"?'],
    ['{\n\n"port": "8080"}', 'kiln.json:3: "port" must be a number, not "8080"'],
    ['{"port": 70000}', 'kiln.json:1: "port" must be at most 65535'],
    ['{"start": ["node",\n{"env": "1X", "default": ""}]}', 'kiln.json:2: "start[1].env" must be the name of an environment variable'],
    ['{"start": "node x"}', 'kiln.json:1: "start" must be a list, not "node x"'],
    ['{"base": {"distro": "alpine"}}', 'kiln.json:1: "base" must be { "image": reference } or { "distro": "bookworm" | "trixie" }'],
    ['{"unit": "../x"}', 'kiln.json:1: "unit" must be a relative path inside the source'],
    ['{"language": "rust"}', 'kiln.json:1: "language" must be "python" or "javascript" or "typescript" or "go" or "static", not "rust"'],
    ['{"systemPackages": {"add": ["a b"]}}', 'kiln.json:1: "systemPackages.add[0]" must be the name of a Debian package'],
    ['{"env": {"add": {"A-B": "1"}}}', 'kiln.json:1: "env.add.A-B" must be the name of an environment variable'],
    ['[]', 'kiln.json must be an object, not a list'],
  ])('%s', (text, message) => {
    expect(thrown(text)).toMatchObject({ code: 'invalid_config', message })
  })

  test('no JSON: file and line', () => {
    expect(thrown('{\n "unit": "a",\n}')).toMatchObject({ code: 'invalid_config', data: { file: 'kiln.json', line: 3 } })
    expect(thrown('{\n "unit": ')).toMatchObject({ code: 'invalid_config', data: { line: 2 } })
  })

  test('it is an answer of planning, not an error', async () => {
    const answer = await refused({ 'main.py': 'print(1)', 'kiln.json': '{\n "prot": 80 }' })
    expect(answer).toMatchObject({ code: 'invalid_config', place: 'kiln.json:2' })
    expect(answer.message).toContain('did you mean "port"')
  })
})

test('a field far from every known one is answered with the known ones', () => {
  expect(thrown('{"dockerfile": "x"}').message).toContain('(known: edition, unit, language')
})

test('every field is accepted', () => {
  const whole: Config = {
    $schema: 'x',
    edition: '2026.11',
    unit: 'a',
    language: 'python',
    runtime: { version: '3.12' },
    framework: 'fastapi',
    packageManager: 'uv',
    entrypoint: 'a.py',
    start: ['python', { env: 'PORT', default: '1' }],
    port: 1,
    groups: { add: ['x'], remove: ['y'] },
    requirements: 'a',
    dependencies: { add: ['b'], remove: ['c'] },
    systemPackages: { add: ['git'], remove: ['curl'] },
    buildPackages: { add: ['gcc'], remove: ['make'] },
    env: { add: { A: 'b' }, remove: ['C'] },
    build: { add: [['make']], remove: [['x']] },
    base: { distro: 'trixie' },
  }
  expect(parseConfig(whole)).toEqual(whole)
})

test('stronger values replace, lists extend', () => {
  const weak: Config = { port: 1, runtime: { version: '3.11' }, dependencies: { add: ['a'] }, env: { add: { A: '1', B: '1' } } }
  const strong: Config = { port: 2, dependencies: { add: ['b'], remove: ['c'] }, env: { add: { A: '2' } } }
  expect(mergeConfigs(weak, strong)).toEqual({
    port: 2,
    runtime: { version: '3.11' },
    dependencies: { add: ['a', 'b'], remove: ['c'] },
    env: { add: { A: '2', B: '1' }, remove: [] },
  })
})

test('kiln.json counts, and what the caller says is stronger', async () => {
  const tree = { 'a.py': 'print(1)', 'b.py': 'print(2)', 'kiln.json': '{"entrypoint": "a.py", "port": 9000, "env": {"add": {"A": "1"}}}' }
  expect((await ok(tree)).plan).toMatchObject({ entrypoint: 'a.py', port: 9000, env: { A: '1', PORT: '9000' } })
  expect((await ok(tree, { entrypoint: 'b.py', env: { add: { B: '2' } } })).plan).toMatchObject({
    entrypoint: 'b.py',
    env: { A: '1', B: '2' },
  })
})

describe('a value of kiln.json that only planning finds wrong has its file and line', () => {
  const own = { 'main.py': 'print(1)', 'a/main.py': '', 'kiln.json': '{\n "context": { "add": [\n  "main.py",\n  "lib"\n ] } }' }
  test('a path of context.add', async () => {
    const message = 'kiln.json:4: "context.add[1]" lib is not in the source, or its ignore rules leave it out'
    expect(await refused(own)).toMatchObject({ code: 'invalid_config', message, place: 'kiln.json:4' })
  })
  test('not where the caller says it', async () => {
    const right = { ...own, 'kiln.json': '{"context": {"add": ["a"]}, "unit": "a"}' }
    const message = '"context.add[0]" lib is not in the source, or its ignore rules leave it out'
    expect(await refused(right, { context: { add: ['lib'] } })).toMatchObject({ message, place: ':' })
    expect(await refused(right, { unit: 'b' })).toMatchObject({ message: '"unit" b is no directory of the source', place: ':' })
  })
  test.each([
    ['"unit": "b"', '"unit" b is no directory of the source'],
    ['"runtime": { "version": "x" }', '"runtime.version" x is no Python version'],
    ['"packageManager": "uv"', '"packageManager" is uv, but the source has no lock of it'],
    ['"entrypoint": "a/none.py"', 'the entry point a/none.py is not in the source'],
  ])('%s', async (text, message) => {
    const answer = await refused({ 'main.py': 'print(1)', 'kiln.json': `{ "port": 1,\n${text} }` }, { port: 2 })
    expect(answer).toMatchObject({ message: `kiln.json:2: ${message}`, place: 'kiln.json:2' })
  })
})

test('a wrong Config of the caller is an answer too', async () => {
  expect(await refused({ 'main.py': '1' }, { porrt: 1 } as never)).toMatchObject({ code: 'invalid_config', place: ':' })
})

test('a kiln.json that is too large is refused, and not passed over', async () => {
  const text = `{ "port": 1 } // ${'x'.repeat(2 ** 20)}`
  expect(await refused({ 'main.py': 'print(1)', 'kiln.json': text })).toMatchObject({ code: 'invalid_config', place: 'kiln.json:' })
})
