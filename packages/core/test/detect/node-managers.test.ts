import { describe, expect, test } from 'vitest'
import { render } from '../../src/dockerfile/render.ts'
import { ok, refused, type Tree } from '../plan/planning.ts'

// The rows of `detection.md` 2.6 that are about managers; versions of Node are in node.test.ts.

const json = (value: object): string => JSON.stringify(value, null, 1)
const express = { dependencies: { express: '^5.0.0' } }
const server = 'import express from "express"\nexpress().listen(3000)\n'
const tree = (fields: object, files: Tree = {}): Tree => ({ 'index.js': server, 'package.json': json({ ...express, ...fields }), ...files })
const yarn1 = '# yarn lockfile v1\n\n\nexpress@^5.0.0, express@~5.0.1:\n  version "5.1.0"\n  resolved "https://registry.yarnpkg.com/x"\n'
const berry = (version: number): string =>
  `__metadata:\n  version: ${version}\n\n"@s/x@npm:^1":\n  version: 1.0.0\n\n"express@npm:^5.0.0":\n  version: 5.1.0\n`
const bunLock = '{\n  "lockfileVersion": 1,\n  "packages": {\n    "express": ["express@5.1.0", "", {}, "sha512-x"],\n  }\n}\n'
const pnpmLock = "lockfileVersion: '9.0'\n"
const install = (text: string): string[] => text.split('\n').filter((line) => /^(?:RUN| &&).*(?:install|focus|ci)\b/.test(line))

describe('which manager', () => {
  test.each([
    [
      'packageManager before locks',
      { packageManager: 'yarn@1.22.19' },
      { 'package-lock.json': '{}' },
      'yarn',
      'node.manager.field package.json:5',
    ],
    [
      'devEngines',
      { devEngines: { packageManager: { name: 'bun', version: '1.2.3' } } },
      { 'yarn.lock': yarn1 },
      'bun',
      'node.manager.field package.json:1',
    ],
    ['bun.lock', {}, { 'bun.lock': bunLock }, 'bun', 'node.manager.bun-lock bun.lock:1'],
    ['bun.lockb', {}, { 'bun.lockb': new Uint8Array([0, 1, 2]) }, 'bun', 'node.manager.bun-lock bun.lockb:1'],
    ['pnpm-lock.yaml', {}, { 'pnpm-lock.yaml': pnpmLock }, 'pnpm', 'node.manager.pnpm-lock pnpm-lock.yaml:1'],
    ['yarn.lock of yarn 1', {}, { 'yarn.lock': yarn1 }, 'yarn', 'node.manager.yarn-lock yarn.lock:1'],
    ['yarn.lock of berry', {}, { 'yarn.lock': berry(8) }, 'yarn', 'node.manager.yarn-lock yarn.lock:1'],
    [
      'npm-shrinkwrap before package-lock',
      {},
      { 'npm-shrinkwrap.json': '{}', 'package-lock.json': '{}' },
      'npm',
      'node.manager.npm-lock npm-shrinkwrap.json:1',
    ],
    ['engines, without a lock', { engines: { pnpm: '>=9' } }, {}, 'pnpm', 'node.manager.field package.json:1'],
    [
      'pnpm-workspace.yaml, before engines',
      { engines: { yarn: 'please use pnpm' } },
      { 'pnpm-workspace.yaml': 'onlyBuiltDependencies:\n  - esbuild\n' },
      'pnpm',
      'node.manager.pnpm-workspace pnpm-workspace.yaml:1',
    ],
    [
      'a lock before pnpm-workspace.yaml',
      {},
      { 'pnpm-workspace.yaml': '', 'yarn.lock': yarn1 },
      'yarn',
      'node.manager.yarn-lock yarn.lock:1',
    ],
    [
      'a field before pnpm-workspace.yaml',
      { packageManager: 'pnpm@10.1.0' },
      { 'pnpm-workspace.yaml': '' },
      'pnpm',
      'node.manager.field package.json:5',
    ],
    ['nothing', {}, {}, 'npm', 'node.manager.default package.json:1'],
  ])('%s', async (_, fields, files, manager, why) => {
    const found = await ok(tree(fields, files))
    expect(found.plan.packageManager).toBe(manager)
    expect(found.why('packageManager')).toBe(why)
  })
  test('a lock of another manager is said, and what lost is kept', async () => {
    const found = await ok(tree({ packageManager: 'yarn@4.1.0' }, { 'package-lock.json': '{}', 'yarn.lock': berry(8) }))
    expect(found.notices.find(({ code }) => code === 'several_locks')?.file).toBe('package-lock.json')
    expect(found.evidence.values.find(({ field }) => field === 'packageManager')?.lost.map(({ value }) => value)).toEqual(['npm'])
  })
  test('the configuration is stronger than all', async () => {
    expect(
      (await ok(tree({ packageManager: 'yarn@4.1.0' }, { 'yarn.lock': berry(8) }), { packageManager: 'npm' })).plan.packageManager,
    ).toBe('npm')
  })
})

