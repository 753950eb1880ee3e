import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { diskOf } from '../src/disk.ts'
import { openDatabase } from '../src/open.ts'

const dir = mkdtempSync(join(tmpdir(), 'kiln-disk-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('waits that are asked for during one share the next, which begins after it', async () => {
  const file = join(dir, 'kiln.db')
  const db = await openDatabase(file)
  const flushes: PromiseWithResolvers<void>[] = []
  const flush = (): Promise<void> => {
    flushes.push(Promise.withResolvers<void>())
    return flushes.at(-1)!.promise
  }
  await using disk = diskOf(file, flush)
  const first = disk.reached()
  await turn()
  const [second, third] = [disk.reached(), disk.reached()]
  expect(second).toBe(third)
  expect(second).not.toBe(first)
  await turn()
  expect(flushes).toHaveLength(1)
  flushes[0]!.resolve()
  await first
  await turn()
  expect(flushes).toHaveLength(2)
  flushes[1]!.resolve()
  await second
  db.close()
})

test('the log stays short under many writes, and is gone when the store was closed', async () => {
  const file = join(dir, 'long.db')
  const store = await sqliteStore({ file })
  for (let round = 0; round < 80; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.write('ann', 'kind', `${round} ${i}`, { text: 'x'.repeat(4000) }, 'new')))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  // all that was written is some 34 MB; a log that began anew is cut to its limit
  expect(statSync(`${file}-wal`).size).toBeLessThan(17 * 2 ** 20)
  await store[Symbol.asyncDispose]()
  expect(statSync(`${file}-wal`, { throwIfNoEntry: false })).toBeUndefined()
  await using again = await sqliteStore({ file })
  expect(await again.read('ann', 'kind', { name: '79 99', limit: 1 })).toHaveLength(1)
})

test('a disk that has failed once is not trusted again: a later flush would not tell of what was lost', async () => {
  const file = join(dir, 'failing.db')
  const db = await openDatabase(file)
  const answers = [Promise.reject(new Error('EIO')), Promise.resolve()]
  await using disk = diskOf(file, () => answers.shift()!)
  await expect(disk.reached()).rejects.toThrow('EIO')
  await expect(disk.reached()).rejects.toThrow('EIO')
  expect(answers).toHaveLength(1)
  db.close()
})

test('the file may be a link', async () => {
  const file = join(dir, 'link.db')
  mkdirSync(join(dir, 'elsewhere'))
  await (await sqliteStore({ file: join(dir, 'elsewhere', 'kiln.db') }))[Symbol.asyncDispose]()
  symlinkSync(join(dir, 'elsewhere', 'kiln.db'), file)
  await using store = await sqliteStore({ file })
  await expect(store.write('ann', 'kind', 'a', 1, 'new')).resolves.toBeDefined()
})
