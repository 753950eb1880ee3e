import { describe, expect, test } from 'vitest'
import { readDenoCommand } from '../../src/detect/deno/command.ts'
import { ok, refused } from '../plan/planning.ts'

const serve = 'Deno.serve({ port: 3000 }, () => new Response("hi"))\n'

describe('is it Deno', () => {
  test.each([
    ['deno.json', { 'deno.json': '{}', 'main.ts': serve }, 'deno.manifest deno.json'],
    ['deno.jsonc', { 'deno.jsonc': '{ // c\n}', 'main.ts': serve }, 'deno.manifest deno.jsonc'],
    ['deno.lock', { 'deno.lock': '{}', 'main.ts': serve }, 'deno.manifest deno.lock'],
    ['jsr: import', { 'main.ts': 'import { serve } from "jsr:@std/http"\nserve(() => {})\n' }, 'deno.import main.ts:1'],
    [
      'https: import',
      { 'main.ts': '\nimport { serve } from "https://deno.land/std/http/server.ts"\nserve(() => {})\n' },
      'deno.import main.ts:2',
    ],
    ['its object', { 'main.ts': serve }, 'deno.object main.ts:1'],
    ['Procfile', { Procfile: 'web: deno run --allow-net main.ts\n', 'main.ts': 'x()\n' }, 'deno.procfile Procfile'],
  ])('%s', async (_, tree, why) => {
    const found = await ok(tree)
    expect([found.plan.runtime.name, found.why('language')]).toEqual(['deno', why])
  })
  test('the word alone, in a text or a comment, is not', async () => {
    expect((await ok({ 'main.ts': '// Deno.serve, and "jsr:x"\nconsole.log("Deno.serve")\n' })).plan.runtime.name).toBe('node')
  })
  test('a start script of node is stronger', async () => {
    const { plan } = await ok({ 'deno.json': '{}', 'package.json': '{"scripts":{"start":"node main.js"}}', 'main.js': 'x()\n' })
    expect(plan.runtime.name).toBe('node')
  })
  test('runtime.name says it', async () => {
    const { plan, why } = await ok({ 'main.ts': 'console.log(1)\n' }, { runtime: { name: 'deno' } })
    expect([plan.runtime.name, why('language'), plan.port]).toEqual(['deno', 'config.runtime.name', null])
    expect((await ok({ 'main.ts': serve }, { runtime: { name: 'node' } })).plan.runtime.name).toBe('node')
  })
  test('what is no JSON is named', async () => {
    const place = async (text: string): Promise<string> => (await refused({ 'deno.json': text, 'main.ts': serve })).place
    expect(await refused({ 'deno.json': '{ x', 'main.ts': serve })).toMatchObject({ code: 'invalid_manifest', place: 'deno.json:1' })
    expect(await place('// ours\n{\n"tasks": {},\n"imports": {"a": 1,},\nx\n}')).toBe('deno.json:5')
    expect(await place('[]')).toBe('deno.json:1')
  })
})

describe('which Deno', () => {
  test.each([
    ['nothing', {}, '2.9', 'deno.version.default'],
    ['.dvmrc', { '.dvmrc': '2.5.4\n' }, '2.5.4', 'deno.version.dvmrc .dvmrc:1'],
    ['.deno-version', { '.deno-version': 'v2.6' }, '2.6', 'deno.version.file .deno-version:1'],
    ['.tool-versions', { '.tool-versions': 'deno 2.7.1\n' }, '2.7.1', 'deno.version.tool-pin .tool-versions:1'],
    ['engines', { 'package.json': '{\n"engines":{"deno":">=2.1 <2.4"}}' }, '2.3', 'deno.version.engines package.json:2'],
  ])('%s', async (_, more, version, why) => {
    const found = await ok({ 'deno.json': '{}', 'main.ts': serve, ...more })
    expect([found.plan.runtime.version, found.why('runtime.version')]).toEqual([version, why])
  })
})

