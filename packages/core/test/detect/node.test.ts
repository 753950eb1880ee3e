import { describe, expect, test } from 'vitest'
import { ok, refused } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value, null, 1)
const server =
  'import express from "express"\nconst app = express()\napp.get("/", (q, r) => r.end())\napp.listen(process.env.PORT || 3000)\n'
const express = { dependencies: { express: '^5.0.0' } }
const lockOf = (...names: string[]): string =>
  json({ lockfileVersion: 3, packages: Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }])) })

describe('the Node version', () => {
  const start = { scripts: { start: 'node index.js' } }
  test.each([
    [{}, {}, '24', 'node.version.default'],
    [{ '.nvmrc': 'v22.11.0\n' }, {}, '22.11.0', 'node.version.nvmrc .nvmrc:1'],
    [{ '.nvmrc': 'lts/jod\n' }, {}, '22', 'node.version.nvmrc .nvmrc:1'],
    [{ '.nvmrc': 'lts/*' }, {}, '24', 'node.version.nvmrc .nvmrc:1'],
    [{ '.node-version': '22\n' }, {}, '22', 'node.version.file .node-version:1'],
    [{ '.tool-versions': 'nodejs 22.3.0\n' }, {}, '22.3.0', 'node.version.tool-pin .tool-versions:1'],
    [{}, { volta: { node: '22.2.0' } }, '22.2.0', 'node.version.volta package.json:6'],
    [{}, { devEngines: { runtime: { name: 'node', version: '^22.0.0' } } }, '22', 'node.version.dev-engines package.json:6'],
    [{}, { engines: { node: '>=18' } }, '24', 'node.version.engines package.json:6'],
    [{}, { engines: { node: '>=18 <23' } }, '22', 'node.version.engines package.json:6'],
    [{}, { engines: { node: '20.x' } }, '20', 'node.version.engines package.json:6'],
    [{}, { engines: { node: '22.18.0' } }, '22.18.0', 'node.version.engines package.json:6'],
    [{ '.nvmrc': '22' }, { engines: { node: '>=20' } }, '22', 'node.version.nvmrc .nvmrc:1'],
    [{ '.nvmrc': 'node\n' }, { engines: { node: '<24' } }, '22', 'node.version.nvmrc .nvmrc:1'],
    [{ '.nvmrc': '\n# pinned\nv22\n' }, {}, '22', 'node.version.nvmrc .nvmrc:3'],
    [{ 'mise.toml': '[tools]\nnode = "22"\n' }, {}, '22', 'node.version.tool-pin mise.toml:2'],
    [{ '.mise.toml': '[tools]\nnode = { version = "lts/jod" }\n' }, {}, '22', 'node.version.tool-pin .mise.toml:2'],
    [{}, { engines: { node: '18 || 20 || 22' } }, '22', 'node.version.engines package.json:6'],
    [
      {},
      { devEngines: { runtime: [{ name: 'node', version: '>=20 <24' }] }, engines: { node: '>=22' } },
      '22',
      'node.version.dev-engines package.json:6',
    ],
    [{ '.nvmrc': '22' }, { volta: { node: '24.1.0' } }, '22', 'node.version.nvmrc .nvmrc:1'],
  ])('%j %j', async (files, fields, version, why) => {
    const found = await ok({ 'index.js': 'setInterval(() => {}, 1)', 'package.json': json({ ...start, ...fields }), ...files })
    expect(found.plan.runtime).toEqual({ name: 'node', version })
    expect(found.why('runtime.version')).toBe(why)
  })
  test('a pin against the engines', async () => {
    const tree = { 'index.js': '1', '.nvmrc': '20', 'package.json': json({ ...start, engines: { node: '>=22' } }) }
    expect(await refused(tree)).toMatchObject({ code: 'conflicting_constraints', place: '.nvmrc:1' })
    expect((await ok(tree, { runtime: { version: '24' } })).plan.runtime.version).toBe('24')
  })
  test('what lost, and what a stronger pin overruled, is said', async () => {
    const found = await ok({
      'index.js': '1',
      '.nvmrc': '22',
      'package.json': json({ ...start, volta: { node: '24.1.0' }, engines: { node: '>=20' } }),
    })
    const { lost } = found.evidence.values.find(({ field }) => field === 'runtime.version')!
    expect(lost.map(({ value }) => value)).toEqual(['24.1.0', '>=20', '24'])
    expect(found.notices.find(({ code }) => code === 'overruled_version')).toMatchObject({ file: 'package.json' })
  })
  test('ranges that no version fits name every place', async () => {
    const answer = await refused({
      'index.js': '1',
      '.nvmrc': '22',
      'package.json': json({ ...start, devEngines: { runtime: { name: 'node', version: '<22' } }, engines: { node: '>=22' } }),
    })
    expect(answer.code).toBe('conflicting_constraints')
    expect(answer.message).toContain('.nvmrc:1 says 22')
    expect(answer.message).toMatch(/package\.json:\d+ says <22/)
  })
  test.each(['99', '14', 'lts/fermium', '12.x'])('a pin that there is no version of: %s', async (text) => {
    const answer = await refused({ 'index.js': '1', '.nvmrc': text, 'package.json': json({ ...start, engines: { node: '>=10' } }) })
    expect(answer).toMatchObject({ code: 'conflicting_constraints', place: '.nvmrc:1' })
    expect(answer.message).toContain('and of Node there is 26, 25, 24, 23, 22, 21, 20, 18, 16')
  })
  test('what is no version, and what is too old', async () => {
    expect(await refused({ 'index.js': '1', 'package.json': json({ ...start, engines: { node: 'new' } }) })).toMatchObject({
      code: 'invalid_manifest',
      place: 'package.json:6',
    })
    expect((await ok({ 'index.js': '1', '.nvmrc': '18' })).codes).toContain('end_of_life')
  })
})

