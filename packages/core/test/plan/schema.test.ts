import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configSchemaText, planSchemaText } from '../../schema/texts.ts'
import { isBuildError } from '../../src/failure/error.ts'
import { parsePlan } from '../../src/plan/plan-schema.ts'
import { ok } from './planning.ts'

const published = (name: string): string => readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8')

test('the published schemas are those of the code (else: node --conditions=kiln-source packages/core/schema/generate.ts)', () => {
  expect(published('config')).toBe(configSchemaText())
  expect(published('plan')).toBe(planSchemaText())
})

test('a plan can be saved, edited and fed back', async () => {
  const { plan } = await ok({ 'main.py': 'import requests', 'requirements.txt': 'psycopg2==2.9.1' })
  const again: unknown = JSON.parse(JSON.stringify(plan))
  expect(parsePlan(again)).toEqual(plan)
  expect(parsePlan({ ...(again as object), port: 9999 }).port).toBe(9999)
})

// who reads a plan finds every field of the contract, whatever the source is
const contract = [
  'language',
  'runtime',
  'framework',
  'packageManager',
  'entrypoint',
  'start',
  'port',
  'dependencies',
  'systemPackages',
  'base',
  'steps',
  'env',
]

test('every field is there: null where the source has none', async () => {
  const { plan } = await ok({ 'main.py': 'print(1)' })
  const json = JSON.parse(JSON.stringify(plan)) as Record<string, unknown>
  expect(contract.filter((name) => !(name in json))).toEqual([])
  expect(plan).toMatchObject({ framework: null, packageManager: null, entrypoint: 'main.py', port: 8080 })
  const { required } = JSON.parse(planSchemaText()) as { required: readonly string[] }
  expect(contract.filter((name) => !required.includes(name))).toEqual([])
})

test('a person may leave out what is null', async () => {
  const { plan } = await ok({ 'main.py': 'print(1)' })
  const { framework: _, packageManager: __, port: ___, entrypoint: ____, ...rest } = plan
  const read = parsePlan(rest)
  expect(read).toEqual({ ...plan, port: null, entrypoint: null })
  expect(Object.keys(read)).toEqual(Object.keys(plan))
})

test.each([
  [{ prot: 1 }, 'unknown field "prot", did you mean "port"?'],
  [{ port: 0 }, '"port" must be at least 1'],
  [{ start: [] }, '"start" must have at least one word'],
  [{ version: 2 }, '"version" must be 1, not 2'],
  [{ steps: [{ in: 'image', kind: 'copi' }] }, '"steps[0].kind" must be "system" or "run"'],
  [{ steps: [{ in: 'image', kind: 'copy', from: 'source', paths: ['../x'], to: '.' }] }, '"steps[0].paths[0]" must be a path without ".."'],
  [{ runtime: { name: 'python' } }, '"runtime.version" is missing'],
])('an edited plan that is wrong: %j', async (edit, message) => {
  const { plan } = await ok({ 'main.py': 'print(1)' })
  try {
    parsePlan({ ...plan, ...edit })
    expect.unreachable('accepted')
  } catch (error) {
    expect(isBuildError(error) && error.code).toBe('invalid_plan')
    expect((error as Error).message).toContain(message)
  }
})
