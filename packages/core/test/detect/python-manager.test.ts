import { describe, expect, test } from 'vitest'
import { ok, refused } from '../plan/planning.ts'

const main = { 'main.py': 'print(1)\n' }
const lock = (...names: string[]): string =>
  `version = 1\n${names.map((name) => `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "https://pypi.org/simple" }\n`).join('')}`
const poetryLock = (...names: string[]): string =>
  `${names.map((name) => `[[package]]\nname = "${name}"\nversion = "1.0"\nfiles = []\n`).join('')}\n[metadata]\nlock-version = "2.0"\n`
const pyproject =
  '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "requests>=2",\n  "Typing_Extensions[a]; python_version < \'3.12\'",\n]\n[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n[project.optional-dependencies]\ndocs = ["sphinx"]\n'

describe('requirements.txt', () => {
  test('is read with its includes, comments, continuations and options', async () => {
    const found = await ok({
      ...main,
      'requirements.txt':
        '# ours\n-r more/base.txt # again\n--extra-index-url https://example.com/simple\nOpenAI >=1.0 , <4 # model\nrequests == 2.31.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n-c limits.txt\n',
      'more/base.txt': 'Flask_Cors[x,Y]~=4.0 ; python_version > "3.8"\n-r ../requirements.txt\n',
      'limits.txt': 'urllib3<3\n',
    })
    expect(found.packages).toEqual(['flask-cors[x,y]~=4.0', 'openai>=1.0,<4', 'requests==2.31.0'])
    expect(found.steps).toEqual(['image pip requirements.txt more/base.txt limits.txt', 'image copy source:. .'])
    expect(found.evidence.dependencies.map(({ evidence }) => `${evidence.file}:${evidence.line}`)).toEqual([
      'more/base.txt:1',
      'requirements.txt:4',
      'requirements.txt:5',
    ])
    expect(found.why('packageManager')).toBe('python.manager.requirements requirements.txt:1')
  })
  test('a comment ends what goes on, and a million lines that go on are soon read', async () => {
    const text = `requests \\\n# why \\\nrich\n\\\n\\\nhttpx \\\n  >=0.27${' \\\n'.repeat(1_000_000)}\n`
    const found = await ok({ ...main, 'requirements.txt': text })
    expect(found.packages).toEqual(['requests', 'rich', 'httpx>=0.27'])
    expect(found.evidence.dependencies.map(({ evidence }) => evidence.line)).toEqual([1, 3, 4])
  })
  test('in UTF-16, as PowerShell writes it', async () => {
    const text = '\uFEFFrequests==2.31.0\r\n'
    const bytes = new Uint8Array(text.split('').flatMap((char) => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8]))
    expect((await ok({ ...main, 'requirements.txt': bytes })).packages).toEqual(['requests==2.31.0'])
  })
  test('a URL, git and a path', async () => {
    const found = await ok({
      ...main,
      'requirements.txt': 'a @ https://example.com/a.whl\ngit+https://github.com/x/b@v1#egg=b\n-e .\n./local[x]\n',
    })
    expect(found.packages).toEqual(['a@ https://example.com/a.whl', 'b@ git+https://github.com/x/b@v1#egg=b'])
    expect(found.steps).toEqual([
      'build system ca-certificates git',
      'build copy source:. .',
      'build pip requirements.txt',
      'image copy build:/usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages',
      'image copy build:/usr/local/bin /usr/local/bin',
      'image copy source:. .',
    ])
  })
  test.each([
    ['openai\nrequests=2\n', 'requirements.txt:2'],
    ['openai\n\n??\n', 'requirements.txt:3'],
    ['-r nothing.txt\n', 'requirements.txt:1'],
    ['a\n-r ../../etc/passwd\n', 'requirements.txt:2'],
  ])('what is wrong has a place: %j', async (text, place) => {
    expect(await refused({ ...main, 'requirements.txt': text })).toMatchObject({ code: 'invalid_manifest', place })
  })
  test.each([
    ['../base.txt', '.', 'requirements.txt:2 includes ../base.txt, which leaves the source'],
    ['more/../../base.txt', '.', 'requirements.txt:2 includes more/../../base.txt, which leaves the source'],
    [
      '../../base.txt',
      'services/api',
      'services/api/requirements.txt:2 includes ../../base.txt, which leaves services/api, the directory that is built',
    ],
    ['../../../base.txt', 'services/api', 'services/api/requirements.txt:2 includes ../../../base.txt, which leaves the source'],
    ['/etc/base.txt', '.', 'requirements.txt:2 includes /etc/base.txt, which is a path of a machine, not of the source'],
    ['base.txt', '.', 'requirements.txt:2 includes base.txt, which is no file of the source'],
    ['binary.txt', '.', 'requirements.txt:2 includes binary.txt, which is no readable text'],
  ])('an include of %s in %s is refused for what is wrong with it', async (target, unit, message) => {
    const place = unit === '.' ? '' : `${unit}/`
    for (const option of ['-r', '-c']) {
      const own = { [`${place}main.py`]: 'print(1)\n', [`${place}requirements.txt`]: `a\n${option} ${target}\n` }
      expect(await refused({ ...own, 'binary.txt': new Uint8Array([1, 0, 255]), 'services/base.txt': 'b\n' }, { unit })).toMatchObject({
        ...{ code: 'invalid_manifest', message, place: `${place}requirements.txt:2` },
      })
    }
  })
  test('an include that is wrong has its own place', async () => {
    expect(await refused({ ...main, 'requirements.txt': '-r b.txt', 'b.txt': 'ok\n!!\n' })).toMatchObject({
      code: 'invalid_manifest',
      place: 'b.txt:2',
    })
  })
  test('an empty one declares as little as none', async () => {
    expect((await ok({ 'main.py': 'import requests\n', 'requirements.txt': '# nothing yet\n' })).plan.dependencies).toMatchObject([
      { name: 'requests', origin: 'inferred' },
    ])
  })
  test('loose versions are said', async () => {
    expect((await ok({ ...main, 'requirements.txt': 'a==1.0\nb>=2\n' })).notices.find(({ code }) => code === 'no_lock')).toMatchObject({
      line: 2,
    })
    expect((await ok({ ...main, 'requirements.txt': 'a==1.0\n' })).codes).not.toContain('no_lock')
  })
})

