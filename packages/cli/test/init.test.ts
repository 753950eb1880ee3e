import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readConfig } from '@kiln/core'
import { fakeCli } from './fake-io.ts'
import { agent, folder } from './folder.ts'

const examples = resolve(import.meta.dirname, '../../../examples/agents')
const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'kiln.test.json')))
const scratch = mkdtempSync(join(tmpdir(), 'kiln-init-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test.each(names)('what kiln init writes leaves the plan of %s as it is', async (name) => {
  const home = join(scratch, name)
  cpSync(join(examples, name), home, { recursive: true })
  const before = await fakeCli().run('plan', home, '--json')
  if (before.code !== 0) return expect(await fakeCli().run('init', home)).toMatchObject({ code: before.code })
  expect(await fakeCli().run('init', home)).toMatchObject({ code: 0 })
  const after = await fakeCli().run('plan', home, '--json')
  expect(JSON.parse(after.out)).toEqual(JSON.parse(before.out))
})

test('what is written has texts as they are given, also those with brackets and line ends', async () => {
  const wishes = {
    start: ['python', '-c', 'print([ 1 ])\n  [ 2 ]'],
    env: { add: { LIST: '[ a, b ]', TEXT: '{ "a": [ 1 ] }\n  \\n x' } },
    build: { add: [['sh', '-c', '[ -f x ] || exit 1']] },
  }
  const home = folder({ ...agent, 'given.json': JSON.stringify(wishes) })
  expect(await fakeCli({ cwd: home }).run('init', '.', '--config', 'given.json')).toMatchObject({ code: 0 })
  const text = readFileSync(join(home, 'kiln.json'), 'utf8')
  expect(readConfig(text, 'kiln.json')).toMatchObject(wishes)
  expect(text).toContain('  "build": { "add": [["sh", "-c", "[ -f x ] || exit 1"]] }')
})
