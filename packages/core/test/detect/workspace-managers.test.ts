// The manager that a member names, against what the root of the workspace has.
import { expect, test } from 'vitest'
import { ok, type Tree } from '../plan/planning.ts'

const tree = (packageManager: string, root: object = {}, more: Tree = {}): Tree => ({
  'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['apps/*'], ...root }),
  'apps/api/package.json': JSON.stringify({ scripts: { start: 'node s.js' }, dependencies: { express: '^5.0.0' }, packageManager }),
  'apps/api/s.js': "import express from 'express'\nexpress().listen(8080)\n",
  ...more,
})

test.each([
  ['bun.lockb', 'x', 'bun'],
  ['pnpm-workspace.yaml', 'packages: [apps/*]\n', 'pnpm'],
  ['yarn.lock', '', 'yarn'],
])('%s of the root is stronger', async (file, text, manager) => {
  const { plan, codes } = await ok(tree('npm@10.1.0', {}, { [file]: text }))
  expect(plan.packageManager).toBe(manager)
  expect(codes).toContain('manager_not_used')
})

test('engines of the root are weaker', async () => {
  const { plan, codes } = await ok(tree('yarn@4.1.0', { engines: { pnpm: '10' } }))
  expect(plan.packageManager).toBe('yarn')
  expect(codes).not.toContain('manager_not_used')
})