describe('uv', () => {
  test('installs from its lock in a build stage', async () => {
    const found = await ok({ ...main, 'pyproject.toml': pyproject, 'uv.lock': lock('requests', 'typing-extensions') })
    expect(found.plan.packageManager).toBe('uv')
    expect(found.plan.toolchains).toEqual([{ name: 'uv', version: '0.13' }])
    expect(found.packages).toEqual(['requests>=2', 'typing-extensions[a]', 'sphinx', 'pytest'])
    expect(found.plan.dependencies.map(({ group }) => group)).toEqual(['default', 'default', 'docs', 'dev'])
    expect(found.steps).toEqual(['build uv pyproject.toml uv.lock', 'image copy build:/opt/venv /opt/venv', 'image copy source:. .'])
    expect(found.evidence.dependencies[1]?.evidence).toMatchObject({ file: 'pyproject.toml', line: 6 })
  })
  test('beats requirements.txt, which is shown', async () => {
    const found = await ok({ ...main, 'pyproject.toml': pyproject, 'uv.lock': lock('requests'), 'requirements.txt': 'a==1' })
    expect(found.plan.packageManager).toBe('uv')
    expect(found.evidence.values.find(({ field }) => field === 'packageManager')?.lost.map(({ value }) => value)).toContain('pip')
  })
  test('packages of the source itself need the source first', async () => {
    const member = `${lock('requests')}[[package]]\nname = "own"\nversion = "1"\nsource = { editable = "packages/own" }\n`
    expect((await ok({ ...main, 'pyproject.toml': pyproject, 'uv.lock': member })).steps[0]).toBe('build copy source:. .')
  })
  test('what the lock does not have comes beside it', async () => {
    const found = await ok(
      { 'app.py': 'from fastapi import FastAPI\napp = FastAPI()\n', 'pyproject.toml': pyproject, 'uv.lock': lock('fastapi') },
      { dependencies: { add: ['rich>=13'] } },
    )
    expect(found.steps.slice(0, 3)).toEqual([
      'build uv pyproject.toml uv.lock',
      'build write requirements.more.txt "rich>=13\\nuvicorn\\n"',
      'build pip requirements.more.txt',
    ])
  })
  test('a name that another one begins with has its own line', async () => {
    const list =
      '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "requests-oauthlib>=1",\n  \'requests\',\n  "es\\u0063aped",\n]\n'
    const found = await ok({ ...main, 'pyproject.toml': list })
    expect(found.evidence.dependencies.map(({ name, evidence }) => `${name}:${evidence.line}`)).toEqual([
      'requests-oauthlib:5',
      'requests:6',
      'escaped:4',
    ])
  })
  test('groups of the configuration', async () => {
    expect((await ok({ ...main, 'pyproject.toml': pyproject, 'uv.lock': lock('requests') }, { groups: { add: ['docs'] } })).steps[0]).toBe(
      'build uv pyproject.toml uv.lock +docs',
    )
  })
})

