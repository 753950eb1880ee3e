import { describe, expect, test } from 'vitest'
import { ok, refused, type Tree } from '../plan/planning.ts'

// The rows of the reference for managers and versions of Python (2.1 and 2.2) that other files do not have.

const main = { 'main.py': 'print(1)\n' }
const hash = (letter: string): string => `sha256:${letter.repeat(64)}`
const project = (dependencies: string, more = ''): string =>
  `[project]\nname = "x"\nversion = "1"\ndependencies = [${dependencies}]\n${more}`
const written = (steps: readonly string[]): string => steps.find((step) => step.includes(' write ')) ?? 'nothing'

describe('pdm', () => {
  const pack = (name: string, more: string): string =>
    `[[package]]\nname = "${name}"\nversion = "1.0"\n${more}files = [{file = "${name}-1.0-py3-none-any.whl", hash = "${hash('a')}"}]\n`
  const lock = (text: string): string =>
    `[metadata]\nlock_version = "4.5.0"\n[[metadata.targets]]\nrequires_python = ">=3.10,<3.13"\n${text}`
  test('its lock by groups, with hashes, by pip', async () => {
    const tree = {
      ...main,
      'pyproject.toml': project(
        '"web[x]"',
        '[dependency-groups]\ndev = ["check"]\n[[tool.pdm.source]]\nname = "ours"\nurl = "https://x.example/simple"\n',
      ),
      'pdm.lock': lock(
        pack('web', 'groups = ["default"]\n') +
          pack('web', 'extras = ["x"]\ngroups = ["default"]\nmarker = ""\n') +
          pack('check', 'groups = ["dev"]\n') +
          pack('old', 'groups = ["default"]\nmarker = "python_version < \\"3.11\\""\n'),
      ),
    }
    const found = await ok(tree)
    expect(found.plan.packageManager).toBe('pdm')
    expect(found.why('packageManager')).toBe('python.manager.pdm-lock pdm.lock:1')
    expect(written(found.steps)).toBe(
      `image write requirements.kiln.txt ${JSON.stringify(`--extra-index-url https://x.example/simple\nold==1.0 ; python_version < "3.11" \\\n    --hash=${hash('a')}\nweb[x]==1.0 \\\n    --hash=${hash('a')}\n`)}`,
    )
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toBe('python.version.lock pdm.lock:4')
    expect(written((await ok(tree, { groups: { add: ['dev'] } })).steps)).toContain('check==1.0')
  })
  test('a lock without groups: what the project needs, followed through it', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': project('"web"'),
      'pdm.lock': lock(pack('web', 'dependencies = ["deep>=1; python_version > \'3\'"]\n') + pack('deep', '') + pack('other', '')),
    })
    expect(written(found.steps)).toContain('deep==1.0')
    expect(written(found.steps)).not.toContain('other')
  })
  test('git and directories: without hashes, with git and the source', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': project('"a", "b"'),
      'pdm.lock': lock(
        '[[package]]\nname = "a"\nversion = "1"\ngit = "https://x.example/a.git"\nrevision = "abc"\ngroups = ["default"]\n[[package]]\nname = "b"\nversion = "1"\npath = "./libs/b"\ngroups = ["default"]\n',
      ),
      'libs/b/pyproject.toml': project(''),
    })
    expect(found.steps[0]).toBe('build system ca-certificates git')
    expect(written(found.steps)).toContain('a @ git+https://x.example/a.git@abc\\n./libs/b')
    expect(found.steps).toContain('build copy source:. .')
  })
})

describe('pylock.toml', () => {
  test('by pip, with hashes and without the groups that are not asked for', async () => {
    const found = await ok({
      ...main,
      'pylock.toml': `lock-version = "1.0"\nrequires-python = "==3.12.*"\n[[packages]]\nname = "Web_App"\nversion = "1.0"\nwheels = [{ name = "web_app-1.0-py3-none-any.whl", url = "https://x/web_app-1.0-py3-none-any.whl", hashes = { sha256 = "${'b'.repeat(64)}" } }]\n[[packages]]\nname = "check"\nversion = "1.0"\nmarker = "'dev' in dependency_groups"\nwheels = []\n[[packages]]\nname = "self"\ndirectory = { path = "." }\n`,
    })
    expect(found.why('packageManager')).toBe('python.manager.pylock pylock.toml:1')
    expect(written(found.steps)).toBe(`image write requirements.kiln.txt ${JSON.stringify(`web-app==1.0 \\\n    --hash=${hash('b')}\n`)}`)
    expect(found.plan.runtime.version).toBe('3.12')
  })
})

