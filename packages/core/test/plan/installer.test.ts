import { describe, expect, test } from 'vitest'
import { editions } from '../../src/plan/editions.ts'
import type { Config } from '../../src/plan/config.ts'
import { dockerfileOf } from './dockerfile-of.ts'
import { ok, refused, type Tree } from './planning.ts'

const main: Tree = { 'main.py': 'print(1)\n' }
const listed = (text: string, more: Tree = {}): Tree => ({ ...main, 'requirements.txt': text, ...more })

async function installer(tree: Tree, config?: Config): Promise<string> {
  const { plan, why } = await ok(tree, config)
  const step = plan.steps.find((one) => one.kind === 'python')
  const by = step?.kind === 'python' ? (step.installer ?? step.manager) : 'nothing'
  const tools = plan.toolchains.map(({ name, version }) => `${name} ${version}`).join()
  expect(tools, 'the plan names uv where it is used').toBe(by === 'uv' ? `uv ${editions[0].tools.uv}` : '')
  return `${by}: ${why('installer')}`
}

describe('uv installs a list that says nothing it does otherwise than pip', () => {
  test.each([
    ['names', 'fastapi\nrequests==2.32.3\nuvicorn[standard]>=0.30,<1\n'],
    ['markers', 'tomli ; python_version < "3.11"\nhttpx==0.27.* # a comment\n'],
    ['a pre-release', 'opentelemetry-instrumentation==0.50b0\n'],
    ['an address', 'six @ https://example.com/six-1.16.0-py2.py3-none-any.whl\nhttps://u:p@example.com/a-1.0.tar.gz?a=b#egg=a\n'],
    ['an address with a condition', 'six[a]@https://example.com/main.zip ; python_version > "3"\n'],
    ['git', 'git+https://github.com/a/b.git@main\ngit+https://${TOKEN}@github.com/a/d.git#egg=d[extra]\nc @ git+https://github.com/a/c\n'],
    ['an exact text', 'a===1.0\n'],
  ])('%s', async (_, text) => expect(await installer(listed(text))).toBe('uv: python.installer.uv'))

  test('what it includes and constrains', async () => {
    const more = { 'base.txt': 'requests\n', 'c.txt': 'urllib3<2\n' }
    expect(await installer(listed('-r base.txt\n--requirement=base.txt\n--requirement  base.txt\n-c c.txt\nhttpx\n', more))).toBe(
      'uv: python.installer.uv',
    )
  })

  test('what Kiln writes: of a project, of imports, of the configuration, of an environment of conda', async () => {
    const project = { ...main, 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\ndependencies = ["httpx"]\n' }
    expect(await installer(project)).toBe('uv: python.installer.uv')
    expect(await installer({ 'main.py': 'import httpx\nprint(httpx)\n' })).toBe('uv: python.installer.uv')
    expect(await installer(main, { requirements: 'httpx\n' })).toBe('uv: python.installer.uv')
    expect(await installer({ ...main, 'environment.yml': 'dependencies:\n  - pip:\n      - httpx\n' })).toBe('uv: python.installer.uv')
    expect(await installer(listed('httpx\n'), { dependencies: { add: ['rich'] } })).toBe('uv: python.installer.uv')
  })
})

test('variables of the program come after the packages: a setting of pip among them is none for the build', async () => {
  const config = { env: { add: { PIP_INDEX_URL: 'https://example.com/simple' } } }
  expect(await installer(listed('httpx\n'), config)).toBe('uv: python.installer.uv')
  const lines = dockerfileOf((await ok(listed('httpx\n'), config)).plan).split('\n')
  const at = (word: string): number => lines.findIndex((line) => line.includes(word))
  expect(at('PIP_INDEX_URL')).toBeGreaterThan(at('-r requirements.txt'))
})

describe('pip installs what it reads in a way of its own', () => {
  test.each([
    '-i https://example.com/simple',
    '--index-url=https://example.com/simple',
    '--extra-index-url https://example.com/simple',
    '--find-links https://example.com/files',
    '--trusted-host example.com',
    '--no-index',
    '--no-binary httpx',
    '--only-binary :all:',
    '--prefer-binary',
    '--use-feature=fast-deps',
    '--pre',
    '--require-hashes',
    `six==1.16.0 --hash=sha256:${'0'.repeat(64)}`,
    'six==1.16.0 --global-option="--x"',
    'six==1.16.0 --config-settings="a=b"',
    'six>=1.*',
    '-r https://example.com/requirements.txt',
    '-r  https://example.com/requirements.txt',
    '-chttps://example.com/constraints.txt',
    '--requirement=https://example.com/requirements.txt',
    '-rbase.txt',
    '-cbase.txt',
    'six \\\n  >=1.16',
    'six>=1.16 ; python_version > "3" \\\r\n  and python_version < "4"',
    'hg+https://example.com/a#egg=a',
    'a @ svn+https://example.com/a',
    'git+git://example.com/a.git#egg=a',
    'git+git@example.com:a/b.git#egg=b',
    'https://example.com/zipball/main#egg=a',
    'a[b]@https://example.com/get?file=a.zip',
    'https://example.com/a-1.0-py3.7.egg',
    'https://example.com/a-1.0.tar.bz2',
    'a @ https://example.com/a-1.0.tgz',
  ])('%s', async (line) =>
    expect(await installer(listed(`httpx\n${line}\n`, { 'base.txt': 'rich\n' }))).toBe('pip: python.installer.line requirements.txt:2'),
  )

  test('in a file that is included, or constrains', async () => {
    const more = { 'sub/base.txt': '# of our own\n--find-links x\n', 'c.txt': '\n--pre\nurllib3\n' }
    expect(await installer(listed('httpx\n-r sub/base.txt\n', more))).toBe('pip: python.installer.line sub/base.txt:2')
    expect(await installer(listed('httpx\n-c c.txt\n', more))).toBe('pip: python.installer.line c.txt:2')
  })

  test('a directory of the source', async () => {
    const more = { 'pkg/setup.py': 'from setuptools import setup\nsetup(name="pkg")\n' }
    expect(await installer(listed('httpx\n./pkg\n', more))).toBe('pip: python.installer.local requirements.txt:2')
    expect(await installer(listed('httpx\n-e ./pkg\n', more))).toBe('pip: python.installer.local requirements.txt:2')
  })

  test('a lock with hashes', async () => {
    const lock = { default: { six: { version: '==1.16.0', hashes: [`sha256:${'0'.repeat(64)}`] } } }
    const tree = { ...main, Pipfile: '[packages]\nsix = "*"\n', 'Pipfile.lock': JSON.stringify(lock) }
    expect(await installer(tree)).toBe('pip: python.installer.line')
  })

  test('on a Python that has no uv', async () => {
    expect(await installer(listed('httpx\n', { '.python-version': '3.7\n' }))).toBe('pip: python.installer.version')
    expect(await installer(listed('httpx\n', { '.python-version': '3.6.15\n' }))).toBe('pip: python.installer.version')
    expect(await installer(listed('httpx\n', { '.python-version': '3.8\n' }))).toBe('uv: python.installer.uv')
  })

  test('on a base image of its own', async () => {
    expect(await installer(listed('httpx\n'), { base: { image: 'example.com/python:3.11' } })).toBe('pip: python.installer.base')
    expect(await installer(listed('httpx\n'), { base: { distro: 'trixie' } })).toBe('uv: python.installer.uv')
  })
})

describe('the configuration', () => {
  test('names one, against the rules; what lost is told', async () => {
    expect(await installer(listed('httpx\n'), { installer: 'pip' })).toBe('pip: config.installer')
    expect(await installer(listed('--pre\nhttpx\n'), { installer: 'uv' })).toBe('uv: config.installer')
    const { evidence } = await ok(listed('httpx\n'), { installer: 'pip' })
    const value = evidence.values.find(({ field }) => field === 'installer')!
    expect(value).toMatchObject({ override: 'installer', lost: [{ value: 'uv', evidence: { rule: 'python.installer.uv' } }] })
  })

  test('is refused where no list is installed', async () => {
    const npm = { 'index.js': 'console.log(1)', 'package.json': '{"main":"index.js","dependencies":{"zod":"^4"}}' }
    const answer = await refused(npm, { installer: 'uv' })
    expect(answer).toMatchObject({ code: 'invalid_config', message: '"installer" is uv, but the packages are installed by npm' })
  })
})

test('what a lock does not have comes beside it by pip', async () => {
  const lock = 'version = 1\nrequires-python = ">=3.11"\n[[package]]\nname = "a"\nversion = "1"\nsource = { virtual = "." }\n'
  const tree = { ...main, 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\n', 'uv.lock': lock }
  const { plan, why } = await ok(tree, { dependencies: { add: ['httpx'] } })
  const beside = plan.steps.find((step) => step.kind === 'python' && step.manager === 'pip')
  expect(beside).toMatchObject({ manifests: ['requirements.more.txt'] })
  expect(beside).not.toHaveProperty('installer')
  expect(why('installer')).toBe('nothing')
})
