import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What a program of this folder tells. */
async function told<Facts>(name: string, ...args: readonly string[]): Promise<Facts> {
  const all = ['--expose-gc', '--conditions=kiln-source', join(import.meta.dirname, `${name}.ts`), ...args]
  const { stdout } = await promisify(execFile)(process.execPath, all, { timeout: 60_000 })
  return JSON.parse(stdout) as Facts
}

test('what is made after much was kept is collected young', async () => {
  const growth = async (...args: readonly string[]): Promise<number> =>
    (await told<{ readonly most: number }>('heap-pretenured', ...args)).most
  expect(await growth('tuned')).toBeLessThan(20e6)
  // V8 falls for the program, or it would show nothing
  expect(await growth()).toBeGreaterThan(100e6)
}, 60_000)

test('the young generation grows where it is collected often, and nowhere else', async () => {
  const size = async (...args: readonly string[]): Promise<number> => (await told<{ readonly bytes: number }>('heap-young', ...args)).bytes
  expect(await size('0', 'tuned')).toBeGreaterThan(30e6)
  expect(await size('300', 'tuned')).toBeLessThan(25e6)
  // V8 by itself
  expect(await size('300')).toBeGreaterThan(30e6)
}, 60_000)
