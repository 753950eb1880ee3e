import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('what is made after much was kept is collected young', async () => {
  const program = join(import.meta.dirname, 'pretenured.ts')
  const args = ['--expose-gc', '--conditions=kiln-source', program, 'disabled']
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
  // without it some 100 MB
  expect((JSON.parse(stdout) as { readonly most: number }).most).toBeLessThan(20e6)
}, 60_000)
