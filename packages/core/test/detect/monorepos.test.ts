import { describe, expect, test } from 'vitest'
import { render } from '../../src/dockerfile/render.ts'
import { ok, refused, type Tree } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value)
const server = "import { createServer } from 'node:http'\ncreateServer(() => {}).listen(8080)\n"

/** api -> shared -> core; web and its ui are nobody's business. */
function members(local: string): Record<string, string> {
  return {
    'apps/api/package.json': json({
      name: '@t/api',
      scripts: { start: 'node server.js' },
      dependencies: { '@t/shared': local, express: '^5.0.0' },
    }),
    'apps/api/server.js': "import express from 'express'\nimport '@t/shared'\nexpress().listen(8080)\n",
    'apps/web/package.json': json({ name: '@t/web', dependencies: { '@t/ui': local, lodash: '^4.0.0' } }),
    'apps/web/page.js': 'export {}\n',
    'packages/shared/package.json': json({
      name: '@t/shared',
      version: '1.2.0',
      main: 'index.js',
      dependencies: { '@t/core': local, zod: '^4.0.0' },
    }),
    'packages/shared/index.js': "import '@t/core'\n",
    'packages/core/package.json': json({ name: '@t/core', version: '1.0.0', main: 'index.js' }),
    'packages/core/index.js': 'export {}\n',
    'packages/ui/package.json': json({ name: '@t/ui', version: '1.0.0', main: 'index.js' }),
    'packages/ui/index.js': 'export {}\n',
    'README.md': 'read me',
  }
}

const npm: Tree = {
  'package.json': json({ name: 'root', private: true, workspaces: ['apps/*', 'packages/*'] }),
  'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
  ...members('*'),
}
const pnpm: Tree = {
  'package.json': json({ name: 'root', private: true, packageManager: 'pnpm@10.1.0' }),
  'pnpm-workspace.yaml': "packages:\n  # all of them\n  - 'apps/*'\n  - packages/*\n",
  'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
  ...members('workspace:*'),
}
const closure = ['apps/api', 'packages/core', 'packages/shared']

describe('the unit', () => {
  test('is the only member that says how it starts', async () => {
    const { plan, codes, notices } = await ok(npm)
    expect(plan).toMatchObject({ unit: 'apps/api', workspace: '.', entrypoint: 'apps/api/server.js', start: ['node', 'server.js'] })
    expect(codes).toContain('unit_chosen')
    expect(notices.find(({ code }) => code === 'unit_chosen')).toMatchObject({ fix: { unit: 'apps/api' } })
  })

  test('is the one that the option names', async () => {
    const tree = { ...npm, 'apps/web/package.json': json({ name: '@t/web', scripts: { start: 'node page.js' } }) }
    expect((await ok(tree, { unit: 'apps/web' })).plan).toMatchObject({
      unit: 'apps/web',
      context: ['apps/web', 'package-lock.json', 'package.json'],
    })
  })

  test('is the one with the entry point that the option names', async () => {
    const tree = { ...npm, 'apps/web/server.js': server }
    expect((await ok(tree, { entrypoint: 'apps/web/server.js' })).plan).toMatchObject({ unit: 'apps/web', start: ['node', 'server.js'] })
  })

  test('several that start are candidates', async () => {
    const tree = { ...npm, 'apps/web/package.json': json({ name: '@t/web', scripts: { start: 'node page.js' } }) }
    expect(await refused(tree)).toMatchObject({ code: 'several_candidates', patches: [{ unit: 'apps/api' }, { unit: 'apps/web' }] })
  })

  test.each([
    'npm start -w @t/web',
    'npm run start --workspace=apps/web',
    'pnpm --filter @t/web start',
    'turbo run start --filter=@t/web...',
    'yarn workspace @t/web start',
  ])('several, of which the root names one: %s', async (start) => {
    const tree = {
      ...npm,
      'package.json': json({ name: 'root', workspaces: ['apps/*', 'packages/*'], scripts: { start } }),
      'apps/web/package.json': json({ name: '@t/web', scripts: { start: 'node page.js' } }),
    }
    expect((await ok(tree)).plan.unit).toBe('apps/web')
  })

  test('without a start script: the member that no other needs and that listens', async () => {
    const tree = { ...npm, 'apps/api/package.json': json({ name: '@t/api', dependencies: { '@t/shared': '*', express: '^5.0.0' } }) }
    expect((await ok(tree)).plan).toMatchObject({ unit: 'apps/api', start: ['node', 'server.js'] })
  })

  test('a root with a program of its own is the unit', async () => {
    const tree = {
      ...npm,
      'package.json': json({ name: 'root', workspaces: ['apps/*', 'packages/*'], scripts: { start: 'node main.js' } }),
      'main.js': server,
    }
    expect((await ok(tree)).plan).toMatchObject({ unit: '.', workspace: null, context: null, start: ['node', 'main.js'] })
  })

  test('a project of another language beside the members is a candidate too', async () => {
    const tree = {
      ...npm,
      'services/agent/requirements.txt': 'fastapi\n',
      'services/agent/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
    }
    expect((await refused(tree)).patches).toEqual([{ unit: 'apps/api' }, { unit: 'services/agent' }])
  })

  test('a workspace below the top', async () => {
    const tree = Object.fromEntries(Object.entries(npm).map(([path, text]) => [`js/${path}`, text]))
    const { plan } = await ok(tree)
    expect(plan).toMatchObject({ unit: 'js/apps/api', workspace: 'js' })
    expect(plan.context).toEqual(['js/apps/api', 'js/package-lock.json', 'js/package.json', 'js/packages/core', 'js/packages/shared'])
  })

  test('a member that cannot be read is nobody else’s trouble', async () => {
    expect((await ok({ ...npm, 'packages/broken/package.json': '{' })).plan.unit).toBe('apps/api')
  })

  test('a member that cannot be read is said where nothing else is found, as it lies in the source', async () => {
    const broken = { 'package.json': npm['package.json']!, 'apps/api/server.js': server, 'apps/api/package.json': '{\n "name": }' }
    const answer = await refused(broken)
    expect(answer).toMatchObject({ code: 'invalid_manifest', place: 'apps/api/package.json:2' })
    expect(answer.message).toMatch(/^apps\/api\/package.json:2 is not valid JSON/)
    const beside = { ...broken, 'apps/lib/package.json': json({ name: 'lib' }) }
    expect(await refused(beside)).toMatchObject({ code: 'invalid_manifest', place: 'apps/api/package.json:2' })
    expect((await refused({ ...broken, Dockerfile: 'FROM x' })).code).toBe('nothing_detected')
  })

  test.each([
    ['turbo.json', 'turbo'],
    ['nx.json', 'nx'],
    ['lerna.json', 'lerna'],
    ['rush.json', 'rush'],
    ['.moon/workspace.yml', 'moon'],
  ])('a marker beside the workspace changes nothing of it: %s', async (file) => {
    expect((await ok({ ...npm, [file]: '{}' })).plan.unit).toBe('apps/api')
  })
})

