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

describe('pixi', () => {
  const workspace = '[workspace]\nname = "x"\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n'
  const manifest = (text: string): Tree => ({ ...main, 'pixi.toml': workspace + text })
  const conda = 'https://conda.anaconda.org/conda-forge'
  const pypi = 'https://files.pythonhosted.org/packages/aa'

  test('packages of conda and of PyPI by pip, tools from the distribution, the version of Python', async () => {
    const found = await ok(
      manifest(
        '[dependencies]\npython = "3.12.*"\nnumpy = ">=1.26,<2"\npytorch = { version = "==2.3.1", channel = "conda-forge" }\nffmpeg = "*"\n[pypi-dependencies]\nfastapi = "*"\nhttpx = { version = ">=0.27", extras = ["http2"] }\nours = { git = "https://x.example/o.git", tag = "v1", subdirectory = "a" }\nfile = { url = "https://x.example/f-1-py3-none-any.whl" }\nlocal = { path = "./libs/local", editable = true }\n',
      ),
    )
    expect(found.plan.packageManager).toBe('pixi')
    expect(found.why('packageManager')).toBe('python.manager.pixi pixi.toml:7')
    expect(found.packages).toEqual(['numpy>=1.26,<2', 'torch==2.3.1', 'fastapi', 'httpx[http2]>=0.27', 'ours', 'file', 'local'])
    expect(written(found.steps)).toBe(
      `build write requirements.txt ${JSON.stringify('numpy>=1.26,<2\ntorch==2.3.1\nfastapi\nhttpx[http2]>=0.27\nours @ git+https://x.example/o.git@v1#subdirectory=a\nfile @ https://x.example/f-1-py3-none-any.whl\n./libs/local\n')}`,
    )
    expect(found.steps).toContain('build copy source:. .')
    expect(found.plan.systemPackages).toContain('ffmpeg')
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toBe('python.version.pixi pixi.toml:6')
    expect(found.codes).toEqual(expect.arrayContaining(['conda_by_pip', 'no_lock']))
  })
  test('tables of Linux and features of the environment default count, others do not; indexes', async () => {
    const found = await ok(
      manifest(
        '[dependencies]\nnumpy = "*"\n[target.linux-64.dependencies]\nnumpy = "<2"\n[target.win-64.dependencies]\npywin32 = "*"\n[feature.web.pypi-dependencies]\nfastapi = "*"\n[feature.test.dependencies]\npytest = "*"\n[environments]\ndefault = ["web"]\ntest = ["test"]\n[pypi-options]\nextra-index-urls = ["https://x.example/simple"]\n',
      ),
    )
    expect(written(found.steps)).toBe(
      `image write requirements.txt ${JSON.stringify('--extra-index-url https://x.example/simple\nnumpy<2\nfastapi\n')}`,
    )
    expect(found.why('packageManager')).toBe('python.manager.pixi pixi.toml:8')
  })
  test('[tool.pixi] of a pyproject.toml: what the project asks for counts too, and it is not installed itself', async () => {
    const pixi = '[tool.pixi.workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n[tool.pixi.dependencies]\nnumpy = "*"\n'
    const own = '[tool.pixi.pypi-dependencies]\nx = { path = ".", editable = true, extras = ["more"] }\n'
    const extras = '[project.optional-dependencies]\nmore = ["rich>=13"]\n'
    const found = await ok({ ...main, 'pyproject.toml': project('"httpx>=0.27"', extras + pixi + own) })
    expect(written(found.steps)).toBe(`image write requirements.txt ${JSON.stringify('numpy\nhttpx>=0.27\nrich>=13\n')}`)
    expect(found.why('packageManager')).toBe('python.manager.pixi pyproject.toml:11')
    const alone = await ok({ ...main, 'pyproject.toml': project('', pixi + own) })
    expect(written(alone.steps)).toBe(`image write requirements.txt ${JSON.stringify('numpy\n')}`)
    const script = await ok({ ...main, 'setup.py': '', 'pixi.toml': '[pypi-dependencies]\nx = { path = "." }\n' })
    expect(written(script.steps)).toContain('"./.\\n"')
    expect(script.steps[1]).toBe('image copy source:. .')
    // one that only names Python leaves the packages to [project]
    const bare = project('"httpx"', '[tool.pixi.dependencies]\npython = ">=3.12,<3.13"\n')
    expect((await ok({ ...main, 'pyproject.toml': bare })).plan.runtime.version).toBe('3.12')
  })

  const rows = (...lines: readonly string[]): string => lines.map((line) => `      - ${line}\n`).join('')
  const lock = (version: number, platforms: string, row: string, packages: string): string =>
    `version: ${version}\n${platforms}environments:\n  default:\n    channels:\n    - url: ${conda}/\n    indexes:\n    - https://pypi.org/simple\n    options:\n      pypi-prerelease-mode: if-necessary-or-explicit\n    packages:\n      ${row}:\n${rows(
      `conda: ${conda}/linux-64/python-3.12.8-h9e4cc4f_1_cpython.conda`,
      `conda: ${conda}/linux-64/numpy-1.26.4-py312heda63a1_0.conda`,
      `conda: ${conda}/noarch/six-1.17.0-pyhd8ed1ab_0.conda`,
      `conda: ${conda}/linux-64/libzlib-1.3.1-hb9d3cd8_2.conda`,
      `pypi: ${pypi}/httpx-0.27.2-py3-none-any.whl`,
      'pypi: git+https://x.example/ours.git?rev=v1#abc123',
      'pypi: ./',
    )}      osx-64:\n${rows(`conda: ${conda}/osx-64/numpy-1.20.0-py312heda63a1_0.conda`)}  test:\n    packages:\n      linux-64:\n${rows(`pypi: ${pypi}/pytest-8.0.0-py3-none-any.whl`)}packages:\n${packages}`
  const fields = (...entries: readonly string[]): string => entries.map((entry) => `  ${entry}\n`).join('')
  const newer =
    `- conda: ${conda}/linux-64/python-3.12.8-h9e4cc4f_1_cpython.conda\n${fields('sha256: aa', 'depends:', '- __glibc >=2.17,<3.0.a0', 'purls: []')}` +
    `- conda: ${conda}/linux-64/numpy-1.26.4-py312heda63a1_0.conda\n${fields('license: BSD-3-Clause', 'purls:', '- pkg:pypi/numpy?source=hash-mapping', 'size: 1')}` +
    `- conda: ${conda}/noarch/six-1.17.0-pyhd8ed1ab_0.conda\n${fields('sha256: bb')}` +
    `- conda: ${conda}/linux-64/libzlib-1.3.1-hb9d3cd8_2.conda\n${fields('purls: []')}` +
    `- pypi: ${pypi}/httpx-0.27.2-py3-none-any.whl\n${fields('name: httpx', 'version: 0.27.2', 'requires_dist:', "- h2>=3,<5 ; extra == 'http2'", "requires_python: '>=3.8'")}` +
    `- pypi: git+https://x.example/ours.git?rev=v1#abc123\n${fields('name: ours', 'version: 1.0.0')}` +
    `- pypi: ./\n${fields('name: x', 'version: 0.1.0', 'editable: true')}`
  const asked =
    '[dependencies]\npython = ">=3.10"\nnumpy = "*"\n[pypi-dependencies]\nhttpx = "*"\nours = { git = "https://x.example/ours.git", rev = "v1" }\n'
  const pins = JSON.stringify('httpx==0.27.2\nnumpy==1.26.4\nours @ git+https://x.example/ours.git@abc123\nsix==1.17.0\n')

  test.each([
    [6, '', 'linux-64', newer],
    [7, 'platforms:\n- name: p1\n  subdir: linux-64\n  virtual-packages:\n  - __glibc=2.28\n- name: osx-64\n', 'p1', newer],
    [
      5,
      '',
      'linux-64',
      `- kind: conda\n${fields('name: python', 'version: 3.12.8', `url: ${conda}/linux-64/python-3.12.8-h9e4cc4f_1_cpython.conda`)}` +
        `- kind: conda\n${fields('name: numpy', 'version: 1.26.4', 'build: py312heda63a1_0', `url: ${conda}/linux-64/numpy-1.26.4-py312heda63a1_0.conda`, 'purls:', '- pkg:pypi/numpy')}` +
        `- kind: conda\n${fields('name: six', 'version: 1.17.0', 'build: pyhd8ed1ab_0', `url: ${conda}/noarch/six-1.17.0-pyhd8ed1ab_0.conda`)}` +
        `- kind: pypi\n${fields('name: httpx', 'version: 0.27.2', `url: ${pypi}/httpx-0.27.2-py3-none-any.whl`)}` +
        `- kind: pypi\n${fields('name: ours', 'version: 1.0.0', 'url: git+https://x.example/ours.git?rev=v1#abc123')}` +
        `- kind: pypi\n${fields('name: x', 'version: 0.1.0', 'path: ./')}`,
    ],
  ])('pixi.lock of version %i: what the environment default has on Linux', async (version, platforms, row, packages) => {
    const found = await ok({ ...manifest(asked), 'pixi.lock': lock(version, platforms, row, packages) })
    expect(found.why('packageManager')).toBe('python.manager.pixi-lock pixi.lock:1')
    expect(written(found.steps)).toBe(`build write requirements.kiln.txt ${pins}`)
    expect(found.plan.runtime.version).toBe('3.12')
    expect(found.why('runtime.version')).toMatch(/^python\.version\.pixi pixi\.lock:\d+$/)
    expect(found.codes).not.toContain('stale_lock')
  })
  test('a lock that is older than the manifest, or that has nothing for Linux, is said', async () => {
    const stale = await ok({ ...manifest(asked.replace('numpy = "*"', 'numpy = ">=2"')), 'pixi.lock': lock(6, '', 'linux-64', newer) })
    expect(stale.notices).toContainEqual(expect.objectContaining({ code: 'stale_lock', file: 'pixi.toml', line: 7 }))
    for (const unused of [lock(6, '', 'win-64', newer), lock(8, '', 'linux-64', newer)]) {
      const found = await ok({ ...manifest(asked), 'pixi.lock': unused })
      expect(found.notices).toContainEqual(expect.objectContaining({ code: 'manifest_not_read', file: 'pixi.lock' }))
      expect(written(found.steps)).toContain('numpy\\nhttpx\\nours @ git+https://x.example/ours.git@v1')
    }
  })
  test('opencv, whose versions on PyPI have one more number, and a tool', async () => {
    const packages = ['py-opencv-4.10.0-py312ha_0', 'ffmpeg-7.1.0-gpl_h0', 'pytz-2024b-h0_0'].map(
      (name) => `${conda}/linux-64/${name}.conda`,
    )
    const text = `version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n${packages.map((url) => `      - conda: ${url}\n`).join('')}packages:\n${packages.map((url) => `- conda: ${url}\n  md5: a\n`).join('')}`
    const found = await ok({ ...manifest('[dependencies]\npy-opencv = ">=4"\nffmpeg = "*"\n'), 'pixi.lock': text })
    expect(written(found.steps)).toBe(`image write requirements.kiln.txt ${JSON.stringify('opencv-python-headless==4.10.0.*\n')}`)
    expect(found.plan.systemPackages).toContain('ffmpeg')
    expect(found.codes).not.toContain('stale_lock')
  })
  test('what PyPI does not have, ranges that pip has no word for, and files that cannot be read have their line', async () => {
    const says = async (tree: Tree): Promise<string> => {
      const { code, place } = await refused(tree)
      return `${code} ${place}`
    }
    expect(await says(manifest('[dependencies]\nnumpy = "*"\nr-base = "*"\n'))).toBe('unsupported_project pixi.toml:7')
    expect(await says(manifest('[dependencies]\nmine = { path = "mine" }\n'))).toBe('unsupported_project pixi.toml:6')
    expect(await says(manifest('[dependencies]\nnumpy = ">=2|<1"\n'))).toBe('invalid_manifest pixi.toml:6')
    expect(await says(manifest('[pypi-dependencies]\nhttpx = ">=x"\n'))).toBe('invalid_manifest pixi.toml:6')
    expect(await says(manifest('[dependencies\n'))).toBe('invalid_manifest pixi.toml:5')
    const numpy = manifest('[dependencies]\nnumpy = "*"\n')
    expect(await says({ ...numpy, 'pixi.lock': 'version: 6\n<<<<<<< HEAD\n' })).toBe('invalid_manifest pixi.lock:2')
    expect(await says({ ...numpy, 'pixi.lock': 'environments: {}\n' })).toBe('invalid_manifest pixi.lock:1')
    const deep = Array.from({ length: 200 }, (_, at) => `${' '.repeat(at)}a:\n`).join('')
    expect(await says({ ...numpy, 'pixi.lock': deep })).toBe('invalid_manifest pixi.lock:22')
  })
  test('what pip can read itself goes before it, as before an environment of conda', async () => {
    const tree = { ...manifest('[dependencies]\nr-base = "*"\n'), 'requirements.txt': 'httpx==0.27.2\n' }
    expect((await ok(tree)).plan.packageManager).toBe('pip')
    const both = { ...manifest('[dependencies]\nnumpy = "*"\n'), 'environment.yml': 'dependencies:\n  - pandas\n' }
    expect((await ok(both)).plan.packageManager).toBe('pixi')
    expect((await ok(both, { packageManager: 'conda' })).packages).toEqual(['pandas'])
    // one without packages says nothing: they come from the imports
    expect((await ok({ 'main.py': 'import httpx\n', 'pixi.toml': workspace })).packages).toEqual(['httpx'])
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
