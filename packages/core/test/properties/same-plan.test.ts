import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { directory, files, plan, type FileMap, type Source } from '@kiln/core'
import { afterAll, expect, test } from 'vitest'

// The same tree gives the same plan: in another order, at another place, in another time zone and language.

const home = resolve(import.meta.dirname, '../../../../examples/agents')
const examples = readdirSync(home).filter((name) => statSync(join(home, name)).isDirectory())
const scratch = mkdtempSync(join(tmpdir(), 'kiln-same-plan-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test.each(examples)('%s', async (name) => {
  await using source = await directory(join(home, name))
  const expected = JSON.stringify(plan(source))
  expect(JSON.stringify(plan(source))).toBe(expected)

  const elsewhere = join(scratch, 'Ünïcode päth', 'node_modules', name)
  mkdirSync(join(elsewhere, '..'), { recursive: true })
  cpSync(join(home, name), elsewhere, { recursive: true })
  await using moved = await directory(elsewhere)
  expect(JSON.stringify(plan(moved))).toBe(expected)

  const map = mapOf(source)
  for (const order of [
    Object.entries(map),
    Object.entries(map).toReversed(),
    Object.entries(map).toSorted(([a], [b]) => a.length - b.length),
  ]) {
    await using given = await files(Object.fromEntries(order))
    expect(JSON.stringify(plan(given))).toBe(expected)
  }
})

function mapOf(source: Source): FileMap {
  const map: Record<string, Uint8Array> = {}
  for (const entry of source.entries) if (entry.kind === 'file') map[entry.path] = source.read(entry.path)
  return map
}

test('in another time zone and language', () => {
  const script = `
    import { directory, plan } from '@kiln/core'
    for (const path of process.argv.slice(1)) {
      await using source = await directory(path)
      console.log(JSON.stringify(plan(source)))
    }`
  const told = [
    { TZ: 'UTC', LC_ALL: 'C' },
    { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8' },
  ].map((env) => {
    const args = ['--conditions=kiln-source', '--input-type=module', '-e', script, ...examples.map((name) => join(home, name))]
    const { stdout, stderr, status } = spawnSync(process.execPath, args, {
      cwd: resolve(import.meta.dirname, '../..'),
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    return stdout
  })
  expect(told[0]!.split('\n').length).toBeGreaterThan(examples.length)
  expect(told[1]).toBe(told[0])
  expect(told[2]).toBe(told[0])
})
