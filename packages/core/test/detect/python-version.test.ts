import { describe, expect, test } from 'vitest'
import { ok, refused } from '../plan/planning.ts'
import { detect } from '../../src/detect/detect.ts'
import { defaultEdition } from '../../src/plan/editions.ts'
import { files } from '../../src/source/files.ts'
import { poetryRange } from '../../src/detect/python/version.ts'

const main = { 'main.py': 'print(1)\n' }
const project = (range: string): string => `[project]\nname = "x"\nversion = "1"\nrequires-python = "${range}"\n`
const versionOf = async (tree: Record<string, string>, wish?: string): Promise<string> =>
  (await ok({ ...main, ...tree }, wish === undefined ? {} : { runtime: { version: wish } })).plan.runtime.version

describe('one place', () => {
  test.each([
    [{}, '3.11', 'python.version.default'],
    [{ '.python-version': '# mine\n3.12\n3.10\n' }, '3.12', 'python.version.file .python-version:2'],
    [{ '.python-version': 'cpython-3.12.4\n' }, '3.12.4', 'python.version.file .python-version:1'],
    [{ '.tool-versions': 'nodejs 22.1.0\npython 3.13.1\n' }, '3.13.1', 'python.version.tool-pin .tool-versions:2'],
    [{ 'mise.toml': '[tools]\npython = "3.12"\n' }, '3.12', 'python.version.tool-pin mise.toml:2'],
    [{ 'mise.toml': '[tools]\npython = {version = "3.12"}\n' }, '3.12', 'python.version.tool-pin mise.toml:2'],
    [{ 'runtime.txt': 'python-3.12.1\n' }, '3.12.1', 'python.version.runtime-txt runtime.txt:1'],
    [{ 'pyproject.toml': project('>=3.10,<3.13') }, '3.12', 'python.version.requires-python pyproject.toml:4'],
    [{ 'pyproject.toml': project('>=3.11') }, '3.14', 'python.version.requires-python pyproject.toml:4'],
    [{ 'pyproject.toml': project('==3.11.*') }, '3.11', 'python.version.requires-python pyproject.toml:4'],
    [{ 'pyproject.toml': project('>=3.11.4,<3.11.9') }, '3.11', 'python.version.requires-python pyproject.toml:4'],
    [{ 'pyproject.toml': project('~=3.11') }, '3.14', 'python.version.requires-python pyproject.toml:4'],
    [
      { 'pyproject.toml': '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.10,<3.13"\n' },
      '3.12',
      'python.version.poetry pyproject.toml:4',
    ],
    [
      { 'pyproject.toml': '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "~3.11"\n' },
      '3.11',
      'python.version.poetry pyproject.toml:4',
    ],
    [
      { 'pyproject.toml': '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "3.9.* || 3.10.*"\n' },
      '3.10',
      'python.version.poetry pyproject.toml:4',
    ],
    [{ '.python-version': 'system\n' }, '3.11', 'python.version.default'],
  ])('%j', async (tree, version, why) => {
    const found = await ok({ ...main, ...tree })
    expect(found.plan.runtime).toEqual({ name: 'python', version })
    expect(found.why('runtime.version')).toBe(why)
  })
})

describe('a start beside a project says nothing of its own', () => {
  const serve = 'import sys\nsys.path.insert(0, "agent")\nfrom graph import run\nrun()\n'
  const below = { 'agent/pyproject.toml': project('>=3.12,<3.14'), 'agent/graph.py': 'def run(): pass\n' }
  test.each([
    ['the directory of its modules says it', { 'main.py': serve, ...below }, '3.13', 'python.version.below agent/pyproject.toml:4'],
    ['a package too', { 'main.py': 'import agent.graph\n', ...below }, '3.13', 'python.version.below agent/pyproject.toml:4'],
    ['nothing is taken from it', { 'main.py': 'import json\n', ...below }, '3.11', 'python.version.default'],
    ['the top has that module itself', { 'main.py': serve, 'graph.py': 'def run(): pass\n', ...below }, '3.11', 'python.version.default'],
    [
      'the top says otherwise',
      { 'main.py': serve, '.python-version': '3.10\n', ...below },
      '3.10',
      'python.version.file .python-version:1',
    ],
    ['the default is allowed', { 'main.py': serve, ...below, 'agent/pyproject.toml': project('>=3.10') }, '3.11', 'python.version.default'],
    ['it cannot be read', { 'main.py': serve, ...below, 'agent/pyproject.toml': '[project\n' }, '3.11', 'python.version.default'],
  ])('%s', async (_, tree, version, why) => {
    const found = await ok(tree)
    expect(found.plan.runtime).toEqual({ name: 'python', version })
    expect(found.why('runtime.version')).toBe(why)
  })
})

describe('a version that there is none of', () => {
  test.each([
    ['a pin', { '.python-version': '# old\n3.6\n' }, undefined, '.python-version:2 says 3.6, and of Python there is 3.15, 3.14,'],
    [
      'beside others',
      { '.python-version': '2.7\n', 'runtime.txt': 'python-3.12.1\n', 'pyproject.toml': project('>=2.6') },
      undefined,
      '.python-version:1 says 2.7, and',
    ],
    ['one that is not out', { 'runtime.txt': 'python-3.99\n' }, undefined, 'runtime.txt:1 says python-3.99, and'],
    ['a range', { 'pyproject.toml': project('>=2.7,<3') }, undefined, 'pyproject.toml:4 says >=2.7,<3, and'],
    ['the configuration', {}, '2.7', 'the configuration says 2.7, and'],
    ['the configuration, over a pin', { '.python-version': '3.12\n' }, '2.7', 'the configuration says 2.7, and'],
    ['the kiln.json', { 'kiln.json': '{\n "runtime": { "version": "2.7" }\n}' }, undefined, 'kiln.json:2: the configuration says 2.7, and'],
  ])('%s', async (_, tree, wish, says) => {
    const answer = await refused({ ...main, ...tree }, wish === undefined ? {} : { runtime: { version: wish } })
    expect(answer.code).toBe('conflicting_constraints')
    expect(answer.message).toContain(says)
  })
})