describe('pipenv', () => {
  const pipfile =
    '[[source]]\nurl = "https://pypi.org/simple"\nname = "pypi"\n[[source]]\nurl = "https://x.example/simple"\nname = "x"\n[packages]\nweb = {version = "~=2.0", extras = ["a"], markers = "python_version > \'3.8\'"}\nany = "*"\ngit-one = {git = "https://x.example/g.git", ref = "v1"}\n[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.12"\n'
  test('its lock, by pip', async () => {
    const found = await ok({
      ...main,
      Pipfile: pipfile,
      'Pipfile.lock': JSON.stringify({
        _meta: { sources: [{ url: 'https://y.example/simple' }, { url: 'https://pypi.org/simple' }], requires: { python_version: '3.12' } },
        default: {
          web: { version: '==2.1', extras: ['a'], hashes: [hash('c')], markers: "python_version >= '3.8'" },
          any: { version: '==1.0', hashes: [hash('d')] },
          'git-one': { version: '==1', hashes: [hash('e')] },
        },
        develop: { pytest: { version: '==8.0', hashes: [hash('e')] } },
      }),
    })
    expect(found.plan.packageManager).toBe('pipenv')
    expect(found.why('packageManager')).toBe('python.manager.pipfile-lock Pipfile.lock:1')
    expect(written(found.steps)).toContain(`"--index-url https://y.example/simple\\nany==1.0 \\\\\\n    --hash=${hash('d')}`)
    expect(written(found.steps)).toContain("web[a]==2.1 ; python_version >= '3.8'")
    expect(written(found.steps)).not.toContain('pytest')
    expect(found.packages).toEqual(['web[a]~=2.0', 'any', 'git-one', 'pytest'])
    expect(found.why('runtime.version')).toBe('python.version.pipfile Pipfile:14')
    expect(found.plan.runtime.version).toBe('3.12')
  })
  test('a Pipfile without a lock', async () => {
    const found = await ok({ ...main, Pipfile: pipfile })
    expect(found.why('packageManager')).toBe('python.manager.pipfile Pipfile:8')
    expect(found.steps.find((step) => step.includes(' write '))).toBe(
      `build write requirements.txt ${JSON.stringify("--extra-index-url https://x.example/simple\nweb[a]~=2.0 ; python_version > '3.8'\nany\ngit-one @ git+https://x.example/g.git@v1\n")}`,
    )
    expect(found.codes).toContain('no_lock')
  })
  test('a lock that is older than the Pipfile is said', async () => {
    const lock = JSON.stringify({ _meta: {}, default: { web: { version: '==1.0', hashes: [hash('c')] } } })
    const stale = await ok({ ...main, Pipfile: '[packages]\nweb = ">=2"\n', 'Pipfile.lock': lock })
    expect(stale.notices).toContainEqual(expect.objectContaining({ code: 'stale_lock', file: 'Pipfile', line: 2 }))
    expect((await ok({ ...main, Pipfile: '[packages]\nweb = "<2"\n', 'Pipfile.lock': lock })).codes).not.toContain('stale_lock')
  })
  test('a Pipfile goes before a requirements file', async () => {
    const found = await ok({ ...main, Pipfile: '[packages]\nweb = "*"\n', 'requirements.txt': 'other==1\n' })
    expect(found.packages).toEqual(['web'])
  })
})