describe('the context', () => {
  test.each([
    ['npm', npm, ['package-lock.json', 'package.json']],
    ['pnpm', pnpm, ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']],
    ['yarn', { ...npm, 'package-lock.json': '', 'yarn.lock': '# yarn lockfile v1\n' }, ['package.json', 'yarn.lock']],
    ['bun', { ...npm, 'package-lock.json': '', 'bun.lock': '{}' }, ['bun.lock', 'package.json']],
  ] as const)('%s: the closure of the unit, and what the install needs of the root', async (manager, tree, root) => {
    const given = Object.fromEntries(Object.entries(tree).filter(([, text]) => text !== ''))
    const { plan } = await ok(given)
    expect(plan.packageManager).toBe(manager)
    expect(plan.context).toEqual([...closure, ...root].toSorted())
  })

  test('versions mean a member where it has one that fits', async () => {
    const shared = (range: string): Tree => ({
      ...npm,
      'apps/api/package.json': json({
        name: '@t/api',
        scripts: { start: 'node server.js' },
        dependencies: { '@t/shared': range, express: '5' },
      }),
    })
    expect((await ok(shared('^1.0.0'))).plan.context).toContain('packages/shared')
    expect((await ok(shared('^2.0.0'))).plan.context).not.toContain('packages/shared')
  })

  test.each(['file:../../packages/shared', 'link:../../packages/shared', 'portal:../../packages/shared'])(
    'a directory: %s',
    async (path) => {
      const api = json({ name: '@t/api', scripts: { start: 'node server.js' }, dependencies: { other: path, express: '5' } })
      expect((await ok({ ...pnpm, 'apps/api/package.json': api })).plan.context).toContain('packages/shared')
    },
  )

  test('references of tsconfig', async () => {
    const tree = {
      ...npm,
      'apps/api/tsconfig.json': '{ // built together\n "references": [{ "path": "../../packages/ui/tsconfig.json" }] }',
    }
    expect((await ok(tree)).plan.context).toContain('packages/ui')
  })

  test('imports that leave the package: of a member, or of a directory of nobody', async () => {
    const tree = {
      ...npm,
      'apps/api/src/deep/a.js': "import '../../../../packages/ui/index.js'\nimport '../../../../tools/log.js'\nimport '../b.js'\n",
      'tools/log.js': 'export {}\n',
      'tools/other.js': 'export {}\n',
    }
    const { plan } = await ok(tree)
    expect(plan.context).toEqual(expect.arrayContaining(['packages/ui', 'tools']))
    expect(plan.context).not.toContain('apps/web')
  })

  test('needs in a circle come to an end', async () => {
    const tree = {
      ...npm,
      'packages/core/package.json': json({ name: '@t/core', version: '1.0.0', main: 'index.js', dependencies: { '@t/shared': '*' } }),
    }
    expect((await ok(tree)).plan.context).toEqual(expect.arrayContaining(closure))
  })

  test('what the configuration adds', async () => {
    const { plan, steps } = await ok({ ...npm, 'data/prices.csv': '1' }, { context: { add: ['data'] } })
    expect(plan.context).toContain('data')
    expect(steps).toContain('image copy source:data data')
  })

  test('of a unit with a manifest of its own is its directory', async () => {
    const tree = { 'a/requirements.txt': 'flask\n', 'a/main.py': 'from flask import Flask\napp = Flask(__name__)\n', 'b/notes.md': 'x' }
    expect((await ok(tree)).plan).toMatchObject({ unit: 'a', workspace: null, context: ['a'] })
  })

  test('of the whole source is null', async () => {
    expect((await ok({ 'main.py': 'print(1)\n' })).plan.context).toBeNull()
  })
})

describe('the install', () => {
  const berry = '__metadata:\n  version: 8\n'
  test.each([
    ['npm', npm, ['npm ci --omit=dev --no-audit --no-fund -w apps/api -w packages/core -w packages/shared']],
    [
      'pnpm',
      pnpm,
      ['pnpm install --frozen-lockfile --prod --filter ./apps/api... --filter ./packages/core... --filter ./packages/shared...'],
    ],
    [
      'yarn 1',
      { ...npm, 'package-lock.json': '', 'yarn.lock': '# yarn lockfile v1\n' },
      ['yarn install --non-interactive --frozen-lockfile --production'],
    ],
    [
      'yarn 4',
      { ...npm, 'package-lock.json': '', 'yarn.lock': berry },
      ['yarn workspaces focus @t/api @t/core @t/shared root --production'],
    ],
    ['bun', { ...npm, 'package-lock.json': '', 'bun.lock': '{}' }, ['bun install --frozen-lockfile --production']],
  ] as const)('%s installs the closure, with the packages that run alone', async (_, tree, commands) => {
    const given = Object.fromEntries(Object.entries(tree).filter(([, text]) => text !== ''))
    const { text } = render((await ok(given)).plan, 'kaniko')
    for (const command of commands) expect(text.replaceAll(' \\\n', '')).toContain(command)
    expect(text).not.toMatch(/apps\/web|packages\/ui/)
    expect(text).toContain('WORKDIR /app/apps/api\n\nLABEL')
  })

  test('npm, without a build: manifests of the closure, its members alone, then its source', async () => {
    expect((await ok(npm)).steps).toEqual([
      'image npm package.json package-lock.json packages/core/package.json packages/shared/package.json apps/api/package.json',
      'image copy source:apps/api apps/api',
      'image copy source:packages/core packages/core',
      'image copy source:packages/shared packages/shared',
    ])
    const { plan } = await ok(npm)
    expect(plan.steps[0]).toMatchObject({ packages: closure })
  })

  test('packages of others are none of it; members are no packages of the registry', async () => {
    const { packages } = await ok(npm)
    expect(packages).toEqual(['zod^4.0.0', 'express^5.0.0'])
  })

  const npmLock = json({
    lockfileVersion: 3,
    packages: {
      '': { workspaces: ['apps/*', 'packages/*'] },
      'apps/api': { name: '@t/api', dependencies: { '@t/shared': '*', express: '5' } },
      'apps/web': { name: '@t/web', dependencies: { 'fluent-ffmpeg': '2' } },
      'packages/shared': { name: '@t/shared', dependencies: { zod: '4', media: '1' } },
      'node_modules/@t/shared': { resolved: 'packages/shared', link: true },
      'node_modules/express': { version: '5.0.0' },
      'node_modules/fluent-ffmpeg': { version: '2.0.0' },
      'node_modules/zod': { version: '4.0.0' },
      'packages/shared/node_modules/media': { version: '1.0.0' },
    },
  })
  const pnpmLock = (media: string): string => `lockfileVersion: '9.0'

importers:

  .: {}

  apps/api:
    dependencies:
      '@t/shared':
        specifier: workspace:*
        version: link:../../packages/shared

  apps/web:
    dependencies:
      fluent-ffmpeg:
        specifier: ^2.0.0
        version: 2.0.0

  packages/shared:
    dependencies:
      media:
        specifier: ^1.0.0
        version: 1.0.0(zod@4.0.0)

packages:

  fluent-ffmpeg@2.0.0:
    resolution: {integrity: sha512-a}

  media@1.0.0:
    resolution: {integrity: sha512-b}

snapshots:

  fluent-ffmpeg@2.0.0: {}

  media@1.0.0(zod@4.0.0):
    dependencies:
      ${media}
`

  test('what other members need of the distribution is not installed; what comes along with a need of its own is', async () => {
    const ofNpm = async (lock: string): Promise<readonly string[]> => (await ok({ ...npm, 'package-lock.json': lock })).plan.systemPackages
    expect(await ofNpm(npmLock)).toEqual([])
    const needs = npmLock.replace(
      '"packages/shared/node_modules/media":{',
      '"packages/shared/node_modules/media":{"dependencies":{"fluent-ffmpeg":"2"},',
    )
    expect(await ofNpm(needs)).toEqual(['ffmpeg'])
    const ofPnpm = async (lock: string): Promise<readonly string[]> => (await ok({ ...pnpm, 'pnpm-lock.yaml': lock })).plan.systemPackages
    expect(await ofPnpm(pnpmLock('zod: 4.0.0'))).toEqual([])
    expect(await ofPnpm(pnpmLock('fluent-ffmpeg: 2.0.0'))).toEqual(['ffmpeg'])
  })

  test('builds run in the order of need, the unit last, and the image takes what each writes', async () => {
    const built = (name: string, needs: object): string =>
      json({ name, version: '1.0.0', main: 'dist/index.js', scripts: { build: 'tsc' }, dependencies: needs })
    const tree = {
      ...pnpm,
      'packages/shared/package.json': built('@t/shared', { '@t/core': 'workspace:*' }),
      'packages/core/package.json': built('@t/core', {}),
      'apps/api/package.json': json({
        name: '@t/api',
        scripts: { start: 'node dist/server.js', build: 'tsc' },
        dependencies: { '@t/shared': 'workspace:*' },
        devDependencies: { typescript: '^5.0.0' },
      }),
      'apps/api/tsconfig.json': json({ compilerOptions: { outDir: 'dist' } }),
      'apps/api/src/server.ts': server,
    }
    const { plan, steps } = await ok(tree)
    const runs = plan.steps.flatMap((step) => (step.kind === 'run' ? [`${step.directory} ${step.argv.join(' ')}`] : []))
    expect(runs).toEqual(['packages/core pnpm run build', 'packages/shared pnpm run build', 'apps/api pnpm run build'])
    expect(steps.filter((step) => step.startsWith('image copy build:'))).toEqual([
      'image copy build:packages/core/dist packages/core/dist',
      'image copy build:packages/shared/dist packages/shared/dist',
      'image copy build:apps/api/dist apps/api/dist',
    ])
  })

  test('a package whose source is what others import is not built', async () => {
    const tree = {
      ...npm,
      'packages/shared/package.json': json({
        name: '@t/shared',
        version: '1.2.0',
        exports: { '.': './index.js' },
        scripts: { build: 'tsc' },
      }),
    }
    expect((await ok(tree)).steps.filter((step) => step.includes(' run '))).toEqual([])
  })

  test('the root’s own packages are installed where they are needed: its tools to build, the others to run', async () => {
    const root = (more: object): Tree => ({
      ...pnpm,
      'package.json': json({ name: 'root', packageManager: 'pnpm@10.1.0', devDependencies: { typescript: '^5.0.0' }, ...more }),
      'packages/shared/package.json': json({ name: '@t/shared', version: '1.2.0', main: 'dist/index.js', scripts: { build: 'tsc' } }),
    })
    const text = async (more: object): Promise<string> => render((await ok(root(more))).plan, 'buildkit').text
    expect(await text({})).toContain('--prod=false -w --filter')
    expect(await text({})).toContain('--prod --filter')
    expect(await text({ dependencies: { dotenv: '^17.0.0' } })).toContain('--prod -w --filter')
  })

  test('turbo builds where the root leaves it to turbo', async () => {
    const root = {
      name: 'root',
      packageManager: 'pnpm@10.1.0',
      scripts: { build: 'turbo run build' },
      devDependencies: { turbo: '^2.0.0' },
    }
    const shared = { name: '@t/shared', version: '1.0.0', main: 'dist/index.js', scripts: { build: 'tsc' } }
    const tree = { ...pnpm, 'package.json': json(root), 'turbo.json': '{}', 'packages/shared/package.json': json(shared) }
    const { plan, steps } = await ok(tree)
    expect(steps).toContain('build run pnpm exec turbo run build --filter=@t/api...')
    expect(plan.context).toContain('turbo.json')
    expect(steps).toContain('image copy build:packages/shared/dist packages/shared/dist')
  })

  test('a script that runs while installing has its source first', async () => {
    const tree = {
      ...npm,
      'packages/shared/package.json': json({
        name: '@t/shared',
        version: '1.2.0',
        main: 'index.js',
        scripts: { postinstall: 'node x.js' },
      }),
    }
    const { steps } = await ok(tree)
    expect(steps.findIndex((step) => step.includes('copy source:packages/shared'))).toBeLessThan(
      steps.findIndex((step) => step.includes(' npm ')),
    )
  })

  test('the version of Node is the unit’s, else the root’s, with its file', async () => {
    const pinned = { ...npm, '.nvmrc': '22\n' }
    expect((await ok(pinned)).plan.runtime.version).toBe('22')
    expect((await ok(pinned)).why('runtime.version')).toBe('node.version.nvmrc .nvmrc:1')
    expect((await ok({ ...pinned, 'apps/api/.nvmrc': '24\n' })).why('runtime.version')).toBe('node.version.nvmrc apps/api/.nvmrc:1')
  })

  test('evidence names files as they lie in the source', async () => {
    const { why } = await ok(npm)
    expect(why('start')).toBe('node.start.script apps/api/package.json:1')
    expect(why('packageManager')).toBe('node.manager.npm-lock package-lock.json:1')
  })
})

const project = (name: string, more: string): string =>
  `[project]\nname = "${name}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n${more}`
const hatch = '\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
const uv: Tree = {
  'pyproject.toml':
    '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\nexclude = ["libs/old"]\n\n[tool.uv.sources]\nterms = { workspace = true }\n',
  'uv.lock': `version = 1
requires-python = ">=3.11, <3.13"
[[package]]
name = "api"
source = { editable = "services/api" }
dependencies = [{ name = "fastapi" }, { name = "terms" }]
[[package]]
name = "terms"
source = { editable = "libs/terms" }
dependencies = [{ name = "idna" }]
[[package]]
name = "nightly"
source = { editable = "services/nightly" }
dependencies = [{ name = "psycopg2" }]
[[package]]
name = "fastapi"
version = "0.115.0"
[[package]]
name = "idna"
version = "3.10"
[[package]]
name = "psycopg2"
version = "2.9.9"
`,
  'services/api/pyproject.toml': project('api', 'dependencies = ["fastapi", "terms"]\n'),
  'services/api/src/api/main.py': 'from fastapi import FastAPI\nimport terms\napp = FastAPI()\n',
  'services/api/src/api/__init__.py': '',
  'services/nightly/pyproject.toml': project('nightly', 'dependencies = ["psycopg2"]\n'),
  'services/nightly/notes.txt': 'x',
  'libs/terms/pyproject.toml': project('terms', `dependencies = ["idna"]\n${hatch}`),
  'libs/terms/src/terms/__init__.py': '',
  'libs/old/pyproject.toml': project('old', ''),
}

describe('uv workspaces', () => {
  test('the unit, its closure, its packages of the lock', async () => {
    const { plan, why } = await ok(uv)
    expect(plan).toMatchObject({ unit: 'services/api', workspace: '.', packageManager: 'uv' })
    expect(plan.context).toEqual(['libs/terms', 'pyproject.toml', 'services/api', 'uv.lock'])
    expect(plan.env['PYTHONPATH']).toBe('/app/services/api/src')
    expect(why('packageManager')).toBe('python.manager.uv-lock uv.lock:1')
  })

  test('what another member needs of the distribution is not installed', async () => {
    expect((await ok(uv)).plan.systemPackages).toEqual([])
  })

  test('the lock’s range of Python holds', async () => {
    const { plan, why } = await ok(uv)
    expect(plan.runtime.version).toBe('3.12')
    expect(why('runtime.version')).toBe('python.version.uv-lock uv.lock')
  })

  test('members are installed when their source is there, the unit is not', async () => {
    const { plan, steps } = await ok(uv)
    expect(plan.steps[0]).toMatchObject({ kind: 'python', manager: 'uv', packages: ['api'] })
    expect(steps.slice(1, 3)).toEqual([
      'build copy source:libs/terms libs/terms',
      'build run uv sync --frozen --no-install-project --no-editable --compile-bytecode --no-dev --package api',
    ])
  })

  test('a member without a build system is imported from where it lies', async () => {
    const { plan, steps } = await ok({ ...uv, 'libs/terms/pyproject.toml': project('terms', 'dependencies = ["idna"]\n') })
    expect(plan.env['PYTHONPATH']).toBe('/app/services/api/src:/app/libs/terms/src')
    expect(steps.some((step) => step.includes(' run '))).toBe(false)
  })
})

describe('directories that a manifest names, without a workspace', () => {
  test('npm: file:, and what that names itself; each lies as in the source', async () => {
    const { plan, steps } = await ok(
      {
        'services/api/package.json': json({ scripts: { start: 'node server.js' }, dependencies: { shared: 'file:../../libs/shared' } }),
        'services/api/package-lock.json': json({ lockfileVersion: 3, packages: {} }),
        'services/api/server.js': server,
        'libs/shared/package.json': json({ name: 'shared', main: 'index.js', dependencies: { core: 'file:../core' } }),
        'libs/core/package.json': json({ name: 'core', main: 'index.js' }),
        'libs/other/package.json': json({ name: 'other', main: 'index.js' }),
      },
      { unit: 'services/api' },
    )
    expect(plan).toMatchObject({ unit: 'services/api', workspace: '.', context: ['libs/core', 'libs/shared', 'services/api'] })
    expect(steps.slice(0, 4)).toEqual([
      'image copy source:libs/core libs/core',
      'image copy source:libs/shared libs/shared',
      'image copy source:services/api services/api',
      'image npm services/api/package.json services/api/package-lock.json',
    ])
    expect(plan.steps[3]).toMatchObject({ directory: 'services/api' })
  })

  test('uv: path, in a directory that both have in common', async () => {
    const { plan, steps } = await ok(
      {
        'py/api/pyproject.toml': `${project('api', 'dependencies = ["fastapi", "terms", "uvicorn"]\n')}[tool.uv.sources]\nterms = { path = "../terms", editable = true }\n`,
        'py/api/uv.lock':
          'version = 1\n[[package]]\nname = "terms"\nsource = { editable = "../terms" }\n[[package]]\nname = "uvicorn"\nversion = "0.30.0"\n',
        'py/api/src/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
        'py/terms/pyproject.toml': project('terms', hatch),
        'notes.md': 'x',
      },
      { unit: 'py/api' },
    )
    expect(plan).toMatchObject({ workspace: 'py', context: ['py/api', 'py/terms'], env: { PYTHONPATH: '/app/api/src' } })
    expect(steps[0]).toBe('build copy source:terms terms')
    expect(steps.slice(-2)).toEqual(['image copy source:terms terms', 'image copy source:api api'])
  })

  test('poetry: path', async () => {
    const tree = {
      'api/pyproject.toml': '[tool.poetry]\nname = "api"\n[tool.poetry.dependencies]\npython = "^3.11"\nterms = { path = "../terms" }\n',
      'api/main.py': 'print(1)\n',
      'terms/pyproject.toml': project('terms', hatch),
    }
    expect((await ok(tree, { unit: 'api' })).plan).toMatchObject({ workspace: '.', context: ['api', 'terms'] })
  })

  test('what a tsconfig extends: it lies as in the source', async () => {
    const tree = {
      'apps/api/package.json': json({ scripts: { start: 'node dist/s.js', build: 'tsc' }, devDependencies: { typescript: '5' } }),
      'apps/api/tsconfig.json': '{ "extends": "../../tsconfig.base", "compilerOptions": { "outDir": "dist" } }',
      'apps/api/src/s.ts': server,
      'tsconfig.base.json': '{ "extends": "./config/strict.json" }',
      'config/strict.json': '{}',
      'config/other.json': '{}',
    }
    const { plan, steps } = await ok(tree, { unit: 'apps/api' })
    expect(plan).toMatchObject({ workspace: '.', context: ['apps/api', 'config/strict.json', 'tsconfig.base.json'] })
    expect(steps).toEqual(
      expect.arrayContaining(['build copy source:config/strict.json config/strict.json', 'build copy source:apps/api apps/api']),
    )
  })

  test('a path that leaves the source is none of it', async () => {
    const tree = {
      'api/package.json': json({ scripts: { start: 'node s.js' }, dependencies: { x: 'file:../../../etc' } }),
      'api/s.js': server,
    }
    expect((await ok(tree, { unit: 'api' })).plan.context).toEqual(['api'])
  })
})

describe('the manager that a member names', () => {
  const naming = (manager: object): string =>
    json({ name: '@t/api', scripts: { start: 'node server.js' }, dependencies: { '@t/shared': '*', express: '^5.0.0' }, ...manager })
  const bare = Object.fromEntries(Object.entries(npm).filter(([path]) => path !== 'package-lock.json'))
  const rootWith = (more: object): string => json({ name: 'root', private: true, workspaces: ['apps/*', 'packages/*'], ...more })

  test('loses to the root’s lock, which is said', async () => {
    const { plan, notices, evidence } = await ok({ ...npm, 'apps/api/package.json': naming({ packageManager: 'yarn@4.1.0' }) })
    expect(plan.packageManager).toBe('npm')
    expect(notices.find(({ code }) => code === 'manager_not_used')).toMatchObject({
      message: 'packageManager of apps/api/package.json names yarn, but npm installs the workspace: package-lock.json fixes the versions.',
      file: 'apps/api/package.json',
      line: 1,
    })
    expect(evidence.values.find(({ field }) => field === 'packageManager')!.lost).toMatchObject([{ value: 'yarn' }])
  })

  test('loses to the root’s own field', async () => {
    const tree = {
      ...bare,
      'package.json': rootWith({ packageManager: 'pnpm@10.1.0' }),
      'apps/api/package.json': naming({ packageManager: 'yarn@4.1.0' }),
    }
    const { plan, codes } = await ok(tree)
    expect(plan.packageManager).toBe('pnpm')
    expect(codes).toContain('manager_not_used')
  })

  test('is pnpm where neither lock nor field says it, but pnpm-workspace.yaml', async () => {
    const { 'pnpm-lock.yaml': _lock, ...rest } = pnpm
    const { plan, why } = await ok({ ...rest, 'package.json': json({ name: 'root', private: true }) })
    expect([plan.packageManager, why('packageManager')]).toEqual(['pnpm', 'node.manager.pnpm-workspace pnpm-workspace.yaml:1'])
    expect(plan.toolchains.map(({ name }) => name)).toEqual(['pnpm'])
  })

  test('says the version where the root’s lock is of the same manager and the root names none', async () => {
    const root = { ...pnpm, 'package.json': json({ name: 'root', private: true }) }
    const { plan, codes, why } = await ok({ ...root, 'apps/api/package.json': naming({ packageManager: 'pnpm@9.1.2' }) })
    expect(plan.toolchains).toEqual([{ name: 'pnpm', version: '9.1.2' }])
    expect(why('packageManager')).toBe('node.manager.pnpm-lock pnpm-lock.yaml:1')
    expect(codes).not.toContain('manager_not_used')
  })

  test.each([{ packageManager: 'yarn@4.1.0' }, { devEngines: { packageManager: { name: 'yarn', version: '4.1.0' } } }])(
    'is the workspace’s where the root says nothing: %o',
    async (manager) => {
      const { plan, why } = await ok({ ...bare, 'apps/api/package.json': naming(manager) })
      expect(plan).toMatchObject({ packageManager: 'yarn', toolchains: [{ name: 'yarn', version: '4.1.0' }] })
      expect(why('packageManager')).toBe('node.manager.field apps/api/package.json:1')
    },
  )

  test('is no matter where the configuration names one', async () => {
    const { plan, codes } = await ok(
      { ...bare, 'apps/api/package.json': naming({ packageManager: 'yarn@4.1.0' }) },
      { packageManager: 'npm' },
    )
    expect(plan.packageManager).toBe('npm')
    expect(codes).toContain('manager_not_used')
  })
})

describe('what compiles a member', () => {
  const api = json({ name: '@t/api', scripts: { start: 'node dist/s.js', build: 'tsc' }, devDependencies: { typescript: '^5.0.0' } })
  const typed = (tsconfig: object, more: Tree = {}): Tree => ({
    ...npm,
    'apps/api/package.json': api,
    'apps/api/src/s.ts': server,
    'apps/api/tsconfig.json': json({ compilerOptions: { outDir: 'dist' }, ...tsconfig }),
    ...more,
  })
  const context = async (tree: Tree): Promise<readonly string[] | null> => (await ok(tree)).plan.context

  test('extends a file of nobody, and what that extends: each lies as in the source', async () => {
    const tree = typed(
      { extends: '../../tooling/ts/node' },
      {
        'tooling/ts/node.json': '{ "extends": ["../base.json", "./strict.json"] }',
        'tooling/base.json': '{}',
        'tooling/ts/strict.json': '{}',
        'tooling/ts/other.json': '{}',
      },
    )
    const { plan, steps } = await ok(tree)
    expect(plan.context).toEqual([
      ...['apps/api', 'package-lock.json', 'package.json', 'tooling/base.json', 'tooling/ts/node.json', 'tooling/ts/strict.json'],
    ])
    expect(steps).toContain('build copy source:tooling/ts/node.json tooling/ts/node.json')
  })

  test('a file at the top under any name, with those of the usual names', async () => {
    const tree = typed({ extends: '../../typescript.json' }, { 'typescript.json': '{}', 'tsconfig.base.json': '{}' })
    const { plan, steps } = await ok(tree)
    expect(plan.context).toEqual(expect.arrayContaining(['typescript.json', 'tsconfig.base.json']))
    expect(steps).toContain('build copy source:tsconfig.base.json typescript.json .')
  })

  test('extends a package that is a member, though no manifest says so', async () => {
    const tree = typed(
      { extends: '@t/tsconfig/node.json' },
      { 'packages/tsconfig/package.json': json({ name: '@t/tsconfig' }), 'packages/tsconfig/node.json': '{}' },
    )
    expect(await context(tree)).toContain('packages/tsconfig')
  })

  test('refers to a directory of nobody', async () => {
    const tree = typed(
      { references: [{ path: '../../libs/log' }, { path: '../..' }] },
      { 'libs/log/tsconfig.json': '{}', 'libs/log/a.ts': '' },
    )
    expect(await context(tree)).toEqual(['apps/api', 'libs/log', 'package-lock.json', 'package.json'])
  })

  test('aliases, of those the ones that the code imports: a member, a directory of nobody, and what that imports', async () => {
    const paths = {
      '@log': ['libs/log/src/index.ts'],
      '@libs/*': ['libs/*/src/index'],
      '@ui': ['packages/ui/index.js'],
      '@/*': ['apps/api/src/*'],
    }
    const tree = typed(
      { extends: '../../tsconfig.base.json' },
      {
        'tsconfig.base.json': json({ compilerOptions: { paths } }),
        'apps/api/src/s.ts': `${server}import '@log'\nimport { a } from '@libs/money'\nimport '@/own'\n`,
        'libs/log/src/index.ts': "import '../../time/src/now'\nexport * from './more.js'\n",
        'libs/money/src/index.ts': "import '@ui'\n",
        'libs/time/src/now.ts': '',
        'libs/other/src/index.ts': '',
      },
    )
    expect(await context(tree)).toEqual([
      ...[
        'apps/api',
        'libs/log/src',
        'libs/money/src',
        'libs/time/src',
        'package-lock.json',
        'package.json',
        'packages/ui',
        'tsconfig.base.json',
      ],
    ])
  })

  test('a file beside members comes alone, with what it imports', async () => {
    const tree = typed(
      {},
      {
        'apps/api/src/s.ts': `${server}import '../../both.js'\n`,
        'apps/both.ts': "import './also.js'\n",
        'apps/also.ts': "import '../top.js'\n",
        'apps/unused.ts': '',
        'top.ts': '',
      },
    )
    expect(await context(tree)).toEqual(['apps/also.ts', 'apps/api', 'apps/both.ts', 'package-lock.json', 'package.json', 'top.ts'])
  })

  test('circles and ways out of the source come to an end', async () => {
    const tree = typed(
      { extends: ['../../a.json', '../../../../etc/passwd', '/etc/passwd'] },
      {
        'a.json': '{ "extends": "./b.json", "compilerOptions": { "paths": { "*": ["../../*", "./*"] } } }',
        'b.json': '{ "extends": "./a.json" }',
      },
    )
    expect(await context(tree)).toEqual(['a.json', 'apps/api', 'b.json', 'package-lock.json', 'package.json'])
  })

  test('a package that is a directory of nobody is there before the install', async () => {
    const needs = json({
      name: '@t/api',
      scripts: { start: 'node server.js' },
      dependencies: { money: 'file:../../vendor/money', express: '5' },
    })
    const { plan, steps } = await ok({ ...npm, 'apps/api/package.json': needs, 'vendor/money/package.json': json({ name: 'money' }) })
    expect(plan.context).toContain('vendor/money')
    expect(steps.indexOf('image copy source:vendor/money vendor/money')).toBeLessThan(
      steps.findIndex((step) => step.startsWith('image npm ')),
    )
    expect(steps).toContain('image copy source:vendor/money vendor/money')
  })
})

describe('paths that the configuration adds to the context', () => {
  const tree = { ...npm, 'data/prices.csv': '1', 'notes.md': 'x' }
  const context = async (...add: string[]): Promise<readonly string[] | null> => (await ok(tree, { context: { add } })).plan.context

  test.each(['data', './data', 'data/', './/data//', 'data/.'])('%s is one way to write it', async (path) => {
    expect(await context(path, 'data', 'notes.md')).toEqual(
      [...closure, 'data', 'notes.md', 'package-lock.json', 'package.json'].toSorted(),
    )
  })

  test.each(['../data', 'data/../../x', '/data', '\\data', 'C:\\data', '..'])('%s leaves the source', async (path) => {
    expect(await refused(tree, { context: { add: ['data', path] } })).toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('must be a relative path inside the source'),
    })
  })

  test('one that is not there is refused', async () => {
    expect(await refused(tree, { context: { add: ['dat'] } })).toMatchObject({
      code: 'invalid_config',
      message: '"context.add[0]" dat is not in the source, or its ignore rules leave it out',
    })
  })

  test('the whole source is all', async () => {
    const { plan, steps } = await ok(tree, { context: { add: ['./'] } })
    expect(plan.context).toBeNull()
    expect(steps).toContain('image copy source:. .')
  })

  test('the whole source for a unit alone', async () => {
    const alone = { 'a/main.py': 'print(1)\n', 'a/requirements.txt': '', 'b/notes.md': 'x' }
    const { plan, steps } = await ok(alone, { unit: 'a', context: { add: ['.'] } })
    expect(plan).toMatchObject({ workspace: '.', context: null })
    expect(steps).toEqual(expect.arrayContaining(['image copy source:. .', 'image copy source:a a']))
  })

  test('outside of the workspace: all lies as in the source', async () => {
    const below = { ...Object.fromEntries(Object.entries(npm).map(([path, text]) => [`js/${path}`, text])), 'data/prices.csv': '1' }
    const { plan, steps } = await ok(below, { context: { add: ['data'] } })
    expect(plan).toMatchObject({ unit: 'js/apps/api', workspace: '.' })
    expect(plan.context).toContain('data')
    expect(steps).toEqual([
      'image npm js/package.json js/package-lock.json js/packages/core/package.json js/packages/shared/package.json js/apps/api/package.json',
      'image copy source:data data',
      'image copy source:js/apps/api js/apps/api',
      'image copy source:js/packages/core js/packages/core',
      'image copy source:js/packages/shared js/packages/shared',
    ])
    expect(plan.steps[0]).toMatchObject({ directory: 'js', packages: closure })
  })
})