describe('what starts', () => {
  test('the task, with its own rights, without what is for developers', async () => {
    const { command, why, codes } = await ok({
      'deno.json': '{\n"tasks": { "start": "MODE=live deno run --watch --allow-net=0.0.0.0 --allow-env main.ts --quiet" }\n}',
      'main.ts': serve,
    })
    expect(command).toBe('deno run --cached-only --allow-net=0.0.0.0 --allow-env main.ts --quiet')
    expect(why('start')).toBe('deno.start.task deno.json:2')
    expect(codes).toContain('dev_server')
  })
  test('a task that calls another, and variables before it', async () => {
    const { command, plan } = await ok({
      'deno.json': '{"tasks": { "start": "LEVEL=info deno task run", "run": { "command": "deno run -N src/main.ts" } }}',
      'src/main.ts': serve,
    })
    expect([command, plan.env['LEVEL']]).toEqual(['deno run --cached-only -N src/main.ts', 'info'])
  })
  test('main.ts that serves, with the least rights', async () => {
    const { command, why } = await ok({ 'deno.json': '{}', 'main.ts': serve })
    expect([command, why('start')]).toEqual(['deno run --cached-only --allow-net main.ts', 'deno.start.serve main.ts:1'])
  })
  test('rights by what the files call', async () => {
    const { command } = await ok({
      'deno.json': '{}',
      'main.ts': 'import "./tools.ts"\nDeno.serve(() => new Response(Deno.env.get("NAME")))\n',
      'tools.ts':
        'const t = await Deno.readTextFile("a.txt")\nawait new Deno.Command("ls").output()\nawait Deno.writeTextFile("b", t)\nconst kv = await Deno.openKv()\n',
    })
    expect(command).toBe('deno run --cached-only --allow-net --allow-env --allow-read --allow-write --allow-run --unstable-kv main.ts')
  })
  test('packages of npm look around when they are loaded', async () => {
    const { command } = await ok({ 'deno.json': '{"imports":{"hono":"npm:hono@4"}}', 'main.ts': `import { Hono } from "hono"\n${serve}` })
    expect(command).toBe('deno run --cached-only --allow-net --allow-env --allow-read --allow-sys main.ts')
  })
  test('what a file exports is served by Deno itself', async () => {
    const { command, plan, why } = await ok({ 'deno.json': '{}', 'main.ts': 'export default { fetch: () => new Response("hi") }\n' })
    expect([command, plan.port, why('start')]).toEqual([
      'deno serve --cached-only --port 8000 --allow-net main.ts',
      8000,
      'deno.start.export main.ts:1',
    ])
  })
  test('exports', async () => {
    const { why } = await ok({ 'deno.json': '{"exports":"./lib/x.ts"}', 'lib/x.ts': 'console.log(1)\n' })
    expect(why('entrypoint')).toBe('deno.start.exports deno.json')
  })
  test('an option', async () => {
    const { why, plan } = await ok(
      { 'deno.json': '{}', 'main.ts': serve, 'other.ts': serve.replace('3000', '4000') },
      { entrypoint: 'other.ts' },
    )
    expect([why('entrypoint'), plan.port]).toEqual(['config.entrypoint other.ts', 4000])
  })
  test.each([
    ['deno run main.ts | tee log', undefined],
    ['node main.js', undefined],
    ['deno fmt', undefined],
    ['deno task start', undefined],
    ['deno run --config deno.json --import-map x.json a.ts b', 'a.ts'],
  ])('%s', (text, file) => expect(readDenoCommand(text, () => 'deno task start')?.file).toBe(file))
})