describe('the start', () => {
  test('a start script that runs node, never through npm', async () => {
    const found = await ok({
      'src/server.js': server,
      'package.json': json({
        ...express,
        scripts: { start: 'NODE_OPTIONS=--enable-source-maps node --no-warnings ./src/server.js --fast' },
      }),
    })
    expect(found.plan.start).toEqual(['node', '--no-warnings', 'src/server.js', '--fast'])
    expect(found.plan).toMatchObject({ language: 'javascript', framework: 'express', port: 3000, entrypoint: 'src/server.js' })
    expect(found.plan.env).toEqual({ NODE_ENV: 'production', NODE_OPTIONS: '--enable-source-maps', PORT: '3000' })
    expect(found.why('start')).toMatch(/^node\.start\.script package\.json:\d+$/)
    expect(found.why('port')).toBe('node.port.listen src/server.js:4')
    expect(found.why('framework')).toBe('node.framework.import src/server.js:1')
  })
  test.each(['node .', 'node server', 'npx nodemon server.js', 'node --watch server.js', 'cross-env A=1 node server.js'])(
    '%s',
    async (start) => {
      expect((await ok({ 'server.js': server, 'package.json': json({ ...express, main: 'server.js', scripts: { start } }) })).command).toBe(
        'node server.js',
      )
    },
  )
  test('a development server is said', async () => {
    const found = await ok({ 'server.js': server, 'package.json': json({ ...express, scripts: { start: 'nodemon server.js' } }) })
    expect(found.notices.find(({ code }) => code === 'dev_server')?.message).toContain('nodemon')
  })
  test('main, when no script says it', async () => {
    const found = await ok({ 'lib/run.js': server, 'package.json': json({ ...express, main: './lib/run.js' }) })
    expect(found.command).toBe('node lib/run.js')
    expect(found.why('start')).toMatch(/^node\.start\.main package\.json/)
  })
  test('else the file that listens, else a usual name', async () => {
    expect((await ok({ 'zebra.js': server, 'index.js': 'console.log(1)', 'package.json': json(express) })).command).toBe('node zebra.js')
    expect((await ok({ 'src/agent.js': 'console.log(1)', 'src/x.js': '1' })).command).toBe('node src/agent.js')
  })
  test('several files that listen, of unusual names', async () => {
    expect(await refused({ 'a.js': server, 'b.js': server })).toMatchObject({
      code: 'several_candidates',
      patches: [{ entrypoint: 'a.js' }, { entrypoint: 'b.js' }],
    })
  })
  test('a start script that starts what is not there', async () => {
    expect(await refused({ 'index.js': '1', 'package.json': json({ scripts: { start: 'node nothing.js' } }) })).toMatchObject({
      code: 'entrypoint_not_found',
      patches: [{ entrypoint: 'index.js' }],
    })
  })
  test('a tool that Kiln does not plan', async () => {
    const answer = await refused({
      'pages/index.js': '1',
      'package.json': json({ scripts: { start: 'turbo-server up' }, dependencies: { 'turbo-server': '15' } }),
    })
    expect(answer.code).toBe('unsupported_project')
    expect(answer.message).toContain('turbo-server')
  })
  test('a package.json of tools alone', async () => {
    expect((await refused({ 'package.json': json({ devDependencies: { prettier: '3' } }) })).code).toBe('nothing_detected')
  })
  test('listening on the own machine only is said', async () => {
    const found = await ok({ 'index.js': 'const s = require("http").createServer()\ns.listen(5000, "127.0.0.1")\n' })
    expect(found.plan.port).toBe(5000)
    expect(found.notices.find(({ code }) => code === 'binds_locally')).toMatchObject({ file: 'index.js', line: 2 })
  })
})

