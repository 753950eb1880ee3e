import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** bytes that the old generation grows by */
async function growth(...args: readonly string[]): Promise<number> {
  const program = join(import.meta.dirname, 'pretenured.ts')
  const all = ['--expose-gc', '--conditions=kiln-source', program, ...args]
  const { stdout } = await promisify(execFile)(process.execPath, all, { timeout: 60_000 })
  return (JSON.parse(stdout) as { readonly most: number }).most
}

test('what is made after much was kept is collected young', async () => {
  expect(await growth('disabled')).toBeLessThan(20e6)
  // V8 falls for the program, or it would show nothing
  expect(await growth()).toBeGreaterThan(100e6)
}, 60_000)