describe('poetry', () => {
  const project =
    '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.11"\nrequests = "^2.3"\nmodel = {version = ">=1", extras = ["fast"], optional = true}\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n'
  test('with a lock of poetry 1', async () => {
    const found = await ok({ ...main, 'pyproject.toml': project, 'poetry.lock': poetryLock('requests') })
    expect(found.plan).toMatchObject({ packageManager: 'poetry', toolchains: [{ name: 'poetry', version: '1.8' }] })
    expect(found.packages).toEqual(['requests^2.3', 'model[fast]>=1', 'pytest'])
    expect(found.steps[0]).toBe('build poetry pyproject.toml poetry.lock')
  })
  const hash = `sha256:${'a'.repeat(64)}`
  const newLock = (more = ''): string =>
    `[[package]]\nname = "Requests_X"\nversion = "2.3"\noptional = false\ngroups = ["main", "dev"]\nmarkers = "sys_platform == \\"linux\\""\nfiles = [{file = "a.whl", hash = "${hash}"}]\n${more}
[[package]]\nname = "pytest"\nversion = "8.0"\noptional = false\ngroups = ["dev"]\nfiles = [{file = "b.whl", hash = "${hash}"}]\n
[[package]]\nname = "model"\nversion = "1.0"\noptional = true\ngroups = ["main"]\nfiles = [{file = "b.whl", hash = "${hash}"}]\n
[metadata]\nlock-version = "2.1"\n`
  test('with a lock of poetry 2 pip installs what the lock lists, by its hashes', async () => {
    const found = await ok({ ...main, 'pyproject.toml': project, 'poetry.lock': newLock() })
    expect(found.plan).toMatchObject({ packageManager: 'poetry', toolchains: [] })
    expect(found.plan.steps[0]).toMatchObject({ text: `requests-x==2.3 ; sys_platform == "linux" \\\n    --hash=${hash}\n` })
    expect(found.steps.slice(1)).toEqual(['image pip requirements.kiln.txt', 'image copy source:. .'])
  })
  test('its groups, and packages beside it', async () => {
    const found = await ok(
      { ...main, 'pyproject.toml': project, 'poetry.lock': newLock() },
      { groups: { add: ['dev'] }, dependencies: { add: ['rich'] } },
    )
    expect((found.plan.steps[0] as { text: string }).text).toContain('pytest==8.0')
    expect(found.steps.slice(1, 4)).toEqual([
      'image pip requirements.kiln.txt +dev',
      'image write requirements.more.txt "rich\\n"',
      'image pip requirements.more.txt',
    ])
  })
  test('packages from elsewhere need poetry itself', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': project,
      'poetry.lock': newLock('[package.source]\ntype = "legacy"\nurl = "https://example.com/simple"\n'),
    })
    expect(found.plan.toolchains).toEqual([{ name: 'poetry', version: '2' }])
    expect(found.steps[0]).toBe('build poetry pyproject.toml poetry.lock')
  })
  test('without a lock its ranges become those of pip', async () => {
    const found = await ok({ ...main, 'pyproject.toml': project })
    expect(found.steps.slice(0, 2)).toEqual(['image write requirements.txt "requests>=2.3,<3\\n"', 'image pip requirements.txt'])
    expect(found.codes).toContain('no_lock')
  })
  test('two locks: one is taken, and it is said', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': `${project}[project]\nname = "x"\n`,
      'poetry.lock': poetryLock('requests'),
      'uv.lock': lock('requests'),
    })
    expect(found.plan.packageManager).toBe('uv')
    expect(found.notices.find(({ code }) => code === 'several_locks')?.fix).toEqual({ packageManager: 'poetry' })
    const other = await ok(
      { ...main, 'pyproject.toml': project, 'poetry.lock': poetryLock('requests'), 'uv.lock': lock('requests') },
      { packageManager: 'poetry' },
    )
    expect(other.plan.packageManager).toBe('poetry')
  })
})