describe('conda', () => {
  const environment = (text: string): Tree => ({
    ...main,
    'environment.yml': `name: x\nchannels:\n  - conda-forge\ndependencies:\n${text}`,
  })
  test('Python packages by pip from PyPI, tools from the distribution, the version of Python', async () => {
    const found = await ok(
      environment(
        '  - python=3.12\n  - conda-forge::numpy=1.26=py312_0 # n\n  - "pandas>=2,<3"\n  - pytorch==2.3.1\n  - ffmpeg\n  - libgcc-ng=12\n  - pip\n  - pip:\n    - openai>=1\n    - -r more.txt\n',
      ),
    )
    expect(found.plan.packageManager).toBe('conda')
    expect(found.why('packageManager')).toBe('python.manager.conda environment.yml:5')
    expect(found.packages).toEqual(['numpy==1.26.*', 'pandas>=2,<3', 'torch==2.3.1', 'openai>=1'])
    expect(written(found.steps)).toBe(
      `image write requirements.txt ${JSON.stringify('numpy==1.26.*\npandas>=2,<3\ntorch==2.3.1\nopenai>=1\n-r more.txt\n')}`,
    )
    expect(found.plan.systemPackages).toContain('ffmpeg')
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toBe('python.version.conda environment.yml:5')
    expect(found.codes).toContain('conda_by_pip')
  })
  test('what PyPI does not have is said with its line', async () => {
    expect(await refused(environment('  - numpy\n  - r-base\n'))).toMatchObject({ code: 'unsupported_project', place: 'environment.yml:6' })
    expect(await refused(environment('  numpy: 1\n'))).toMatchObject({ code: 'invalid_manifest', place: 'environment.yml:5' })
  })
})

describe('setup.py and setup.cfg', () => {
  test('setup.cfg lists the packages and the version of Python', async () => {
    const found = await ok({
      ...main,
      'setup.py': 'from setuptools import setup\nsetup()\n',
      'setup.cfg':
        '[metadata]\nname = x\n[options]\npython_requires = >=3.10,<3.13\ninstall_requires =\n    requests>=2 ; python_version > "3.8"\n    rich\n',
    })
    expect(found.packages).toEqual(['requests>=2', 'rich'])
    expect(found.why('packageManager')).toBe('python.manager.setup setup.cfg:6')
    expect(written(found.steps)).toBe(`image write requirements.txt ${JSON.stringify('requests>=2 ; python_version > "3.8"\nrich\n')}`)
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toBe('python.version.setup-cfg setup.cfg:4')
  })
  test('setup.py by its literal lists', async () => {
    const found = await ok({ ...main, 'setup.py': 'from setuptools import setup\nsetup(install_requires=["httpx>=0.27"])\n' })
    expect(found.packages).toEqual(['httpx>=0.27'])
    expect(found.why('packageManager')).toBe('python.manager.setup setup.py:2')
  })
})

