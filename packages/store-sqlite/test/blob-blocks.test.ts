import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { writeBlocks } from '../src/blob-blocks.ts'

/** A file that takes at most `most` bytes of a write, a turn later, and fails behind `room`. */
function fileOf({ most = Infinity, room = Infinity } = {}) {
  const written: Buffer[] = []
  let [size, underWay] = [0, 0]
  return {
    all: () => Buffer.concat(written),
    writes: () => written.length,
    async write(bytes: Uint8Array, at = 0) {
      expect((underWay += 1)).toBe(1)
      await turn()
      underWay -= 1
      const taken = Buffer.from(bytes.subarray(at, Math.min(bytes.length, at + most)))
      if (size + taken.length > room) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      written.push(taken)
      size += taken.length
      return { bytesWritten: taken.length, buffer: bytes }
    },
    datasync: async () => {},
  }
}

const file = (options?: Parameters<typeof fileOf>[0]) => {
  const made = fileOf(options)
  return { made, blocks: writeBlocks(made as never, true) }
}

test('bytes come in their order, whatever their chunks, from memory that is used again at once', async () => {
  const { made, blocks } = file({ most: 100_000 })
  const sizes = [1, 0, 70_000, 64 * 1024, 2 ** 18, 2 ** 18 + 1, 5, 2 ** 20, 65_536, 65_536, 65_536, 65_536, 65_536, 3]
  const lent = Buffer.alloc(2 ** 20)
  const expected: Buffer[] = []
  for (const [i, size] of sizes.entries()) {
    const chunk = lent.subarray(0, size).fill(i + 1)
    expected.push(Buffer.from(chunk))
    await blocks.write(chunk)
    lent.fill(0xff)
  }
  await blocks.end()
  expect(made.all().equals(Buffer.concat(expected))).toBe(true)
})

test('small chunks share a write', async () => {
  const { made, blocks } = file()
  for (let i = 0; i < 64; i++) await blocks.write(Buffer.alloc(16 * 1024, i))
  await blocks.end()
  expect(made.writes()).toBe(4)
})

test.each([16 * 1024, 2 ** 19])('a write of %d bytes that fails is told by a later call, and by the end', async (size) => {
  const { made, blocks } = file({ room: 2 ** 20 })
  const all = async (): Promise<void> => {
    for (let i = 0; i < 200; i++) await blocks.write(Buffer.alloc(size))
  }
  await expect(all()).rejects.toThrow('ENOSPC')
  expect(made.all().length).toBe(2 ** 20)
  const { blocks: short } = file({ room: 10 })
  await short.write(Buffer.alloc(16))
  await expect(short.end()).rejects.toThrow('ENOSPC')
})