describe('pyproject.toml without a lock', () => {
  test('its dependencies become requirements', async () => {
    const found = await ok({ ...main, 'pyproject.toml': pyproject })
    expect(found.plan.packageManager).toBe('pip')
    expect(found.steps[0]).toBe('image write requirements.txt "requests>=2\\nTyping_Extensions[a]; python_version < \'3.12\'\\n"')
    expect(found.why('packageManager')).toBe('python.manager.project pyproject.toml:4')
  })
  test('one that only configures tools declares nothing', async () => {
    expect(
      (await ok({ 'main.py': 'import requests\n', 'pyproject.toml': '[tool.ruff]\nline-length = 100\n' })).plan.dependencies,
    ).toMatchObject([{ origin: 'inferred' }])
  })
  test('what is no requirement has its line', async () => {
    expect(
      await refused({ ...main, 'pyproject.toml': '[project]\nname = "x"\ndependencies = [\n  "ok",\n  "not ok",\n]\n' }),
    ).toMatchObject({ code: 'invalid_manifest', place: 'pyproject.toml:5' })
  })
  test('what is no TOML has its line', async () => {
    expect(await refused({ ...main, 'pyproject.toml': '[project]\nname = \n' })).toMatchObject({
      code: 'invalid_manifest',
      place: 'pyproject.toml:2',
    })
    expect(await refused({ ...main, 'pyproject.toml': pyproject, 'uv.lock': 'version = 1\n<<<<<<< HEAD\n' })).toMatchObject({
      code: 'invalid_manifest',
      place: 'uv.lock:2',
    })
  })
})

test('requirements of the configuration take the place of the file', async () => {
  const found = await ok({ ...main, 'requirements.txt': 'a==1\n' }, { requirements: 'b==2\n' })
  expect(found.packages).toEqual(['b==2'])
  expect(found.steps[0]).toBe('image write requirements.kiln.txt "b==2\\n"')
  expect(found.codes).toContain('requirements_replaced')
})

test('nothing declared: packages come from the imports', async () => {
  const found = await ok({ 'agent.py': 'from openai import OpenAI\nimport requests\nimport nosuchpkgxyz\n' })
  expect(found.packages).toEqual(['openai>=1.0', 'requests'])
  expect(found.steps[0]).toBe('image write requirements.txt "openai>=1.0\\nrequests\\n"')
  expect(found.codes).toEqual(expect.arrayContaining(['dependencies_inferred', 'unresolved_import']))
  expect(found.evidence.unresolved).toMatchObject([{ import: 'nosuchpkgxyz', evidence: { file: 'agent.py', line: 3 } }])
})

test.each([
  ['import nosuchpkgxyz\n', 'No package is installed for the import nosuchpkgxyz: no known package provides nosuchpkgxyz.'],
  ['import urllib2\n', 'No package is installed for the import urllib2: urllib2 is a module of Python 2.'],
])('why nothing is installed for an import: %s', async (text, message) => {
  const { notices } = await ok({ 'agent.py': text })
  expect(notices.find(({ code }) => code === 'unresolved_import')).toMatchObject({ message, file: 'agent.py', line: 1 })
})