describe('several places together', () => {
  test('the newest line that all allow', async () => {
    const tree = { 'pyproject.toml': `${project('>=3.10')}[tool.poetry.dependencies]\npython = "<3.13"\n` }
    expect(await versionOf(tree)).toBe('3.12')
  })
  test('a pin beside a range, and what lost is shown', async () => {
    const found = await ok({ ...main, '.python-version': '3.12', 'pyproject.toml': project('>=3.11') })
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.evidence.values.find(({ field }) => field === 'runtime.version')?.lost.map(({ value }) => value)).toEqual([
      '>=3.11',
      '3.11',
    ])
  })
  test('a pin and a range that contradict each other: both places', async () => {
    const answer = await refused({ ...main, '.python-version': '3.10\n', 'pyproject.toml': project('>=3.11') })
    expect(answer).toMatchObject({ code: 'conflicting_constraints', place: '.python-version:1' })
    expect(answer.message).toContain('.python-version:1 says 3.10')
    expect(answer.message).toContain('pyproject.toml:4 says >=3.11')
  })
  test('a contradiction names all its places as data; the configuration is no place', async () => {
    await using source = await files({ ...main, '.python-version': '3.10\n', 'pyproject.toml': project('>=3.11') })
    const places = [
      { file: '.python-version', line: 1 },
      { file: 'pyproject.toml', line: 4 },
    ]
    expect(() => detect(source, {}, defaultEdition)).toThrow(expect.objectContaining({ data: expect.objectContaining({ places }) }))
    const wish = { runtime: { version: '3.9' } }
    expect(() => detect(source, wish, defaultEdition)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ places: places.slice(1) }) }),
    )
  })
  test('the wish of the configuration overrules pins, but not ranges', async () => {
    expect(await versionOf({ '.python-version': '3.10' }, '3.12')).toBe('3.12')
    expect((await refused({ ...main, 'pyproject.toml': project('>=3.12') }, { runtime: { version: '3.11' } })).code).toBe(
      'conflicting_constraints',
    )
    expect(await versionOf({}, '>=3.12,<3.14')).toBe('3.13')
  })
  test('of two pins the stronger one, with a notice', async () => {
    const found = await ok({ ...main, '.python-version': '3.12', 'runtime.txt': 'python-3.10.2' })
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.notices.find(({ code }) => code === 'overruled_version')).toMatchObject({ file: 'runtime.txt', line: 1 })
  })
  test('an exact pin that a weaker place has refines a line', async () => {
    expect(await versionOf({ '.python-version': '3.12', 'runtime.txt': 'python-3.12.4' })).toBe('3.12.4')
  })
})

test('what is said of the version', async () => {
  expect((await ok(main)).codes).toContain('default_version')
  expect((await ok({ ...main, '.python-version': '3.11' })).codes).not.toContain('default_version')
  expect((await ok({ ...main, '.python-version': '3.8' })).codes).toContain('end_of_life')
})

test('what is no version', async () => {
  expect(await refused({ ...main, 'pyproject.toml': project('three') })).toMatchObject({
    code: 'invalid_manifest',
    place: 'pyproject.toml:4',
  })
  expect(await refused({ ...main, '.python-version': 'pypy3.10' })).toMatchObject({
    code: 'unsupported_project',
    place: '.python-version:1',
  })
  expect((await refused(main, { runtime: { version: 'three' } })).code).toBe('invalid_config')
})

test.each([
  ['^3.10', '>=3.10,<4'],
  ['^0.2.3', '>=0.2.3,<0.3'],
  ['~3.11', '>=3.11,<3.12'],
  ['~3', '>=3,<4'],
  ['3.*', '==3.*'],
  ['>=3.9 <4', '>=3.9,<4'],
  ['>= 3.9, < 4', '>=3.9,<4'],
  ['3.11', '==3.11.*'],
])('poetry %s is %s', (text, range) => {
  expect(poetryRange(text)).toBe(range)
})

test.each([
  ['.python-version', 'requires-python\n', '.python-version', 1],
  ['.python-version', '# mine\nmy-env\n', '.python-version', 2],
  ['.tool-versions', 'node 24\npython latest\n', '.tool-versions', 2],
])('what names no version is said: %s %j', async (path, text, file, line) => {
  const found = await ok({ ...main, [path]: text })
  expect(found.notices.find(({ code }) => code === 'version_not_read')).toMatchObject({ file, line, fix: { runtime: { version: '3.11' } } })
  expect(found.codes).not.toContain('default_version')
  expect(JSON.stringify(found.evidence)).not.toContain('asks for a version')
})

test('of a range, what was taken and why is said; of a pin only the pin', async () => {
  const says = async (tree: Record<string, string>): Promise<string | undefined> =>
    (await ok({ ...main, ...tree })).evidence.values.find(({ field }) => field === 'runtime.version')?.evidence.says
  expect(await says({ 'pyproject.toml': project('>=3.10') })).toBe(
    'requires-python is >=3.10; 3.14 is the newest that >=3.10 allows; set runtime.version for another',
  )
  expect(await says({ 'pyproject.toml': `${project('>=3.10')}[tool.poetry.dependencies]\npython = "<3.13"\n` })).toContain(
    '3.12 is the newest that >=3.10 and <3.13 allow;',
  )
  expect(await says({ '.python-version': '3.12', 'pyproject.toml': project('>=3.10') })).toBe('.python-version says 3.12')
})
