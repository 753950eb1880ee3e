import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fakeCli } from './fake-io.ts'

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
