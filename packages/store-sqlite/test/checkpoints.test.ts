import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Threads from 'node:worker_threads'
import { afterAll, expect, test, vi } from 'vitest'
import { checkpoints, type Checkpoints } from '../src/threads/checkpoints.ts'

const dir = mkdtempSync(join(tmpdir(), 'kiln-checkpoints-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const died = Promise.withResolvers<unknown>()
vi.mock('node:worker_threads', async (original) => {
  const threads = await original<typeof Threads>()
  class Worker extends threads.Worker {
    constructor(url: URL, options: Threads.WorkerOptions) {
      if ((options.workerData as { readonly file: string }).file === 'refused') throw new Error('no more threads')
      super(url, options)
      this.once('exit', died.resolve)
    }
  }
  return { ...threads, Worker }
})

/** as many as the thread is called for */
function commits(given: Checkpoints): void {
  for (let i = 0; i < 8; i++) given.committed()
}

const many = (): number => 1000

test('closing does not wait for a thread that has died', async () => {
  const given = checkpoints(join(dir, 'missing', 'kiln.db'), many)
  commits(given)
  expect(await died.promise).toBe(1)
  commits(given)
  await given[Symbol.asyncDispose]()
})

test('a thread that cannot start troubles no commit', async () => {
  const given = checkpoints('refused', many)
  expect(() => commits(given)).not.toThrow()
  expect(() => commits(given)).not.toThrow()
  await given[Symbol.asyncDispose]()
})