describe('where it listens', () => {
  test.each([
    ['Deno.serve({ port: 3000 }, h)', 3000, 'deno.port.listen main.ts:1'],
    ['Deno.serve({ port: Number(Deno.env.get("PORT") ?? 7000) }, h)', 7000, 'deno.port.listen main.ts:1'],
    ['Deno.serve({ port: Number(Deno.env.get("PORT")) }, h)', 8000, 'deno.port.listen main.ts:1'],
    ['Deno.serve(h)', 8000, 'deno.port.default main.ts:1'],
    ['app.listen({ port: 5000 })', 5000, 'deno.port.listen main.ts:1'],
    ['console.log(1)', null, 'deno.port.none'],
  ])('%s', async (code, port, why) => {
    const found = await ok({ 'deno.json': '{}', 'main.ts': `${code}\n` })
    expect([found.plan.port, found.why('port')]).toEqual([port, why])
  })
  test('this machine only: said', async () => {
    expect((await ok({ 'deno.json': '{}', 'main.ts': 'Deno.serve({ hostname: "127.0.0.1" }, h)\n' })).codes).toContain('binds_locally')
  })
})

describe('how it is built', () => {
  test('packages from the manifests alone, frozen; then what the source imports', async () => {
    const { steps, codes } = await ok({ 'deno.json': '{"imports":{"hono":"npm:hono@4"}}', 'deno.lock': '{}', 'main.ts': serve })
    expect(steps).toEqual([
      'build copy source:deno.json deno.lock .',
      'build run env DENO_DIR=/opt/deno-cache deno install --frozen',
      'build copy source:. .',
      'build run env DENO_DIR=/opt/deno-cache deno install --frozen --entrypoint main.ts',
      'image copy build:/opt/deno-cache /opt/deno-cache',
      'image copy source:. .',
    ])
    expect(codes).not.toContain('no_lock')
  })
  test('nothing to load: the source is all', async () => {
    expect((await ok({ 'deno.json': '{}', 'main.ts': serve })).steps).toEqual(['image copy source:. .'])
  })
  test('no lock: said', async () => {
    expect((await ok({ 'deno.json': '{"imports":{"hono":"npm:hono@4"}}', 'main.ts': serve })).codes).toContain('no_lock')
  })
  test('node_modules where a package.json is', async () => {
    const { steps } = await ok({ 'deno.json': '{}', 'deno.lock': '{}', 'package.json': '{"dependencies":{"hono":"4"}}', 'main.ts': serve })
    expect(steps).toContain('image copy build:node_modules node_modules')
  })
  test('a file that a task makes', async () => {
    const { steps, command } = await ok({
      'deno.json': '{"tasks":{"build":"deno run build.ts","start":"deno serve -A _fresh/server.js"}}',
      'main.ts': serve,
    })
    expect(command).toBe('deno serve --cached-only --port 8000 -A _fresh/server.js')
    expect(steps).toContain('build run env DENO_DIR=/opt/deno-cache deno task build')
    expect(steps).toContain('image copy build:. .')
  })
})

const cached = 'build run env DENO_DIR=/opt/deno-cache deno install'

