import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { diskOf, type Disk } from '../src/disk.ts'
import { openDatabase } from '../src/open.ts'

const dir = mkdtempSync(join(tmpdir(), 'kiln-disk-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** One that was found slow before. */
function slowDisk(file: string, apart: () => Promise<void>): Disk {
  let clock = 0
  const disk = diskOf(file, { here: () => void (clock += 20), apart, now: () => clock })
  for (let i = 0; i < 5; i++) void disk.reached()
  return disk
}

test('waits that are asked for during one share the next, which begins after it', async () => {
  const file = join(dir, 'kiln.db')
  const db = await openDatabase(file)
  const flushes: PromiseWithResolvers<void>[] = []
  const flush = (): Promise<void> => {
    flushes.push(Promise.withResolvers<void>())
    return flushes.at(-1)!.promise
  }
  await using disk = slowDisk(file, flush)
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
  await using disk = slowDisk(file, () => answers.shift()!)
  await expect(disk.reached()).rejects.toThrow('EIO')
  await expect(disk.reached()).rejects.toThrow('EIO')
  expect(answers).toHaveLength(1)
  db.close()
})

test('a disk that has failed while it was waited for here is not trusted again either', async () => {
  const file = join(dir, 'failing-here.db')
  const db = await openDatabase(file)
  let asked = 0
  const here = (): void => {
    asked += 1
    throw new Error('EIO')
  }
  await using disk = diskOf(file, { here, apart: async () => void (asked += 1), now: () => 0 })
  await expect(disk.reached()).rejects.toThrow('EIO')
  await expect(disk.reached()).rejects.toThrow('EIO')
  expect(asked).toBe(1)
  db.close()
})

test('a quick disk is waited for here, also after a slow moment; a slow one apart, and it is tried again later', async () => {
  const file = join(dir, 'speed.db')
  const db = await openDatabase(file)
  let [clock, takes] = [0, 0.3]
  const seen: string[] = []
  const here = (): void => void (seen.push('here'), (clock += takes))
  await using disk = diskOf(file, { here, apart: async () => void seen.push('apart'), now: () => clock })
  const after = async (times: number): Promise<ReadonlySet<string>> => {
    seen.length = 0
    for (let i = 0; i < times; i++) await disk.reached()
    return new Set(seen)
  }
  expect(await after(100)).toEqual(new Set(['here']))
  clock += 1
  takes = 500
  await disk.reached()
  takes = 0.3
  expect(await after(100)).toEqual(new Set(['here']))
  takes = 20
  await after(10)
  expect(await after(10)).toEqual(new Set(['apart']))
  clock += 5_000
  takes = 0.3
  expect(await after(10)).toEqual(new Set(['here']))
  takes = 500
  expect(await after(10)).toEqual(new Set(['here', 'apart']))
  clock += 5_000
  await after(10)
  expect(seen, 'a disk that is still slow is waited for here once').toEqual(['here', ...Array.from({ length: 9 }, () => 'apart')])
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