describe('managers', () => {
  const tree = { 'index.js': server }
  test('npm with its lock, in one stage', async () => {
    const found = await ok({ ...tree, 'package.json': json(express), 'package-lock.json': lockOf('express'), '.npmrc': '' })
    expect(found.steps).toEqual(['image npm package.json package-lock.json .npmrc', 'image copy source:. .'])
    expect(found.plan.packageManager).toBe('npm')
  })
  test('npm without a lock is said', async () => {
    expect((await ok({ ...tree, 'package.json': json(express) })).codes).toContain('no_lock')
  })
  test.each([
    ["lockfileVersion: '9.0'\n", {}, '10'],
    ['lockfileVersion: 5.4\n', {}, '7'],
    ["lockfileVersion: '6.0'\n", {}, '8'],
    ["lockfileVersion: '9.0'\n", { packageManager: 'pnpm@9.15.2+sha512.aa' }, '9.15.2'],
  ])('pnpm %j %j', async (lock, fields, version) => {
    const found = await ok({ ...tree, 'package.json': json({ ...express, ...fields }), 'pnpm-lock.yaml': lock, 'pnpm-workspace.yaml': '' })
    expect(found.plan.toolchains).toEqual([{ name: 'pnpm', version }])
    expect(found.steps).toEqual([
      'build pnpm package.json pnpm-lock.yaml pnpm-workspace.yaml',
      'image copy build:node_modules node_modules',
      'image copy source:. .',
    ])
  })
  test('several locks are said', async () => {
    const found = await ok({
      ...tree,
      'package.json': json(express),
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      'package-lock.json': lockOf(),
    })
    expect(found.plan.packageManager).toBe('pnpm')
    expect(found.notices.find(({ code }) => code === 'several_locks')?.file).toBe('package-lock.json')
  })
  test('scripts and directories of the project need the source first', async () => {
    expect((await ok({ ...tree, 'package.json': json({ ...express, scripts: { postinstall: 'node x' } }) })).steps).toEqual([
      'image copy source:. .',
      'image npm package.json',
    ])
    expect((await ok({ ...tree, 'package.json': json({ dependencies: { own: 'file:./own' } }) })).steps[0]).toBe('image copy source:. .')
  })
  test('packages for development alone are not installed', async () => {
    expect((await ok({ ...tree, 'package.json': json({ devDependencies: { prettier: '3' } }) })).steps).toEqual(['image copy source:. .'])
  })
  test.each([
    ['{"scripts":\n{"start": 1}}', 2],
    ['{\n"dependencies":\n\n[]}', 2],
    ['{"scripts":\n{"start": }}', 2],
    ['[]', 1],
  ])('a package.json that is wrong: %j', async (text, line) => {
    expect(await refused({ 'index.js': '1', 'package.json': text })).toMatchObject({
      code: 'invalid_manifest',
      place: `package.json:${line}`,
    })
  })
  test('a lock with a merge conflict', async () => {
    expect(await refused({ ...tree, 'package.json': json(express), 'package-lock.json': '{\n<<<<<<< HEAD\n' })).toMatchObject({
      code: 'invalid_manifest',
      place: 'package-lock.json:2',
    })
  })
  test('nothing declared: packages come from the imports', async () => {
    const found = await ok({ 'index.ts': 'import express from "express"\nexpress().listen(3000)\n' })
    expect(found.plan.dependencies.filter(({ group }) => group === 'default').map(({ name }) => name)).toEqual(['express'])
    expect(JSON.parse((found.plan.steps[0] as { text: string }).text)).toMatchObject({ private: true, dependencies: { express: '*' } })
    expect(found.plan.language).toBe('typescript')
  })
  test('a package.json that declares nothing keeps what it says', async () => {
    const found = await ok({ 'index.js': server, 'package.json': json({ type: 'module', name: 'x' }) })
    expect(JSON.parse((found.plan.steps[0] as { text: string }).text)).toEqual({
      type: 'module',
      name: 'x',
      dependencies: { express: '*' },
    })
  })
})