describe('its version', () => {
  test.each([
    ['yarn 1', {}, { 'yarn.lock': yarn1 }, 'yarn', '1.22.22'],
    ['yarn 1, pinned', { packageManager: 'yarn@1.22.10' }, { 'yarn.lock': yarn1 }, 'yarn', '1.22.10'],
    ['berry of today', {}, { 'yarn.lock': berry(8) }, 'yarn', '4'],
    ['berry 3', {}, { 'yarn.lock': berry(6) }, 'yarn', '3'],
    ['berry 2', {}, { 'yarn.lock': berry(4) }, 'yarn', '2'],
    ['yarnPath', {}, { 'yarn.lock': berry(8), '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.5.3.cjs\n' }, 'yarn', '4.5.3'],
    ['packageManager with a hash', { packageManager: 'yarn@4.9.1+sha512.aa' }, { 'yarn.lock': berry(8) }, 'yarn', '4.9.1'],
    ['bun', {}, { 'bun.lock': bunLock }, 'bun', '1'],
    ['bun, pinned', { packageManager: 'bun@1.2.20' }, { 'bun.lock': bunLock }, 'bun', '1.2.20'],
    ['a range of engines', { engines: { pnpm: '^9.4.0' } }, { 'pnpm-lock.yaml': pnpmLock }, 'pnpm', '9'],
    [
      'a range of devEngines',
      { devEngines: { packageManager: { name: 'pnpm', version: '>=9 <10' } } },
      { 'pnpm-lock.yaml': pnpmLock },
      'pnpm',
      '9',
    ],
    [
      'an exact devEngines',
      { devEngines: { packageManager: [{ name: 'pnpm', version: '9.1.2' }] } },
      { 'pnpm-lock.yaml': pnpmLock },
      'pnpm',
      '9.1.2',
    ],
    ['the lock where a range contradicts it', { engines: { pnpm: '<5' } }, { 'pnpm-lock.yaml': pnpmLock }, 'pnpm', '10'],
  ])('%s', async (_, fields, files, name, version) => {
    expect((await ok(tree(fields, files))).plan.toolchains).toEqual([{ name, version }])
  })
})

