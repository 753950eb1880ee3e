import { createHash } from 'node:crypto'
import { letGo } from '../source/let-go.ts'
import { Blocks, type Block } from './blocks.ts'
import { digestLane, type Lane } from './threads.ts'

/** bytes that are handed over at once */
const blockSize = 2 ** 19

/** The digest of a body that comes in chunks. A large one is computed on a thread, while the next chunks come. */
export interface DigestApart extends Disposable {
  /** The chunk is copied. Wait for what this answers before the next one. Throws `internal` when the thread has died. */
  update(chunk: Uint8Array): Promise<void> | undefined
  /** Of all that came, in hex; once. */
  hex(): Promise<string>
}

export function digestApart(algorithm: 'md5'): DigestApart {
  let remote: Promise<Remote> | undefined
  const blocks = new Blocks(blockSize, async (block) => await (await (remote ??= openRemote(algorithm))).update(block))
  return {
    update: (chunk) => blocks.add(chunk),
    async hex() {
      await blocks.settled()
      if (remote === undefined) return createHash(algorithm).update(blocks.rest).digest('hex')
      const apart = await remote
      letGo((await apart.update(blocks.rest)).buffer)
      return await apart.close()
    },
    [Symbol.dispose]() {
      blocks[Symbol.dispose]()
      remote?.then(
        (apart) => apart[Symbol.dispose](),
        () => undefined,
      )
    },
  }
}

interface Remote extends Disposable {
  update(block: Block): Promise<Block>
  close(): Promise<string>
}

async function openRemote(algorithm: string): Promise<Remote> {
  const on: Lane = digestLane()
  try {
    const digest = await on.run('openDigest', algorithm)
    let closed: Promise<string> | undefined
    const close = (): Promise<string> => (closed ??= on.run('closeDigest', digest))
    return {
      update: async (block) => (await on.run('updateDigest', { digest, block }, [block.buffer])).block,
      close,
      [Symbol.dispose]: () =>
        void close()
          .catch(() => undefined)
          .finally(() => on[Symbol.dispose]()),
    }
  } catch (error) {
    on[Symbol.dispose]()
    throw error
  }
}
