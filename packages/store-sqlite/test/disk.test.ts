import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { diskOf } from '../src/disk.ts'
import { openDatabase } from '../src/open.ts'

const dir = mkdtempSync(join(tmpdir(), 'kiln-disk-'))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('waits that are asked for during one share the next, and none that was asked for ends before one that began after it', async () => {
  const db = await openDatabase(join(dir, 'kiln.db'))
  db.exec('create table t (n)')
  await using disk = diskOf(join(dir, 'kiln.db'))
  const first = disk.reached()
  const [second, third] = [disk.reached(), disk.reached()]
  expect(second).toBe(third)
  expect(second).not.toBe(first)
  const order: number[] = []
  await Promise.all([second.then(() => order.push(2)), first.then(() => order.push(1))])
  expect(order).toEqual([1, 2])
  db.close()
})

test('the log stays short under many writes, and is gone when the store was closed', async () => {
  const file = join(dir, 'kiln.db')
  const store = await sqliteStore({ file })
  for (let round = 0; round < 40; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.write('ann', 'kind', `${round} ${i}`, { text: 'x'.repeat(4000) }, 'new')))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  // all that was written is some 17 MB
  expect(statSync(`${file}-wal`).size).toBeLessThan(12 * 2 ** 20)
  await store[Symbol.asyncDispose]()
  expect(statSync(`${file}-wal`, { throwIfNoEntry: false })).toBeUndefined()
  await using again = await sqliteStore({ file })
  expect(await again.read('ann', 'kind', { name: '39 99', limit: 1 })).toHaveLength(1)
})
