import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('a process ends though it gave a thread what cannot be sent', async () => {
  const threads = pathToFileURL(join(import.meta.dirname, '../../src/threads/threads.ts'))
  const program = `
    const { lane } = await import(${JSON.stringify(threads.href)})
    const one = lane()
    await one.run('openDigest', () => undefined).catch((error) => console.log(error.name))
    one[Symbol.dispose]()`
  const args = ['--conditions=kiln-source', '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10_000 })
  expect(stdout).toBe('DataCloneError\n')
})