describe('an import map in its own file', () => {
  const bare = `import ms from "ms"\n${serve}`
  test('is installed from, beside the configuration', async () => {
    const { steps, command } = await ok({
      'deno.json': '{"importMap":"./maps/imports.json"}',
      'maps/imports.json': '{ // ours\n"imports":{"ms":"npm:ms@2.1.3"}}',
      'deno.lock': '{}',
      'main.ts': bare,
    })
    expect(steps.slice(0, 5)).toEqual([
      'build copy source:deno.json deno.lock .',
      'build copy source:maps/imports.json maps/imports.json',
      `${cached} --frozen`,
      'build copy source:. .',
      `${cached} --frozen --entrypoint main.ts`,
    ])
    expect(command).toBe('deno run --cached-only --allow-net --allow-env --allow-read --allow-sys main.ts')
  })
  test('at an address', async () => {
    const { steps } = await ok({ 'deno.json': '{"importMap":"https://example.com/map.json"}', 'main.ts': bare })
    expect(steps).toContain(`${cached} --entrypoint main.ts`)
  })
  test('imports of the configuration win', async () => {
    const { steps } = await ok({ 'deno.json': '{"importMap":"none.json","imports":{"ms":"npm:ms"}}', 'main.ts': bare })
    expect(steps[0]).toBe('build copy source:deno.json .')
  })
  test('above the unit, which both lie as in the source', async () => {
    const tree = {
      'import_map.json': '{"imports":{"ms":"npm:ms@2.1.3"}}',
      'apps/api/deno.json': '{"importMap":"../../import_map.json"}',
      'apps/api/main.ts': bare,
    }
    const { plan, steps, command } = await ok(tree, { unit: 'apps/api' })
    expect([plan.workspace, plan.context]).toEqual(['.', ['apps/api', 'import_map.json']])
    expect(steps.slice(0, 3)).toEqual([
      'build copy source:import_map.json import_map.json',
      'build copy source:apps/api apps/api',
      `${cached} --entrypoint main.ts`,
    ])
    expect(command).toContain('--allow-env')
  })
  test('of the start command', async () => {
    const { steps } = await ok({ 'deno.json': '{}', Procfile: 'web: deno run -N --import-map map.json main.ts', 'main.ts': bare })
    expect(steps).toContain(`${cached} --import-map map.json --entrypoint main.ts`)
  })
  test('one that is not there', async () => {
    const answer = await refused({ 'deno.json': '{\n"importMap":"../map.json"}', 'main.ts': bare })
    expect(answer).toMatchObject({ code: 'invalid_manifest', place: 'deno.json:2' })
    expect(answer.message).toContain('../map.json')
  })
})

