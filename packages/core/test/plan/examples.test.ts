import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parsePlan } from '../../src/plan/plan-schema.ts'
import { planned, type Tree } from './planning.ts'

const agents = fileURLToPath(new URL('../../../../examples/agents/', import.meta.url))
const names = readdirSync(agents, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted()
// what the tests lay beside an application is no part of it
const ours = new Set(['kiln.test.json', 'plan.json', 'node_modules', 'dist', '__pycache__'])

function treeOf(directory: string, prefix = ''): Record<string, Uint8Array> {
  const found: Record<string, Uint8Array> = {}
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (ours.has(entry.name) || /^(?:golden|Dockerfile\.)/.test(entry.name)) continue
    const path = join(directory, entry.name)
    if (entry.isDirectory()) Object.assign(found, treeOf(path, `${prefix}${entry.name}/`))
    else found[prefix + entry.name] = readFileSync(path)
  }
  return found
}

interface Case {
  readonly plan?: object
  readonly dockerfile?: string
  readonly output?: string
  readonly requests?: readonly object[]
}

test.each(names)('%s', async (name) => {
  const directory = join(agents, name)
  const wanted = JSON.parse(readFileSync(join(directory, 'kiln.test.json'), 'utf8')) as Case
  expect([wanted.output, wanted.requests].filter((one) => one !== undefined)).toHaveLength(1)
  const tree: Tree = treeOf(directory)
  if (wanted.dockerfile !== undefined) return expect(Object.keys(tree)).toContain(wanted.dockerfile)
  const answer = await planned(tree)
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`)
  expect(answer.plan).toMatchObject(wanted.plan!)
  expect(parsePlan(answer.plan)).toEqual(answer.plan)
  golden(join(directory, 'plan.json'), `${JSON.stringify(answer.plan, null, 2)}\n`)
})

test('there are at least eight', () => {
  expect(names.length).toBeGreaterThanOrEqual(8)
})

test('locks name the public registries only', () => {
  for (const lock of names
    .flatMap((name) => ['uv.lock', 'package-lock.json', 'pnpm-lock.yaml', 'poetry.lock'].map((file) => join(agents, name, file)))
    .filter((path) => existsSync(path))) {
    const hosts = [...readFileSync(lock, 'utf8').matchAll(/(?:resolved"?: "|url = "|registry = "|tarball: )https?:\/\/([^/"\s]+)/g)].map(
      (match) => match[1]!,
    )
    for (const host of new Set(hosts)) expect(['registry.npmjs.org', 'files.pythonhosted.org', 'pypi.org'], lock).toContain(host)
  }
})

function golden(path: string, text: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '(no golden file: run with UPDATE_GOLDEN=1)').toBe(text)
}