describe('installing', () => {
  test.each([
    ['npm', { 'package-lock.json': '{}' }, ['RUN npm ci --omit=dev --no-audit --no-fund && rm -rf /root/.npm']],
    ['npm without a lock', {}, ['RUN npm install --omit=dev --no-audit --no-fund && rm -rf /root/.npm']],
    [
      'yarn 1',
      { 'yarn.lock': yarn1 },
      [
        'RUN npm install --global --force yarn@1.22.22 && rm -rf /root/.npm',
        'RUN yarn install --non-interactive --frozen-lockfile --production \\',
      ],
    ],
    [
      'berry',
      { 'yarn.lock': berry(8) },
      [
        'RUN npm install --global --force @yarnpkg/cli-dist@4 && rm -rf /root/.npm',
        'RUN yarn workspaces focus --all --production && rm -rf /var/cache/yarn /root/.npm /root/.cache /root/.yarn',
      ],
    ],
    [
      'berry 3, which cannot leave packages out',
      { 'yarn.lock': berry(6) },
      [
        'RUN npm install --global --force @yarnpkg/cli-dist@3 && rm -rf /root/.npm',
        'RUN yarn install --immutable && rm -rf /var/cache/yarn /root/.npm /root/.cache /root/.yarn',
      ],
    ],
    [
      'bun',
      { 'bun.lock': bunLock },
      [
        'RUN npm install --global bun@1 && rm -rf /root/.npm',
        'RUN bun install --frozen-lockfile --production && rm -rf /var/cache/bun /root/.npm /root/.bun',
      ],
    ],
  ])('%s', async (_, files, lines) => {
    const { plan } = await ok(tree({}, files))
    expect(install(render(plan, 'classic').text)).toEqual(lines)
  })
  test('packages of Plug and Play lie in node_modules, and a cache that is checked in is used', async () => {
    const files = { 'yarn.lock': berry(8), '.yarnrc.yml': 'nodeLinker: pnp\n', '.yarn/cache/x.zip': 'x', '.pnp.cjs': '' }
    const { plan, command } = await ok(tree({}, files))
    expect(command).toBe('node index.js')
    const { text } = render(plan, 'classic')
    expect(text).toContain('ARG YARN_NODE_LINKER=node-modules\n')
    expect(text).toContain('ARG YARN_ENABLE_GLOBAL_CACHE=false\n')
    expect(text).toContain('COPY .yarn/cache/x.zip .yarn/cache/\n')
  })
  test("files of Plug'n'Play go before a build", async () => {
    const files = { 'yarn.lock': berry(8), '.pnp.cjs': '', 'src/a.ts': server, 'tsconfig.json': '{"compilerOptions":{"outDir":"dist"}}' }
    const found = await ok({ ...tree({ scripts: { build: 'tsc', start: 'node dist/a.js' } }, files) })
    expect(found.steps.indexOf('build run rm -f .pnp.cjs')).toBeGreaterThan(found.steps.indexOf('build copy source:. .'))
    expect(found.steps.indexOf('build run rm -f .pnp.cjs')).toBeLessThan(found.steps.indexOf('build run yarn run build'))
  })
  test('a cache of its own for each, with BuildKit', async () => {
    const text = render((await ok(tree({}, { 'yarn.lock': yarn1 }))).plan, 'buildkit').text
    expect(text).toContain('--mount=type=cache,id=kiln-yarn,target=/var/cache/yarn,sharing=locked')
    expect(render((await ok(tree({}, { 'bun.lock': bunLock }))).plan, 'buildkit').text).toContain(
      'id=kiln-bun,target=/var/cache/bun,sharing=shared',
    )
  })
  test('manifests alone come before the install', async () => {
    const files = {
      ...{
        'yarn.lock': berry(8),
        '.yarnrc.yml': '',
        '.npmrc': '',
        '.yarn/plugins/p.cjs': '',
        '.yarn/patches/x.patch': '',
        '.yarn/install-state.gz': '',
      },
      ...{ 'prisma/schema.prisma': '', 'patches/express+5.patch': '' },
    }
    const found = await ok(tree({ dependencies: { express: '^5', prisma: '^6' } }, files))
    expect(found.steps.find((step) => step.startsWith('build yarn'))).toBe(
      'build yarn package.json yarn.lock .npmrc .yarnrc.yml .yarn/patches/x.patch .yarn/plugins/p.cjs patches/express+5.patch prisma/schema.prisma +dev',
    )
    const pnpm = await ok(
      tree({ pnpm: { patchedDependencies: { express: './fixes/e.patch' } } }, { 'pnpm-lock.yaml': pnpmLock, 'fixes/e.patch': '' }),
    )
    expect(pnpm.steps[0]).toBe('build pnpm package.json pnpm-lock.yaml fixes/e.patch')
    const bun = await ok(tree({}, { 'bun.lock': bunLock, 'bunfig.toml': '', '.npmrc': '' }))
    expect(bun.steps[0]).toBe('build bun package.json bun.lock bunfig.toml .npmrc')
  })
  test('a lock with a merge conflict, of any manager', async () => {
    for (const name of ['yarn.lock', 'bun.lock', 'pnpm-lock.yaml'])
      expect(await refused(tree({}, { [name]: 'x\n<<<<<<< HEAD\n' }))).toMatchObject({ code: 'invalid_manifest', place: `${name}:2` })
  })
  test('what a lock has is known by name: no notice about a package that it brings', async () => {
    const use = (lock: Tree): Tree => ({ 'index.js': 'import "express"\nimport "debug"\n', 'package.json': json(express), ...lock })
    const debug = { 'yarn.lock': `${yarn1}\ndebug@4:\n  version "4.4.0"\n` }
    expect((await ok(use(debug))).codes).not.toContain('undeclared_import')
    expect((await ok(use({ 'yarn.lock': yarn1 }))).codes).toContain('undeclared_import')
    expect(
      (await ok(use({ 'bun.lock': bunLock.replace('"express":', '"debug": ["debug@4.4.0", "", {}, "x"],\n    "express":') }))).codes,
    ).not.toContain('undeclared_import')
  })
})

