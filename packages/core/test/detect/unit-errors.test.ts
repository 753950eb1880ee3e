import { describe, expect, test } from 'vitest'
import { refused } from '../plan/planning.ts'

const json = (value: object): string => JSON.stringify(value)
const project = '[project]\nname = "a"\nversion = "1"\n'

describe('an error of a unit names files as they lie in the source', () => {
  test.each([
    ['package.json', '{', 'package.json:1', 'apps/a/package.json:1 is not valid JSON'],
    ['package.json', '{\n"scripts": 1}', 'package.json:2', 'apps/a/package.json:2: "scripts" must be'],
    ['pyproject.toml', '[project', 'pyproject.toml:1', 'apps/a/pyproject.toml'],
    ['go.mod', 'module x\ngo 9.9\n', 'go.mod:2', 'apps/a/go.mod:2 says 9.9'],
  ])('%s %j', async (file, text, place, says) => {
    const root = { 'package.json': json({ name: 'root' }), 'pyproject.toml': project }
    const program = { 'package.json': 'main.js', 'pyproject.toml': 'main.py', 'go.mod': 'main.go' }[file]!
    const tree = { ...root, [`apps/a/${program}`]: 'package main\nfunc main() {}\n', [`apps/a/${file}`]: text }
    const answer = await refused(tree, { unit: 'apps/a' })
    expect(answer.place).toBe(`apps/a/${place}`)
    expect(answer.message).toContain(says)
  })
  test('every place of a contradiction', async () => {
    const tree = { 'a/main.py': 'print(1)', 'a/.python-version': '3.10', 'a/pyproject.toml': `${project}requires-python = ">=3.12"\n` }
    const answer = await refused(tree, { unit: 'a' })
    expect(answer.place).toBe('a/.python-version:1')
    expect(answer.message).toBe('no version of Python satisfies all of: a/.python-version:1 says 3.10; a/pyproject.toml:4 says >=3.12')
  })
  test('the root of its workspace has files of the same name', async () => {
    const tree = {
      'package.json': json({ workspaces: ['a'], engines: { node: '99' } }),
      'package-lock.json': json({ lockfileVersion: 3, packages: {} }),
      'a/package.json': json({ name: 'a', scripts: { start: 'node a.js' } }),
      'a/a.js': 'setInterval(() => {}, 9)',
    }
    expect((await refused(tree, { unit: 'a' })).place).toBe('package.json:1')
    const own = { ...tree, 'package.json': json({ workspaces: ['a'] }), 'a/.nvmrc': '99\n' }
    expect((await refused(own, { unit: 'a' })).place).toBe('a/.nvmrc:1')
  })
})

describe('an entry point that is not there', () => {
  const manifest = { 'apps/a/package.json': json({ name: 'a' }) }
  test.each([
    ['python', { 'apps/a/main.py': 'print(1)' }, 'apps/a/x.py'],
    ['node', { ...manifest, 'apps/a/main.js': '1' }, 'apps/a/x.js'],
    ['go', { 'apps/a/go.mod': 'module x\ngo 1.27\n', 'apps/a/main.go': 'package main\nfunc main() {}\n' }, 'apps/a/cmd/x'],
    ['deno', { 'apps/a/deno.json': '{}', 'apps/a/main.ts': 'Deno.serve(() => new Response(""))' }, 'apps/a/x.ts'],
    ['bun', { ...manifest, 'apps/a/main.ts': 'Bun.serve({})', 'apps/a/bun.lock': '{}' }, 'apps/a/x.ts'],
  ])('%s', async (name, tree, entrypoint) => {
    const runtime = name === 'deno' || name === 'bun' ? { runtime: { name } } : {}
    const own = { ...tree, 'kiln.json': `{ "unit": "apps/a",\n"entrypoint": "${entrypoint}" }` }
    const answer = await refused(own, runtime as object)
    expect(answer).toMatchObject({ code: 'entrypoint_not_found', place: 'kiln.json:2' })
    expect(answer.message).toMatch(`kiln.json:2: the entry point ${entrypoint} is n`)
    expect((await refused(tree, { unit: 'apps/a', entrypoint, ...(runtime as object) })).place).toBe(':')
  })
})