describe('a workspace', () => {
  const members = {
    'deno.json': '{"workspace":["./api","./libs/*"],"imports":{"ms":"npm:ms@2.1.3"}}',
    'deno.lock': '{}',
    'api/deno.json': '{"name":"@x/api","exports":"./main.ts","imports":{"hono":"npm:hono@4"}}',
    'api/main.ts': `import { pad } from "@x/pad/left"\nimport { Hono } from "hono"\n${serve}`,
    'libs/pad/deno.jsonc': '{"name":"@x/pad"}',
    'libs/pad/left.ts': 'import "../deep/mod.ts"\nexport const pad = Deno.readTextFileSync("a")\n',
    'libs/deep/deno.json': '{"name":"@x/deep"}',
    'libs/deep/mod.ts': 'Deno.writeTextFileSync("b", "c")\n',
    'libs/other/deno.json': '{"name":"@x/other"}',
    'libs/other/mod.ts': 'new Deno.Command("ls")\n',
  }
  test('as a whole is installed from the manifests of all members', async () => {
    const { steps, command } = await ok({
      ...members,
      'deno.json': members['deno.json'].replace('{', '{"tasks":{"start":"deno run -A api/main.ts"},'),
    })
    expect(steps.slice(0, 8)).toEqual([
      'build copy source:deno.json deno.lock .',
      'build copy source:api/deno.json api/deno.json',
      'build copy source:libs/deep/deno.json libs/deep/deno.json',
      'build copy source:libs/other/deno.json libs/other/deno.json',
      'build copy source:libs/pad/deno.jsonc libs/pad/deno.jsonc',
      `${cached} --frozen`,
      'build copy source:. .',
      `${cached} --frozen --entrypoint api/main.ts`,
    ])
    expect(command).toBe('deno run --cached-only -A api/main.ts')
  })
  test('a member comes with the root, the members it imports, and the manifests of the others', async () => {
    const { plan, steps, command, codes } = await ok(members, { unit: 'api' })
    expect([plan.workspace, plan.context]).toEqual([
      '.',
      ['api', 'deno.json', 'deno.lock', 'libs/deep', 'libs/other/deno.json', 'libs/pad'],
    ])
    const beside = ['deno.json', 'deno.lock', 'libs/deep', 'libs/other/deno.json', 'libs/pad']
    expect(steps).toEqual([
      ...beside.map((path) => `build copy source:${path} ${path}`),
      'build copy source:api api',
      `${cached} --frozen --entrypoint main.ts`,
      'image copy build:/opt/deno-cache /opt/deno-cache',
      ...beside.map((path) => `image copy source:${path} ${path}`),
      'image copy source:api api',
    ])
    expect(command).toBe('deno run --cached-only --allow-net --allow-env --allow-read --allow-write --allow-sys main.ts')
    expect(codes).not.toContain('no_lock')
  })
  test('what the root has is known to a member, and what a member makes comes over the source', async () => {
    const { steps, command } = await ok(
      { ...members, 'api/deno.json': '{"tasks":{"build":"deno run build.ts","start":"deno run -A out/main.js"}}' },
      { unit: 'api' },
    )
    expect(command).toBe('deno run --cached-only -A out/main.js')
    expect(steps.slice(-2)).toEqual(['image copy source:api api', 'image copy build:api api'])
  })
  test('whose root is no program: the only member that serves, what else may be one has lost', async () => {
    const { plan, evidence, codes } = await ok(members)
    expect(plan).toMatchObject({ unit: 'api', workspace: '.', entrypoint: 'api/main.ts' })
    expect(codes).toContain('unit_chosen')
    expect(evidence.values.find(({ field }) => field === 'unit')).toMatchObject({
      evidence: { rule: 'unit.only', file: 'api' },
      lost: [{ value: 'libs/other', evidence: { rule: 'deno.start.name', file: 'libs/other/mod.ts' } }],
    })
  })
  test('a member that others import is not meant, though it serves for them', async () => {
    const lib = { 'libs/pad/serve.ts': serve, 'libs/pad/main.ts': serve }
    const main = 'import { serve } from "@x/pad/serve.ts"\nserve()\n'
    expect((await ok({ ...members, ...lib, 'api/main.ts': main, 'libs/other/mod.ts': '' })).plan.unit).toBe('api')
  })
  test('several members that serve are candidates', async () => {
    const answer = await refused({ ...members, 'libs/other/mod.ts': serve })
    expect(answer).toMatchObject({ code: 'several_candidates', patches: [{ unit: 'api' }, { unit: 'libs/other' }] })
  })
  test('several, of which one has a task, or the root names one', async () => {
    const two = { ...members, 'libs/other/mod.ts': serve }
    const task = '{"name":"@x/other","tasks":{"start":"deno run -A mod.ts"}}'
    expect((await ok({ ...two, 'libs/other/deno.json': task })).plan.unit).toBe('libs/other')
    const root = members['deno.json'].replace('{', '{"tasks":{"start":"deno task --cwd=libs/other run"},')
    expect((await ok({ ...two, 'deno.json': root })).plan.unit).toBe('libs/other')
  })
  test('below the top of the source', async () => {
    const below = Object.fromEntries(Object.entries(members).map(([path, text]) => [`back/${path}`, text]))
    const { plan } = await ok(below)
    expect(plan).toMatchObject({ unit: 'back/api', workspace: 'back' })
  })
  test('a directory that no workspace lists is alone', async () => {
    const { plan } = await ok({ ...members, 'web/deno.json': '{}', 'web/main.ts': serve }, { unit: 'web' })
    expect(plan.workspace).toBeNull()
  })
  test('whose import map lies above it', async () => {
    const below = Object.fromEntries(Object.entries(members).map(([path, text]) => [`back/${path}`, text]))
    const root = { 'back/deno.json': '{"workspace":["./api","./libs/*"],"importMap":"../map.json"}', 'map.json': '{"imports":{}}' }
    const { plan } = await ok({ ...below, ...root }, { unit: 'back/api' })
    expect(plan.context).toEqual(expect.arrayContaining(['back/api', 'back/deno.json', 'back/libs/pad', 'map.json']))
  })
  test('files of nobody come with what they import; their calls need rights too', async () => {
    const { plan, command } = await ok(
      {
        ...members,
        'api/main.ts': `import "../loose/y.ts"\nimport "../top.ts"\nimport "../none.ts"\n${serve}`,
        'loose/y.ts': 'import "../libs/other/mod.ts"\nimport "../libs/beside.ts"\nDeno.readTextFileSync("a")\n',
        'loose/data.json': '{}',
        'libs/beside.ts': 'import "../loose/y.ts"\n',
        'top.ts': '',
        'unused/z.ts': '',
      },
      { unit: 'api' },
    )
    const manifests = ['libs/deep/deno.json', 'libs/pad/deno.jsonc']
    expect(plan.context).toEqual(
      ['api', 'deno.json', 'deno.lock', 'libs/beside.ts', 'libs/other', 'loose', 'top.ts', ...manifests].toSorted(),
    )
    expect(command).toBe('deno run --cached-only --allow-net --allow-read --allow-run main.ts')
  })
  test('a member that is imported through a file of nobody is not meant', async () => {
    const through = { 'api/main.ts': `import "../loose/y.ts"\n${serve}`, 'loose/y.ts': 'export * from "../libs/other/main.ts"\n' }
    expect((await ok({ ...members, ...through, 'libs/other/main.ts': serve })).plan.unit).toBe('api')
  })
  test('a member that a file of nobody imports, for itself alone, is meant', async () => {
    const through = { 'api/main.ts': `import "../loose/y.ts"\n${serve}`, 'loose/y.ts': 'import "../api/config.ts"\n', 'api/config.ts': '' }
    expect((await ok({ ...members, ...through, 'libs/other/mod.ts': '' })).plan.unit).toBe('api')
    const other = { 'libs/other/mod.ts': 'import "../../loose/y.ts"\n' }
    expect((await refused({ ...members, ...through, ...other })).patches).toEqual([{ unit: 'libs/other' }, { unit: 'libs/pad' }])
  })
  test('a directory of nobody that holds another one comes once', async () => {
    const main = `import "../loose/in/a.ts"\nimport "../loose/b.ts"\n${serve}`
    const { plan } = await ok({ ...members, 'api/main.ts': main, 'loose/in/a.ts': '', 'loose/b.ts': '' }, { unit: 'api' })
    expect(plan.context).toContain('loose')
    expect(plan.context).not.toContain('loose/in')
  })
  test('the name of a member is a whole part of what is imported', async () => {
    const main = `import "@x/padding"\nimport "@x/pad2/a"\nimport "@x/pa"\n${serve}`
    expect((await ok({ ...members, 'api/main.ts': main }, { unit: 'api' })).plan.context).not.toContain('libs/pad')
  })
  test('no lock: said of the configuration', async () => {
    const { 'deno.lock': _, ...rest } = members
    const { notices } = await ok(rest, { unit: 'api' })
    expect(notices.find(({ code }) => code === 'no_lock')).toMatchObject({ file: 'api/deno.json' })
  })
  test('a member with a package.json without packages: what is copied is there', async () => {
    const { steps } = await ok({ ...members, 'package.json': '{}', 'api/package.json': '{}' }, { unit: 'api' })
    const modules = ['/app/node_modules', 'api/node_modules']
    const copied = modules.map((path) => steps.indexOf(`image copy build:${path} ${path}`))
    expect(Math.min(...copied)).toBeGreaterThan(steps.indexOf('build run mkdir -p /app/node_modules node_modules'))
    expect(steps).toContain('build run mkdir -p /app/node_modules node_modules')
  })
  test('many members are few layers', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`libs/m${at}/deno.json`, '{}']))
    const { steps } = await ok({ ...members, ...many }, { unit: 'api' })
    expect(steps.length).toBeLessThan(15)
    const whole = await ok({ ...members, ...many, 'main.ts': serve })
    expect(whole.steps.length).toBeLessThan(15)
  })
})