describe('TypeScript', () => {
  const manifest = json({ ...express, devDependencies: { typescript: '^5.0.0' } })
  const tsServer = 'import { createServer } from "node:http"\nimport { x } from "./x.ts"\ncreateServer(() => x).listen(4000)\n'
  test('runs as it is from Node 22.18 on', async () => {
    const found = await ok({
      'src/index.ts': tsServer,
      'src/x.ts': 'export const x: number = 1 // no enum E {}\n',
      'package.json': manifest,
    })
    expect(found.command).toBe('node src/index.ts')
    expect(found.codes).not.toContain('typescript_loader')
    expect(found.plan).toMatchObject({ language: 'typescript', port: 4000 })
  })
  test.each([
    ['export enum E { A }', 'src/x.ts', 1],
    ['export namespace N { export const a = 1 }\nexport const x = 1', 'src/x.ts', 1],
    ['export const x = 1\nclass C { constructor(private readonly a: number) {} }', 'src/x.ts', 2],
    ['export const x = 1\nfunction d(t: unknown) {}\n@d\nclass C {}', 'src/x.ts', 3],
    ['import { y } from "./y"\nexport const x = y', 'src/x.ts', 1],
    ['import { y } from "./y.js"\nexport const x = y', 'src/x.ts', 1],
  ])('what Node cannot strip runs with tsx: %s', async (text, file, line) => {
    const found = await ok({ 'src/index.ts': tsServer, 'src/x.ts': text, 'src/y.ts': 'export const y = 1', 'package.json': manifest })
    expect(found.command).toBe('node --import tsx src/index.ts')
    expect(found.packages).toContain('tsx^4')
    expect(found.notices.find(({ code }) => code === 'typescript_loader')).toMatchObject({ file, line })
    expect(found.steps).toContain('image run npm install --no-save --omit=dev --no-audit --no-fund tsx@^4')
  })
  test.each([
    'export declare enum E { A }',
    'export type x = { private: string }',
    'const s = "enum E {"',
    'export abstract class A { private b = 1; readonly c = 2 }',
  ])('what only looks like it: %s', async (text) => {
    expect((await ok({ 'index.ts': 'import "./x.ts"\nconsole.log(1)', 'x.ts': text })).command).toBe('node index.ts')
  })
  test('aliases of the tsconfig', async () => {
    const found = await ok({
      'index.ts': 'import { x } from "@/x"\nconsole.log(x)',
      'src/x.ts': 'export const x = 1',
      'tsconfig.json': '{ // paths\n "compilerOptions": { "paths": { "@/*": ["./src/*"], }, }, }',
    })
    expect(found.command).toBe('node --import tsx index.ts')
  })
  test('an older Node', async () => {
    expect((await ok({ 'index.ts': 'console.log(1)' }, { runtime: { version: '20' } })).command).toBe('node --import tsx index.ts')
    expect((await ok({ 'index.ts': 'console.log(1)' }, { runtime: { version: '22.10.0' } })).command).toBe('node --import tsx index.ts')
  })
  test('a tsx that is declared is used from its group', async () => {
    const found = await ok({
      'src/index.ts': 'import "./y"',
      'src/y.ts': 'export {}',
      'package.json': json({ scripts: { start: 'tsx src/index.ts' }, devDependencies: { tsx: '^4' } }),
      'package-lock.json': lockOf('tsx'),
    })
    expect(found.command).toBe('node --import tsx src/index.ts')
    expect(found.steps[0]).toBe('image npm package.json package-lock.json +dev')
  })
})

