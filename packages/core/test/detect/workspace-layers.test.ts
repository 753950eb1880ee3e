// An image has 127 layers at most, however many members and files its program needs.
import { expect, test } from 'vitest'
import { render } from '../../src/dockerfile/render.ts'
import { ok, type Tree } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value)
const many = Array.from({ length: 140 }, (_, at) => `m${at}`)
const each = (of: (name: string) => Tree): Tree => Object.assign({}, ...many.map(of)) as Tree

async function layers(tree: Tree): Promise<{ copied: readonly string[]; most: number; text: string; context: readonly string[] }> {
  const { plan } = await ok(tree, { unit: 'apps/api' })
  const { text } = render(plan, 'buildkit')
  const stages = text.split(/^FROM /m)
  const copied = plan.steps.flatMap((step) => (step.kind === 'copy' && step.from === 'source' ? step.paths : []))
  return { copied, most: Math.max(...stages.map((stage) => stage.match(/^(?:COPY|RUN|ADD)/gm)?.length ?? 0)), text, context: plan.context! }
}

const api = (more: object): Tree => ({
  'package.json': json({ name: 'root', private: true, workspaces: ['apps/*', 'libs/*/*'] }),
  'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
  'apps/api/package.json': json({ name: 'api', scripts: { start: 'node server.js' }, ...more }),
  'apps/api/server.js': "import { createServer } from 'node:http'\ncreateServer(() => {}).listen(8080)\n",
})
const needs = { dependencies: Object.fromEntries(many.map((name) => [name, '*'])) }

test('files of nobody', async () => {
  const files = each((name) => ({ [`libs/${name}.js`]: 'export {}\n' }))
  const imports = many.map((name) => `import '../../libs/${name}.js'\n`).join('')
  const other = { 'libs/team/other/package.json': '{}', 'libs/team/other/a.js': '' }
  const { copied, most, context } = await layers({ ...api({}), ...files, ...other, 'apps/api/more.js': imports })
  expect(copied).toEqual(['libs', 'apps'])
  expect(context).toContain('libs/m7.js')
  expect(context).not.toContain('libs')
  expect(most).toBeLessThan(20)
})

test('members, with what they build', async () => {
  const members = each((name) => ({ [`libs/team/${name}/package.json`]: json({ name, main: 'dist/a.js', scripts: { build: 'tsc' } }) }))
  const { copied, most, text } = await layers({ ...api(needs), ...members })
  expect(copied).toEqual(['apps', 'libs'])
  expect(most).toBeLessThan(20)
  expect(text).toContain(`(cd 'libs/team/m0' && 'npm' 'run' 'build')`)
})

test('members at the top', async () => {
  const members = each((name) => ({ [`${name}/package.json`]: json({ name }) }))
  const root = { 'package.json': json({ name: 'root', private: true, workspaces: ['apps/*', '*'] }) }
  const { copied, most } = await layers({ ...api(needs), ...root, ...members })
  expect(new Set(copied)).toEqual(new Set(['.']))
  expect(most).toBeLessThan(20)
})

test('members of uv', async () => {
  const sources = many.map((name) => `${name} = { workspace = true }\n`).join('')
  const project = (name: string, dependencies: readonly string[]): string =>
    `[project]\nname = "${name}"\nversion = "1"\ndependencies = ${json(dependencies)}\n[build-system]\nrequires = ["hatchling"]\n`
  const members = each((name) => ({ [`libs/${name}/pyproject.toml`]: project(name, []), [`libs/${name}/a.py`]: '' }))
  const { most } = await layers({
    ...members,
    'pyproject.toml': `[tool.uv.workspace]\nmembers = ["apps/*", "libs/*"]\n[tool.uv.sources]\n${sources}`,
    'uv.lock': 'version = 1\n',
    'apps/api/pyproject.toml': project('api', many),
    'apps/api/main.py': "from http.server import HTTPServer\nHTTPServer(('', 8000), None).serve_forever()\n",
  })
  expect(most).toBeLessThan(20)
})