describe('scripts of the project', () => {
  const run = async (scripts: object, more: object = {}): ReturnType<typeof ok> =>
    ok(tree({ scripts, ...more }, { 'package-lock.json': '{}' }))
  test.each([
    'husky',
    'husky install',
    'npx simple-git-hooks',
    'is-ci || husky',
    'node .husky/install.mjs',
    'npx only-allow npm',
    'git config core.hooksPath x',
  ])('%s sets up a checkout and is left out', async (prepare) => {
    const found = await run({ prepare })
    expect(found.steps).toEqual(['image npm package.json package-lock.json', 'image copy source:. .'])
    expect(found.plan.steps[0]).toMatchObject({ without: ['prepare'] })
    expect(render(found.plan, 'classic').text).toContain('RUN npm pkg delete scripts.prepare')
  })
  test('others need the source, and packages for development, which go again', async () => {
    expect((await run({ postinstall: 'gulp assets' })).steps).toEqual([
      'build copy source:. .',
      'build npm package.json package-lock.json +dev',
      'build run npm prune --omit=dev --ignore-scripts',
      'image copy build:. .',
    ])
  })
  test('patch-package needs its patches alone', async () => {
    const found = await ok(tree({ scripts: { postinstall: 'patch-package' } }, { 'patches/express+5.0.0.patch': 'x' }))
    expect(found.steps.slice(0, 2)).toEqual([
      'build npm package.json patches/express+5.0.0.patch +dev',
      'build run npm prune --omit=dev --ignore-scripts',
    ])
  })
  test.each([
    ['yarn 1', { 'yarn.lock': yarn1 }, ['yarn install --production --ignore-scripts --non-interactive']],
    ['berry', { 'yarn.lock': berry(8) }, ['env YARN_ENABLE_SCRIPTS=0 yarn workspaces focus --all --production']],
    ['berry 3', { 'yarn.lock': berry(6) }, []],
    ['pnpm', { 'pnpm-lock.yaml': pnpmLock }, ['pnpm prune --prod --config.ignore-scripts=true --config.confirmModulesPurge=false']],
    ['bun', { 'bun.lock': bunLock }, ['rm -rf node_modules', 'bun install --production']],
  ])('%s prunes after a build', async (_, files, commands) => {
    const found = await ok(tree({ scripts: { build: 'webpack && cp a b', start: 'node dist/x.js' } }, files))
    const from = found.steps.findIndex((step) => step.endsWith('run build'))
    expect(found.steps.slice(from + 1, -1)).toEqual(commands.map((command) => `build run ${command}`))
  })
  test.each(['link:../x', 'file:./own', 'portal:./own'])('%s is a directory of the source', async (specifier) => {
    expect((await ok(tree({ dependencies: { own: specifier } }))).steps[0]).toBe('image copy source:. .')
  })
  test('a loader beside what the lock has, by each manager', async () => {
    const manifest = json({ ...express, scripts: { start: 'node index.ts' } })
    const typed = (files: Tree): Tree => ({ 'index.ts': 'export enum E { A }\nconsole.log(1)\n', 'package.json': manifest, ...files })
    const step = async (files: Tree): Promise<string | undefined> => (await ok(typed(files))).steps.find((one) => one.includes('tsx@^4'))
    expect(await step({ 'yarn.lock': yarn1 })).toBe('build run yarn add --production --ignore-scripts tsx@^4')
    expect(await step({ 'yarn.lock': berry(8) })).toBe('build run yarn add tsx@^4')
    expect(await step({ 'bun.lock': bunLock })).toBe('build run bun add --omit=dev tsx@^4')
  })
})

describe('Prisma', () => {
  const prisma = { dependencies: { '@prisma/client': '^6' }, devDependencies: { prisma: '^6' } }
  const files = { 'prisma/schema.prisma': 'model A {}', 'package-lock.json': '{}' }
  test('the client is made where no script makes it', async () => {
    const found = await ok(tree(prisma, files))
    expect(found.steps).toContain('build run node node_modules/prisma/build/index.js generate')
    expect(found.why('build')).toMatch(/^node\.build\.prisma package\.json:\d+$/)
    expect(found.plan.systemPackages).toEqual(['openssl'])
  })
  test('a script that makes it is enough, and the packages of the build are those of the image', async () => {
    const scripts = { build: 'prisma generate && tsc', start: 'node dist/a.js' }
    const found = await ok({
      ...tree({ ...prisma, scripts }, files),
      'src/a.ts': server,
      'tsconfig.json': '{"compilerOptions":{"outDir":"dist"}}',
    })
    expect(found.steps.filter((step) => step.includes('generate'))).toEqual([])
    expect(found.steps).toContain('build run npm prune --omit=dev --ignore-scripts')
  })
})
