import { describe, expect, test } from 'vitest'
import { readBunCommand } from '../../src/detect/bun/command.ts'
import { ok } from '../plan/planning.ts'

const serve = 'Bun.serve({ port: 3000, fetch: () => new Response("hi") })\n'
const app = (fields: object): string => JSON.stringify({ name: 'x', dependencies: { hono: '^4' }, ...fields })

describe('is it Bun', () => {
  test.each([
    ['Bun.serve', { 'index.ts': serve }, 'bun.object index.ts:1'],
    ['bun: import', { 'index.ts': '\nimport { Database } from "bun:sqlite"\nnew Database()\n' }, 'bun.import index.ts:2'],
    [
      'the start script',
      { 'package.json': '{\n"scripts":{"start":"bun run src/index.ts"}}', 'src/index.ts': 'x()\n' },
      'bun.start.script package.json:2',
    ],
    ['Procfile', { Procfile: 'web: bun index.ts\n', 'index.ts': 'x()\n' }, 'bun.start.procfile Procfile:1'],
    ['its types', { 'package.json': '{\n"devDependencies":{"@types/bun":"latest"}}', 'index.ts': 'x()\n' }, 'bun.types package.json:2'],
    ['engines.bun', { 'package.json': '{\n"engines":{"bun":">=1.2"}}', 'index.ts': 'x()\n' }, 'bun.engines package.json:2'],
    ['bun.lock', { 'package.json': app({}), 'bun.lock': '{}', 'index.ts': 'x()\n' }, 'bun.manifest bun.lock'],
    ['bunfig.toml', { 'package.json': app({}), 'bunfig.toml': '', 'index.ts': 'x()\n' }, 'bun.manifest bunfig.toml'],
    [
      'elysia',
      { 'package.json': '{\n"dependencies":{"elysia":"^1"}}', 'index.ts': 'import { Elysia } from "elysia"\nnew Elysia().listen(3000)\n' },
      'bun.framework package.json:2',
    ],
  ])('%s', async (_, tree, why) => {
    const found = await ok(tree)
    expect([found.plan.runtime.name, found.why('language')]).toEqual(['bun', why])
  })
  test.each([
    ['Bun only installs', { 'package.json': app({ scripts: { start: 'node index.js' } }), 'bun.lock': '{}', 'index.js': 'x()\n' }],
    ['the word in a text', { 'index.ts': 'console.log("Bun.serve", 1) // Bun.serve\n' }],
    [
      'a site that Bun installs',
      {
        'package.json': app({ scripts: { build: 'vite build' }, devDependencies: { vite: '^7' } }),
        'bun.lock': '{}',
        'index.html': '',
        'src/main.ts': 'x()\n',
      },
    ],
  ])('no: %s', async (_, tree) => expect((await ok(tree)).plan.runtime.name).toBe('node'))
  test('runtime.name says it', async () => {
    expect((await ok({ 'index.ts': 'x()\n' }, { runtime: { name: 'bun' } })).plan.runtime.name).toBe('bun')
    expect((await ok({ 'index.ts': serve }, { runtime: { name: 'node' } })).plan.runtime.name).toBe('node')
  })
})

describe('which Bun', () => {
  test.each([
    ['nothing', {}, {}, '1.4', 'bun.version.default'],
    ['.bun-version', {}, { '.bun-version': '1.3.2\n' }, '1.3.2', 'bun.version.file .bun-version:1'],
    ['.tool-versions', {}, { '.tool-versions': 'bun 1.2.0\n' }, '1.2.0', 'bun.version.tool-pin .tool-versions:1'],
    ['packageManager', { packageManager: 'bun@1.3.1' }, {}, '1.3.1', 'bun.version.package-manager package.json:1'],
    ['engines.bun', { engines: { bun: '^1.2 <1.4' } }, {}, '1.3', 'bun.version.engines package.json:1'],
  ])('%s', async (_, fields, more, version, why) => {
    const found = await ok({ 'package.json': app(fields), 'index.ts': serve, ...more })
    expect([found.plan.runtime.version, found.why('runtime.version')]).toEqual([version, why])
  })
})

