// A large blob reaches the disk while it is written, so that no commit waits behind all of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryBlobs } from '@kiln/store-sqlite'
import { afterAll, expect, test, vi } from 'vitest'
import { flushAlong } from '../src/blob-flush.ts'

const MiB = 2 ** 20
const home = mkdtempSync(join(tmpdir(), 'kiln-flush-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** A file whose disk is as slow as the test says. */
function slowFile(): { readonly datasync: () => Promise<void>; readonly begun: () => number; end(error?: Error): void } {
  const waiting: PromiseWithResolvers<void>[] = []
  let begun = 0
  return {
    datasync() {
      begun += 1
      const one = Promise.withResolvers<void>()
      waiting.push(one)
      return one.promise
    },
    begun: () => begun,
    end: (error) => (error ? waiting.shift()!.reject(error) : waiting.shift()!.resolve()),
  }
}

async function* chunks(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(MiB).fill(i)
}

async function isWaiting(promise: Promise<unknown> | undefined): Promise<boolean> {
  const tick = new Promise<'tick'>((resolve) => setImmediate(resolve, 'tick'))
  return (await Promise.race([promise, tick])) === 'tick'
}

test('a writer that has to be durable waits when its earlier bytes are still on their way', async () => {
  const file = slowFile()
  const flush = flushAlong(file, true)
  await flush.wrote(3 * MiB)
  expect(file.begun()).toBe(0)
  await flush.wrote(MiB)
  expect(file.begun()).toBe(1)
  await flush.wrote(3 * MiB)
  const next = flush.wrote(MiB)
  expect([await isWaiting(next), file.begun()]).toEqual([true, 1])
  file.end()
  await next
  expect(file.begun()).toBe(2)
})

test('another writer goes on, and asks again once the disk is there', async () => {
  const file = slowFile()
  const flush = flushAlong(file, false)
  for (let i = 0; i < 3; i++) await flush.wrote(4 * MiB)
  expect(file.begun()).toBe(1)
  file.end()
  await flush.end()
  await flush.wrote(1)
  expect(file.begun()).toBe(2)
})

test.each([true, false])('what the disk refuses is told to the next write and at the end, durable %s', async (durable) => {
  const file = slowFile()
  const flush = flushAlong(file, durable)
  await flush.wrote(4 * MiB)
  file.end(new Error('bad disk'))
  await new Promise(setImmediate)
  await expect(flush.wrote(4 * MiB)).rejects.toThrow('bad disk')
  await expect(flush.end()).rejects.toThrow('bad disk')
})

test('the end waits for what is under way', async () => {
  const file = slowFile()
  const flush = flushAlong(file, false)
  await flush.wrote(4 * MiB)
  const end = flush.end()
  expect(await isWaiting(end)).toBe(true)
  file.end()
  await end
})

test.each([true, false])('a large blob is flushed as it is written, and a small one is not, durable %s', async (durable) => {
  const blobs = await directoryBlobs({ directory: join(home, String(durable)) })
  const handle = await open(join(home, 'any'), 'w')
  const datasync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'datasync')
  await handle.close()
  await blobs.put('acme', chunks(3), { max: 64 * MiB, durable })
  expect(datasync).not.toHaveBeenCalled()
  await blobs.put('acme', chunks(17), { max: 64 * MiB, durable })
  expect(datasync.mock.calls.length).toBeGreaterThanOrEqual(1)
  if (durable) expect(datasync).toHaveBeenCalledTimes(4)
})

test('a blob that the disk refused half-way is not there, and leaves nothing', async () => {
  const blobs = await directoryBlobs({ directory: join(home, 'bad') })
  const handle = await open(join(home, 'any'), 'w')
  const datasync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'datasync')
  await handle.close()
  datasync.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' }))
  await expect(blobs.put('acme', chunks(5), { max: 64 * MiB })).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await readdir(join(home, 'bad'), { recursive: true })).toEqual(['.temporary'])
})