describe('a build without packages', () => {
  test('runs in a stage of its own, and the image takes what it wrote', async () => {
    const scripts = { start: 'npm run build && node dist/x.js', build: 'mkdir -p dist && cp x.js dist/x.js' }
    const found = await ok({ 'x.js': 'console.log(1)', 'package.json': JSON.stringify({ scripts }) })
    expect(found.command).toBe('node dist/x.js')
    expect(found.steps).toEqual(['build copy source:. .', 'build run npm run build', 'image copy build:. .'])
  })
  test('a script of the source, with commands and packages of the system', async () => {
    const tree = {
      'x.js': 'console.log(1)',
      'build.js': '',
      'package.json': JSON.stringify({ scripts: { start: 'node dist/x.js', build: 'node build.js' } }),
    }
    const found = await ok(tree, { build: { add: [['node', 'seed.js']] }, systemPackages: { add: ['git'] } })
    expect(found.steps).toEqual([
      'image system git',
      'build copy source:. .',
      'build run npm run build',
      'build run node seed.js',
      'image copy build:. .',
    ])
  })
  test('of known outputs only these are taken', async () => {
    const scripts = { start: 'node dist/x.js', build: 'rm -rf dist && esbuild x.js --outdir=dist' }
    const found = await ok({ 'x.js': 'console.log(1)', 'package.json': JSON.stringify({ scripts }) })
    expect(found.steps.slice(2)).toEqual(['image copy source:. .', 'image copy build:dist dist'])
  })
  test('inferred packages stay: the own manifest, which names none, prunes nothing', async () => {
    const scripts = { start: 'node dist/x.js', build: 'node build.js' }
    const found = await ok({ 'x.js': 'import "express"', 'build.js': '', 'package.json': JSON.stringify({ scripts }) })
    expect(found.packages).toEqual(['express*'])
    expect(found.steps.filter((step) => step.includes('prune'))).toEqual([])
  })
})

