import { expect, test } from 'vitest'
import { ok } from '../plan/planning.ts'

const server = `import { createServer } from 'node:http'\nimport { z } from 'zod'\ntry { require('dotenv') } catch {}\ncreateServer().listen(3000)\n`

/** The package.json that a plan writes. */
async function written(tree: Readonly<Record<string, string>>): Promise<object> {
  const { plan } = await ok(tree)
  const step = plan.steps.find((one) => one.kind === 'write' && one.path === 'package.json')
  return JSON.parse(step?.kind === 'write' ? step.text : '{}') as object
}

test('a plan without a manifest writes each group where npm looks for it, and no tools', async () => {
  const tree = { 'server.ts': server, 'eslint.config.js': '', 'server.test.ts': `jest.mock('express')` }
  expect(await written(tree)).toEqual({
    private: true,
    dependencies: { zod: '*' },
    optionalDependencies: { dotenv: '*' },
    devDependencies: { '@types/node': '*', typescript: '*' },
  })
  expect((await ok(tree)).plan.dependencies.map(({ name, group }) => `${name} ${group}`)).not.toContain('eslint tools')
})

test('a package.json of its own stays, with what it does not declare', async () => {
  expect(await written({ 'server.js': server, 'package.json': '{"name":"x","type":"module"}' })).toEqual({
    name: 'x',
    type: 'module',
    dependencies: { zod: '*' },
    optionalDependencies: { dotenv: '*' },
  })
})

test('tsx is told that a file which awaits at its top is a module', async () => {
  const tree = (text: string): Record<string, string> => ({ 'server.ts': `enum A { B }\n${text}${server}` })
  expect(await written(tree('await 1\n'))).toMatchObject({ type: 'module', dependencies: { tsx: '^4' } })
  expect(await written(tree(''))).not.toHaveProperty('type')
})

test('types and tools that are not declared are nothing to warn of', async () => {
  const { codes, notices } = await ok({
    'server.ts': `import type { A } from 'hono'\nimport 'zod'\n${server}`,
    'package.json': '{"name":"x","dependencies":{"zod":"^4"}}',
    'package-lock.json': '{"lockfileVersion":3,"packages":{"node_modules/zod":{"version":"4.0.0"}}}',
  })
  expect(codes.filter((code) => code === 'undeclared_import')).toEqual([])
  expect(notices.filter(({ message }) => message.includes('hono'))).toEqual([])
})