describe('locks and versions', () => {
  const uvLock = (range: string, ...packages: readonly string[]): string =>
    `version = 1\nrequires-python = "${range}"\n${packages.join('')}`
  const pack = (name: string, version: string, ...wheels: readonly string[]): string =>
    `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [${wheels.map((tags) => `{ url = "https://x/${name}-${version}-${tags}.whl", hash = "${hash('a')}" }`).join(', ')}]\n`
  const uv = (lock: string, more: Tree = {}): Tree => ({ ...main, 'pyproject.toml': project('"numpy"', ''), 'uv.lock': lock, ...more })
  const linux = (minor: number): string => `cp3${minor}-cp3${minor}-manylinux_2_17_x86_64.manylinux2014_x86_64`

  test('the newest Python that the locked native packages have wheels for', async () => {
    const found = await ok(uv(uvLock('>=3.10', pack('numpy', '1.26.4', linux(11), linux(12), 'cp314-cp314-win_amd64'))))
    expect(found.plan.runtime.version).toBe('3.12')
    const value = found.evidence.values.find(({ field }) => field === 'runtime.version')!
    expect(value.evidence).toMatchObject({ rule: 'python.version.lock', file: 'uv.lock', line: 2 })
    expect(value.evidence.says).toContain('3.12 is the newest for which numpy 1.26.4 has wheels too')
  })
  test('abi3 and pure wheels are for all later ones; two entries of a package together', async () => {
    expect((await ok(uv(uvLock('>=3.10', pack('numpy', '1', 'cp39-abi3-manylinux_2_28_x86_64'))))).plan.runtime.version).toBe('3.14')
    expect((await ok(uv(uvLock('>=3.10', pack('numpy', '1', linux(12), 'py3-none-any'))))).plan.runtime.version).toBe('3.14')
    expect((await ok(uv(uvLock('>=3.10', pack('numpy', '1', linux(10)), pack('numpy', '2', linux(13)))))).plan.runtime.version).toBe('3.13')
  })
  test('a wish only: a pin is stronger, and where nothing has wheels the range decides', async () => {
    const lock = uvLock('>=3.10', pack('numpy', '1', linux(12)))
    expect((await ok(uv(lock, { '.python-version': '3.13\n' }))).plan.runtime.version).toBe('3.13')
    expect((await ok(uv(uvLock('>=3.13', pack('numpy', '1', linux(12)))))).plan.runtime.version).toBe('3.14')
  })
  test('the range of a lock that contradicts a pin is an error with both places', async () => {
    const answer = await refused(uv(uvLock('>=3.12'), { '.python-version': '3.10\n' }))
    expect(answer).toMatchObject({ code: 'conflicting_constraints', place: '.python-version:1' })
    expect(answer.message).toContain('uv.lock:2 says >=3.12')
  })
  test("poetry's range in its lock", async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': '[tool.poetry]\nname = "x"\n',
      'poetry.lock': '[metadata]\nlock-version = "2.0"\npython-versions = "^3.10,<3.13"\n',
    })
    expect(found.plan.runtime.version).toBe('3.12')
  })
  test('python_version of langgraph.json', async () => {
    const found = await ok({ 'langgraph.json': '{\n  "python_version": "3.12",\n  "graphs": {"a": "./a.py:g"}\n}', 'a.py': 'g = 1\n' })
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toBe('python.version.langgraph langgraph.json:2')
  })
  test('a package that the lock lacks is said', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': project('"numpy>=2", "rich"'),
      'uv.lock': uvLock('>=3.10', pack('numpy', '2.1', 'py3-none-any')),
    })
    expect(found.notices).toContainEqual(expect.objectContaining({ code: 'stale_lock', file: 'pyproject.toml', line: 4 }))
  })
})

describe('an unlocked pyproject.toml', () => {
  test('sources and indexes of uv', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml': project(
        '"a[x]>=1", "b", "c"',
        '[tool.uv.sources]\na = { git = "https://x.example/a.git", tag = "v1" }\nb = { path = "libs/b" }\n[[tool.uv.index]]\nurl = "https://y.example/simple"\n[[tool.uv.index]]\nname = "torch"\nurl = "https://z.example/simple"\nexplicit = true\n',
      ),
      'libs/b/pyproject.toml': project(''),
    })
    expect(written(found.steps)).toBe(
      `build write requirements.txt ${JSON.stringify('--extra-index-url https://y.example/simple\na[x] @ git+https://x.example/a.git@v1\n./libs/b\nc\n')}`,
    )
    expect(found.steps[0]).toBe('build system ca-certificates git')
    expect(found.steps).toContain('build copy source:. .')
  })
  test('sources of poetry', async () => {
    const found = await ok({
      ...main,
      'pyproject.toml':
        '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\na = "^1.2"\n[[tool.poetry.source]]\nname = "y"\nurl = "https://y.example/simple"\npriority = "primary"\n',
    })
    expect(written(found.steps)).toBe(`image write requirements.txt ${JSON.stringify('--index-url https://y.example/simple\na>=1.2,<2\n')}`)
  })
})

test.each([
  ['cpython@3.12', '3.12'],
  ['cpython-3.12.4-linux-x86_64-gnu', '3.12.4'],
  ['# ours\n\n3.13\n3.12', '3.13'],
  ['>=3.10,<3.13', '3.12'],
])('.python-version: %j', async (text, version) => {
  expect((await ok({ ...main, '.python-version': `${text}\n` })).plan.runtime.version).toBe(version)
})
