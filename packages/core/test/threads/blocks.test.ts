import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Blocks, type Block } from '../../src/threads/blocks.ts'

test.each([20_000, 100])('what is handed on is all bytes in their order, a block of %d at a time, whatever the chunks', async (size) => {
  const [used, expected]: [Buffer[], Buffer[]] = [[], []]
  let underWay = 0
  using blocks = new Blocks(size, async (block) => {
    expect((underWay += 1)).toBe(1)
    await turn()
    underWay -= 1
    expect(block.length).toBe(size)
    used.push(Buffer.from(block))
    // as memory that was elsewhere comes back
    return structuredClone(block, { transfer: [block.buffer] })
  })
  const lent = Buffer.alloc(90_000)
  for (const [i, length] of [1, 0, 19_999, 20_000, 16_384, 7, 90_000, 3_616, 5].entries()) {
    const chunk = lent.subarray(0, length).fill(i + 1)
    expected.push(Buffer.from(chunk))
    await blocks.add(chunk)
    lent.fill(0xff)
  }
  await blocks.settled()
  expect(blocks.rest.length).toBeLessThanOrEqual(size)
  expect(Buffer.concat([...used, blocks.rest]).equals(Buffer.concat(expected))).toBe(true)
})

test('its memory is used again, little of it for little, and let go of at the end', async () => {
  const memory = new Set<ArrayBuffer>()
  const blocks = new Blocks(2 ** 16, async (block) => {
    memory.add(block.buffer)
    await turn()
    return block
  })
  await blocks.add(Buffer.alloc(100))
  expect(blocks.rest.buffer.byteLength).toBe(2 ** 14)
  for (let i = 0; i < 51; i++) await blocks.add(Buffer.alloc(2 ** 15))
  expect(memory.size).toBe(2)
  const { buffer } = blocks.rest
  blocks[Symbol.dispose]()
  await blocks.settled()
  expect([...memory, buffer].map(({ byteLength }) => byteLength)).toEqual([0, 0, 0])
})

test('a use that fails is told by a later call, and by the end', async () => {
  const failing = (): Blocks => new Blocks(10, (): Promise<Block> => Promise.reject(new Error('full')))
  const one = failing()
  await one.add(Buffer.alloc(20))
  await expect(one.settled()).rejects.toThrow('full')
  const other = failing()
  await other.add(Buffer.alloc(20))
  await expect(other.add(Buffer.alloc(20))).rejects.toThrow('full')
})