test('an import that nothing brings is said', async () => {
  const tree = { 'main.py': 'import requests\nimport flask\nimport urllib3\n' }
  const notice = (await ok({ ...tree, 'requirements.txt': 'requests==2.31.0\n' })).notices.filter(
    ({ code }) => code === 'undeclared_import',
  )
  expect(notice).toMatchObject([{ file: 'main.py', line: 2, fix: { dependencies: { add: ['flask'] } } }])
})

test('a file that a tool reads asks for its package only where nothing is declared', async () => {
  const tree = { 'main.py': 'import requests\n', 'pcc-deploy.toml': 'agent_name = "x"\n' }
  expect((await ok(tree)).packages).toEqual(['pipecatcloud', 'requests'])
  expect((await ok({ ...tree, 'requirements.txt': 'requests==2.31.0\n' })).codes).not.toContain('undeclared_import')
})

test('a Flask or Django application without a server gets gunicorn, also where packages are inferred', async () => {
  const flask = 'from flask import Flask\napp = Flask(__name__)\n'
  expect((await ok({ 'app.py': flask })).packages).toEqual(['flask', 'gunicorn'])
  expect((await ok({ 'app.py': flask })).codes).toContain('server_added')
})

describe('a script block (PEP 723)', () => {
  const block = (...lines: string[]): string =>
    ['#!/usr/bin/env python', '# /// script', ...lines.map((line) => `# ${line}`), '# ///', 'import httpx, rich', ''].join('\n')
  const full = block('requires-python = ">=3.11,<3.13"', 'dependencies = [', '  "httpx<1",', '  "Rich>=13",', ']')

  test('declares packages and the version, with their lines', async () => {
    const found = await ok({ 'fetch.py': full })
    expect(found.packages).toEqual(['httpx<1', 'rich>=13'])
    expect(found.evidence.dependencies[1]?.evidence).toMatchObject({ rule: 'python.dependency.script-block', file: 'fetch.py', line: 6 })
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toBe('python.version.script-block fetch.py:3')
    expect(found.why('packageManager')).toBe('python.manager.script-block fetch.py:4')
    expect(found.steps).toEqual([
      'image write requirements.txt "httpx<1\\nRich>=13\\n"',
      'image pip requirements.txt',
      'image copy source:. .',
    ])
    expect(found.codes).not.toContain('dependencies_inferred')
    expect(found.codes).not.toContain('default_version')
  })
  test('another manifest goes before it, which is said; what is no block is none', async () => {
    const found = await ok({ 'fetch.py': full, 'requirements.txt': 'httpx==0.28\n' })
    expect(found.packages).toEqual(['httpx==0.28'])
    expect(found.notices.find(({ code }) => code === 'manifest_not_read')).toMatchObject({ file: 'fetch.py', line: 2 })
    expect((await ok({ 'fetch.py': full.replace('# ///\nimport', 'import') })).codes).toContain('dependencies_inferred')
  })
  test('without packages they are inferred; sources of uv are not read', async () => {
    const found = await ok({
      'fetch.py': block('requires-python = ">=3.13"', '[tool.uv.sources]', 'httpx = { git = "https://x.example/h" }'),
    })
    expect(found.codes).toEqual(expect.arrayContaining(['dependencies_inferred', 'manifest_not_read']))
    expect(found.plan.runtime.version).toBe('3.14')
  })
  test.each([
    [['dependencies = ['], 'fetch.py:3'],
    [['dependencies = [', '  "a",', '  "not a name",', ']'], 'fetch.py:5'],
    [['dependencies = ["a\\n-r x"]'], 'fetch.py:3'],
    [['requires-python = "banana"'], 'fetch.py:3'],
  ])('%j is broken', async (lines, place) => {
    expect(await refused({ 'fetch.py': block(...lines) })).toMatchObject({ code: 'invalid_manifest', place })
  })
  test('it is read in the file that starts alone', async () => {
    const found = await ok({ 'main.py': 'import httpx\nimport fetch\n', 'fetch.py': full })
    expect(found.codes).toContain('dependencies_inferred')
  })
})