describe('a build', () => {
  const tsconfig = '{ "compilerOptions": { "outDir": "./dist", "rootDir": "src" } }'
  const manifest = (scripts: object, more: object = {}): string =>
    json({ ...express, scripts, devDependencies: { typescript: '^5.0.0' }, ...more })
  test('tsc: development packages build, the image gets the rest', async () => {
    const found = await ok({
      'src/server.ts': server,
      'tsconfig.json': tsconfig,
      'package.json': manifest({ build: 'rimraf dist && tsc -p .', start: 'node dist/server.js' }),
      'package-lock.json': lockOf('express'),
    })
    expect(found.command).toBe('node dist/server.js')
    expect(found.plan).toMatchObject({ entrypoint: 'src/server.ts', language: 'typescript', port: 3000, framework: 'express' })
    expect(found.steps).toEqual([
      'build npm package.json package-lock.json +dev',
      'build copy source:. .',
      'build run npm run build',
      'image npm package.json package-lock.json',
      'image copy source:. .',
      'image copy build:dist dist',
    ])
    expect(found.why('build')).toMatch(/^node\.build\.script package\.json:/)
  })
  test('of another tool: all that it leaves is taken', async () => {
    const found = await ok({
      'src/server.ts': server,
      'package.json': manifest({ build: 'vite build && tsc', start: 'node dist/server.js' }),
    })
    expect(found.steps.at(-1)).toBe('image copy build:. .')
  })
  test('what needs the source to install is built and pruned in one stage', async () => {
    const scripts = { build: 'tsc -p .', start: 'node dist/server.js', prepare: 'tsc -p .' }
    const tree = { 'src/server.ts': server, 'tsconfig.json': tsconfig, 'package.json': manifest(scripts) }
    expect((await ok(tree)).steps).toEqual([
      'build copy source:. .',
      'build npm package.json +dev',
      'build run npm run build',
      'build run npm prune --omit=dev --ignore-scripts',
      'image copy build:node_modules node_modules',
      'image copy source:. .',
      'image copy build:dist dist',
    ])
    const pnpm = await ok({ ...tree, 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" })
    expect(pnpm.steps).toContain('build run pnpm prune --prod --config.ignore-scripts=true --config.confirmModulesPurge=false')
  })
  test('a check of types is none', async () => {
    expect(
      (await ok({ 'src/server.js': server, 'package.json': manifest({ build: 'tsc --noEmit', start: 'node src/server.js' }) })).steps,
    ).toEqual(['image npm package.json', 'image copy source:. .'])
  })
  test('tsc in the start script, and without any script', async () => {
    const run = 'build run node node_modules/typescript/bin/tsc -p tsconfig.json'
    expect(
      (await ok({ 'src/a.ts': server, 'tsconfig.json': tsconfig, 'package.json': manifest({ start: 'tsc && node dist/a.js' }) })).steps,
    ).toContain(run)
    expect(
      (await ok({ 'src/a.ts': server, 'tsconfig.json': tsconfig, 'package.json': manifest({}, { main: 'dist/a.js' }) })).steps,
    ).toContain(run)
  })
  test('commands of the configuration come after it', async () => {
    const found = await ok(
      { 'src/server.ts': server, 'tsconfig.json': tsconfig, 'package.json': manifest({ build: 'tsc', start: 'node dist/server.js' }) },
      { build: { add: [['node', 'seed.js']] } },
    )
    expect(found.steps.slice(2, 4)).toEqual(['build run npm run build', 'build run node seed.js'])
  })
})

test('a missing lock names the manager that makes it', async () => {
  const message = async (packageManager: string): Promise<string | undefined> =>
    (await ok({ 'index.js': server, 'package.json': json({ ...express, packageManager }) })).notices.find(({ code }) => code === 'no_lock')
      ?.message
  expect(await message('pnpm@10.1.0')).toContain('`pnpm install` makes one')
  expect(await message('npm@11.0.0')).toContain('`npm install` makes one')
})

test('a hook of the start script is named as what it is', async () => {
  const scripts = { prestart: 'node migrate.js && npm run build', start: 'echo hi && node index.js', build: 'tsc' }
  const found = await ok({ 'index.js': server, 'package.json': json({ ...express, scripts }) })
  const hooks = found.notices.filter(({ code }) => code === 'script_hook')
  expect(hooks.map(({ line }) => line)).toEqual([6, 7])
  expect(hooks[0]?.message).toMatch(/^"node migrate\.js" of scripts\.prestart is not run: .*scripts\.build/)
  expect(hooks[1]?.message).toMatch(/^"echo hi" of scripts\.start is not run/)
})
