import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestApart } from '../../src/threads/digest.ts'
import { threadCount } from '../../src/threads/threads.ts'

async function digestOf(sizes: readonly number[]): Promise<readonly [string, string]> {
  using digest = digestApart('md5')
  const expected = createHash('md5')
  const lent = Buffer.alloc(Math.max(1, ...sizes))
  for (const [i, size] of sizes.entries()) {
    const chunk = lent.subarray(0, size).fill(`${i} `)
    expected.update(chunk)
    await digest.update(chunk)
    lent.fill(0xff)
  }
  return [await digest.hex(), expected.digest('hex')]
}

test('of a small body it is computed here', async () => {
  const [digest, expected] = await digestOf([3, 0, 70_000])
  expect(digest).toBe(expected)
  expect(threadCount()).toBe(0)
})

test.each([
  ['nothing', []],
  ['chunks that fill blocks exactly', [2 ** 19, 2 ** 18, 2 ** 18, 2 ** 19]],
  ['a chunk of many blocks', [5, 3 * 2 ** 20 + 7, 1]],
  ['many small ones', Array.from({ length: 100 }, (_, i) => 65_000 + i)],
] as const)('%s: the digest is that of all bytes', async (_, sizes) => {
  const [digest, expected] = await digestOf(sizes)
  expect(digest).toBe(expected)
})

test('several at once do not meet', async () => {
  const all = await Promise.all([1, 2, 3, 4].map((n) => digestOf(Array.from({ length: 20 }, () => 100_000 * n))))
  for (const [digest, expected] of all) expect(digest).toBe(expected)
})

test('let go of while a chunk is taken, the rest of the chunk is refused', async () => {
  const digest = digestApart('md5')
  const taken = digest.update(Buffer.alloc(2 ** 21))
  digest[Symbol.dispose]()
  await expect(taken).rejects.toMatchObject({ code: 'closed' })
})
