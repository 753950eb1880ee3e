import { createEngine } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { defaultLimits } from '../../src/limits/limits.ts'
import { createUploads } from '../../src/uploads/create-uploads.ts'

const engine = createEngine({ drivers: [fakeDriver()] })
const kiln = engine.for('acme')
const uploads = createUploads(defaultLimits)
const options = { max: 1e6, signal: new AbortController().signal }
afterAll(() => engine[Symbol.asyncDispose]())

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('an upload that is an archive is a source, as often as it is opened', async () => {
  const { digest } = await uploads.keep(kiln, once(execFileSync('tar', ['-cf', '-', '-C', import.meta.dirname, 'open.test.ts'])), options)
  for (const _time of [1, 2]) {
    await using source = await uploads.open(kiln, digest, options)
    expect(source.entries.map(({ path }) => path)).toEqual(['open.test.ts'])
  }
})

test('bytes that are no archive are removed when they are refused', async () => {
  const { digest } = await uploads.keep(kiln, once(Buffer.alloc(2000, 'x')), options)
  expect(await kiln.uploads.size(digest)).toBe(2000)
  await expect(uploads.open(kiln, digest, options)).rejects.toMatchObject({ code: 'invalid_archive' })
  expect(await kiln.uploads.size(digest)).toBeUndefined()
  await expect(uploads.open(kiln, digest, options)).rejects.toMatchObject({ code: 'blob_missing' })
})

test('an upload stays when it only could not be read now', async () => {
  const { digest } = await uploads.keep(kiln, once(Buffer.alloc(2000, 'x')), options)
  await expect(uploads.open(kiln, digest, { ...options, signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
  expect(await kiln.uploads.size(digest)).toBe(2000)
})
