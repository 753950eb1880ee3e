import { createHash } from 'node:crypto'
import { letGo } from '../source/let-go.ts'
import { Blocks, type Block } from './blocks.ts'
import { digestLane, type Lane } from './threads.ts'

type Algorithm = 'md5' | 'sha256'

/** bytes that are handed over at once */
const blockSize = 2 ** 18

/** The digest of a body that comes in chunks. A large one is computed on a thread, while the next chunks come. */
export interface DigestApart extends Disposable {
  /** The chunk is copied. Wait for what this answers before the next one. Throws `internal` when the thread has died. */
  update(chunk: Uint8Array): Promise<void> | undefined
  /** Of all that came, in hex; once. */
  hex(): Promise<string>
}

/** The digest of a body that comes in blocks, as `Blocks` makes them. */
export interface BlockDigest extends Disposable {
  /** Takes the memory of the block, and answers with it when it has been read. Throws as above. */
  update(block: Block): Promise<Block>
  /** Of all blocks and of this rest, whose memory it takes, in hex; once. */
  hex(rest: Block): Promise<string>
}

export function digestApart(algorithm: Algorithm): DigestApart {
  const digest = blockDigest(algorithm)
  const blocks = new Blocks(blockSize, (block) => digest.update(block))
  return {
    update: (chunk) => blocks.add(chunk),
    async hex() {
      await blocks.settled()
      return await digest.hex(blocks.rest)
    },
    [Symbol.dispose]() {
      blocks[Symbol.dispose]()
      digest[Symbol.dispose]()
    },
  }
}

/** Computed on a thread from the first block on; where there is none, here. */
export function blockDigest(algorithm: Algorithm): BlockDigest {
  let remote: Promise<Remote> | undefined
  return {
    update: async (block) => await (await (remote ??= openRemote(algorithm))).update(block),
    async hex(rest) {
      if (remote === undefined) return createHash(algorithm).update(rest).digest('hex')
      const apart = await remote
      letGo((await apart.update(rest)).buffer)
      return await apart.close()
    },
    [Symbol.dispose]: () =>
      void remote?.then(
        (apart) => apart[Symbol.dispose](),
        () => undefined,
      ),
  }
}

interface Remote extends Disposable {
  update(block: Block): Promise<Block>
  close(): Promise<string>
}

async function openRemote(algorithm: Algorithm): Promise<Remote> {
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