describe('a directory of the source among the requirements', () => {
  const project =
    '[project]\nname = "x"\nversion = "1"\ndependencies = [\n  "requests>=2",\n  "psycopg2",\n]\n[project.optional-dependencies]\nweb = ["httpx"]\ndev = ["rich"]\n'
  const tree = { 'main.py': 'import requests, httpx, psycopg2\n', 'pyproject.toml': project }

  test('brings what its pyproject.toml declares, with the line', async () => {
    const found = await ok({ ...tree, 'requirements.txt': '-e .[web]\n' })
    expect(found.codes).not.toContain('undeclared_import')
    expect(found.codes).not.toContain('no_lock')
    expect(found.packages).toEqual(['requests>=2', 'psycopg2', 'httpx'])
    expect(found.evidence.dependencies[0]?.evidence).toMatchObject({ file: 'pyproject.toml', line: 5 })
    expect(found.steps).toContain('build pip requirements.txt')
    expect(found.plan.systemPackages).toEqual(['libpq5'])
  })
  test('an extra that is not asked for is not brought; what the file names itself is its own', async () => {
    const found = await ok({ ...tree, 'requirements.txt': 'requests==2.32.0\n-e ./\n' })
    expect(found.packages).toEqual(['requests==2.32.0', 'psycopg2'])
    expect(found.notices.find(({ code }) => code === 'undeclared_import')?.message).toContain('httpx')
  })
  test('of another directory, and of poetry', async () => {
    const poetry = '[tool.poetry]\nname = "y"\n[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = "^0.28"\n'
    const found = await ok({ 'main.py': 'import httpx', 'requirements.txt': './libs/y\n', 'libs/y/pyproject.toml': poetry })
    expect(found.packages).toEqual(['httpx^0.28'])
    expect(found.evidence.dependencies[0]?.evidence).toMatchObject({ file: 'libs/y/pyproject.toml', line: 5 })
  })
  const setup = `# setup(install_requires=["no"])
from setuptools import setup, find_packages

this.setup(0)

def version(): return "setup(install_requires=['no'])"

setup(
    name="x", packages=find_packages(), version=version(),
    install_requires=[  # what it needs
        "requests>=2",
        'psycopg2', "htt" "px; python_version > '3.8'",
    ],
    extras_require={"web": ["rich[jupyter]"], "dev": ("black",)},
)
`

  test('brings what a setup.py lists, which is read and never run', async () => {
    const program = { 'main.py': 'import requests, httpx, psycopg2, rich\n', 'setup.py': setup }
    const found = await ok({ ...program, 'requirements.txt': '-e .[web]\n' })
    expect(found.packages).toEqual(['requests>=2', 'psycopg2', 'httpx', 'rich[jupyter]'])
    expect(found.evidence.dependencies.map(({ evidence }) => `${evidence.file}:${evidence.line}`)).toEqual([
      'setup.py:11',
      'setup.py:12',
      'setup.py:12',
      'setup.py:14',
    ])
    expect(found.plan.systemPackages).toEqual(['libpq5'])
    expect(found.codes).not.toContain('undeclared_import')
    expect(found.codes).not.toContain('manifest_not_read')
    const below = await ok({ 'main.py': '', 'libs/y/setup.py': setup, 'requirements.txt': './libs/y\n' })
    expect(below.packages).toEqual(['requests>=2', 'psycopg2', 'httpx'])
  })

  test.each([
    ['a variable', 'from setuptools import setup\nneeds = ["a"]\nsetup(name="x",\n  install_requires=needs)\n', 4],
    ['a sum', 'import setuptools\nsetuptools.setup(install_requires=["a"] + more)\n', 2],
    ['a member that is no text', 'setup(\n\n install_requires=["a", read("b")],)', 3],
    ['no requirement', 'setup(install_requires=["not a name"])', 1],
    ['keywords of a variable', 'x = 1\nsetup(**given)', 2],
    ['no call', 'print("hello")\n', 1],
    ['a list without an end', '\nsetup(install_requires=["a",', 2],
    ['extras that are a variable', 'setup(install_requires=["a"],\n extras_require=extras)', 2],
    ['extras that are not there', 'setup(install_requires=["a"],\n extras_require={"other": []})', 2],
    ['two calls', 'if x:\n  setup(install_requires=["a"])\nelse:\n  setup(install_requires=["b"])', 4],
  ])('of a setup.py that only a run could tell, %s, is told with the line', async (_what, text, line) => {
    const found = await ok({ 'main.py': '', 'setup.py': text, 'requirements.txt': '-e .[web]\n' })
    expect(found.notices.filter(({ code }) => code === 'manifest_not_read')).toEqual([
      expect.objectContaining({ file: 'setup.py', line }) as unknown,
    ])
  })

  test('extras of [project] are brought where the rest is left to setup.py', async () => {
    const declared = '[project]\nname = "x"\ndynamic = ["dependencies"]\n[project.optional-dependencies]\nweb = ["httpx"]\n'
    const source = { 'main.py': '', 'setup.py': 'import distutils.core\ndistutils.core.setup(install_requires="a\\nb")\n' }
    const found = await ok({ ...source, 'pyproject.toml': declared, 'requirements.txt': '-e .[web]\n' })
    expect(found.packages).toEqual(['httpx'])
    const plain = { 'setup.py': 'distutils.core.setup(install_requires="""\na\nb>1\n""")\n' }
    expect((await ok({ ...source, ...plain, 'pyproject.toml': declared, 'requirements.txt': '-e .[web]\n' })).packages).toEqual([
      'httpx',
      'a',
      'b>1',
    ])
  })

  test('a large setup.py is read in time that grows with its length alone', async () => {
    const many = Array.from({ length: 900 }, (_, i) => `"p${i}",`).join('\n')
    const text = `x = [\n${'"data",\n'.repeat(200_000)}]\nsetup(install_requires=[\n${many}\n])\n`
    const found = await ok({ 'main.py': '', 'setup.py': text, 'requirements.txt': '-e .\n' })
    expect(found.evidence.dependencies.at(-1)?.evidence.line).toBe(200_903)
  })

  test.each([
    ['nothing to install', { 'setup.py': 'from setuptools import setup\nsetup(name="x")\n' }, []],
    [
      'a setup.cfg that has it elsewhere',
      { 'setup.py': 'setup()', 'setup.cfg': '[options]\n\ninstall_requires = file: a.txt\n' },
      ['setup.cfg:3'],
    ],
    ['a [project] that declares it', { 'setup.py': 'setup(install_requires=x)', 'pyproject.toml': '[project]\nname = "x"\n' }, []],
    ['a [build-system] alone beside it', { 'setup.py': 'setup(install_requires=x)', 'pyproject.toml': '[build-system]\n' }, ['setup.py:1']],
    [
      'a [project] that leaves it to setup.py',
      { 'setup.py': 'setup(install_requires=x)', 'pyproject.toml': '[project]\nname = "x"\ndynamic = ["dependencies"]\n' },
      ['setup.py:1'],
    ],
  ])('a setup.py with %s', async (_what, given, places) => {
    const found = await ok({ 'main.py': '', ...given, 'requirements.txt': '-e .\n' })
    expect(found.notices.filter(({ code }) => code === 'manifest_not_read').map(({ file, line }) => `${file}:${line}`)).toEqual(places)
    expect(found.packages).toEqual([])
  })

  test('cannot be taken away by the configuration', async () => {
    const { code, message } = await refused({ ...tree, 'requirements.txt': '-e .\n' }, { dependencies: { remove: ['requests'] } })
    expect({ code, message }).toEqual({
      code: 'invalid_config',
      message: '"dependencies.remove" cannot change what pyproject.toml asks for',
    })
  })
})
