import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Blocks } from '../../src/threads/blocks.ts'

test('what is handed on is all bytes in their order, a block at a time, whatever the chunks', async () => {
  const [used, expected]: [Buffer[], Buffer[]] = [[], []]
  let underWay = 0
  const blocks = new Blocks(20_000, async (block) => {
    expect((underWay += 1)).toBe(1)
    await turn()
    underWay -= 1
    expect(block.length).toBe(20_000)
    expect(block.buffer).toBeInstanceOf(SharedArrayBuffer)
    used.push(Buffer.from(block))
  })
  const lent = Buffer.alloc(90_000)
  for (const [i, size] of [1, 0, 19_999, 20_000, 16_384, 7, 90_000, 3_616, 5].entries()) {
    const chunk = lent.subarray(0, size).fill(i + 1)
    expected.push(Buffer.from(chunk))
    await blocks.add(chunk)
    lent.fill(0xff)
  }
  await blocks.settled()
  expect(blocks.rest.length).toBeLessThanOrEqual(20_000)
  expect(Buffer.concat([...used, blocks.rest]).equals(Buffer.concat(expected))).toBe(true)
})

test('its memory is used again, and little of it for little', async () => {
  const memory = new Set<ArrayBufferLike>()
  const blocks = new Blocks(2 ** 16, async ({ buffer }) => {
    memory.add(buffer)
    await turn()
  })
  await blocks.add(Buffer.alloc(100))
  expect(blocks.rest.buffer.byteLength).toBe(2 ** 14)
  for (let i = 0; i < 50; i++) await blocks.add(Buffer.alloc(2 ** 15))
  await blocks.settled()
  expect(memory.size).toBe(2)
})

test('a use that fails is told by a later call, and by the end', async () => {
  const failing = (): Blocks => new Blocks(10, () => Promise.reject(new Error('full')))
  const one = failing()
  await one.add(Buffer.alloc(20))
  await expect(one.settled()).rejects.toThrow('full')
  const other = failing()
  await other.add(Buffer.alloc(20))
  await expect(other.add(Buffer.alloc(20))).rejects.toThrow('full')
})