describe('what starts, and where it listens', () => {
  test.each([
    [serve, 3000, 'bun.port.listen index.ts:1'],
    ['Bun.serve({ port: process.env.PORT || 4000, fetch })', 4000, 'bun.port.listen index.ts:1'],
    ['Bun.serve({ fetch })', 3000, 'bun.port.default index.ts:1'],
    ['Bun.gc()\nexport default { port: 5000, fetch: app.fetch }', 5000, 'bun.port.listen index.ts:2'],
    ['Bun.gc()\nexport default app', 3000, 'bun.port.default index.ts:2'],
    ['Bun.gc()', null, 'bun.port.none'],
  ])('%s', async (code, port, why) => {
    const found = await ok({ 'index.ts': `${code}\n` })
    expect([found.plan.port, found.why('port'), found.command]).toEqual([port, why, 'bun index.ts'])
  })
  test('the script, without what is for developers', async () => {
    const { command, plan, codes } = await ok({
      'package.json': app({ scripts: { start: 'LEVEL=info bun --hot --smol run src/index.ts --quiet' } }),
      'bun.lock': '{}',
      'src/index.ts': serve,
    })
    expect([command, plan.env['LEVEL']]).toEqual(['bun --smol src/index.ts --quiet', 'info'])
    expect(codes).toContain('dev_server')
  })
  test('what the build writes', async () => {
    const { command, steps } = await ok({
      'package.json': app({ scripts: { build: 'bun build src/index.ts --target bun --outdir dist', start: 'bun dist/index.js' } }),
      'bun.lock': '{}',
      'src/index.ts': serve,
    })
    expect(command).toBe('bun dist/index.js')
    expect(steps).toEqual([
      'build bun package.json bun.lock +dev',
      'build copy source:. .',
      'build run bun run build',
      'build run rm -rf node_modules',
      'build run bun install --production',
      'image copy build:node_modules node_modules',
      'image copy source:. .',
      'image copy build:dist dist',
    ])
  })
  test.each([
    ['bun install', undefined],
    ['bun test', undefined],
    ['bun run start', undefined],
    ['bun a.ts > log', undefined],
    ['bunx vite', undefined],
    ['bun --env-file .env run a.ts', 'a.ts'],
  ])('%s', (text, file) => expect(readBunCommand(text, () => 'bun run start')?.file).toBe(file))
})

describe('how it installs', () => {
  test('in the build stage, from the manifests alone', async () => {
    const { steps, plan, packages } = await ok({ 'package.json': app({}), 'bun.lock': '{}', 'index.ts': serve })
    expect(steps).toEqual(['build bun package.json bun.lock', 'image copy build:node_modules node_modules', 'image copy source:. .'])
    expect([plan.packageManager, plan.toolchains, packages]).toEqual(['bun', [], ['hono^4']])
  })
  test("another manager's lock", async () => {
    const { steps, plan } = await ok({
      'package.json': app({}),
      'package-lock.json': '{"lockfileVersion":3,"packages":{}}',
      'index.ts': serve,
    })
    expect(plan.packageManager).toBe('npm')
    expect(steps[0]).toBe('build npm package.json package-lock.json')
    expect(steps).toContain('image copy build:node_modules node_modules')
  })
  test("pnpm's own file", async () => {
    const { plan } = await ok({ 'package.json': app({}), 'pnpm-workspace.yaml': '', 'index.ts': serve })
    expect([plan.runtime.name, plan.packageManager]).toEqual(['bun', 'pnpm'])
  })
  test('packages from the imports', async () => {
    const { plan, steps } = await ok({ 'index.ts': `import { Hono } from "hono"\n${serve}` })
    expect(plan.packageManager).toBe('bun')
    expect(steps.slice(0, 3)).toEqual([
      expect.stringContaining('build write package.json'),
      'build bun package.json',
      'image copy build:node_modules node_modules',
    ])
  })
  test('nothing to install', async () => {
    expect((await ok({ 'index.ts': serve })).steps).toEqual(['image copy source:. .'])
  })
})
