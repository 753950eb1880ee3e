// Plans that an engine keeps: each tree is planned once, within bounds of number and bytes.
import { files, plan, type Config, type Source } from '@kiln/core'
import { expect, test } from 'vitest'
import { remembering, type Planner, type RememberingPlanner } from '../../src/planner.ts'

interface Counted {
  readonly ask: (tree: string, config?: Config) => ReturnType<RememberingPlanner>
  /** trees that were planned, in order */
  readonly planned: readonly string[]
}

async function counted(source: Source, bounds?: { plans: number; bytes: number }): Promise<Counted> {
  const planned: string[] = []
  let tree = ''
  const planner: Planner = async (_, config) => {
    planned.push(tree)
    return plan(source, config)
  }
  const remembers = remembering(planner, bounds)
  return { planned, ask: (name, config = {}) => remembers(source, config, `sha256:${(tree = name)}`) }
}

test('the same tree is planned once, without the evidence that nobody asks for', async () => {
  await using source = await files({ 'main.py': 'import requests\n' })
  const { ask, planned } = await counted(source)
  const first = await ask('a')
  expect(await ask('a')).toBe(first)
  expect([await ask('a', { port: 1 }), planned]).toMatchObject([{ plan: { port: 1 } }, ['a', 'a']])
  expect(first).toEqual({ ok: true, plan: expect.anything(), notices: expect.anything() })
})

test('beyond a number the one that was asked for longest ago is forgotten', async () => {
  await using source = await files({ 'main.py': 'print(1)\n' })
  const { ask, planned } = await counted(source, { plans: 2, bytes: 2 ** 20 })
  for (const tree of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(tree)
  expect(planned).toEqual(['a', 'b', 'c', 'b'])
})

test('beyond some bytes too; what is larger than all of them pushes nothing out', async () => {
  await using source = await files({ 'main.py': 'print(1)\n' })
  const { ask, planned } = await counted(source, { plans: 100, bytes: 100_000 })
  const half: Config = { requirements: `# ${'x'.repeat(10_000)}\n` }
  for (const tree of ['a', 'b', 'a', 'b', 'c', 'b', 'a']) await ask(tree, half)
  expect(planned).toEqual(['a', 'b', 'c', 'a'])
  for (let i = 0; i < 2; i++) await ask('large', { requirements: `# ${'x'.repeat(100_000)}\n` })
  await ask('a', half)
  expect(planned.slice(4)).toEqual(['large', 'large'])
})

test('what cannot be planned is remembered as well', async () => {
  await using source = await files({ 'README.md': '# x' })
  const { ask, planned } = await counted(source)
  expect(await ask('a')).toBe(await ask('a'))
  expect(planned).toEqual(['a'])
})
