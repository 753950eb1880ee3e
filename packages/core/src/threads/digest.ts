import { createHash } from 'node:crypto'
import { Blocks } from './blocks.ts'
import { lane, type Lane } from './threads.ts'

/** bytes that are handed over at once */
const blockSize = 2 ** 19

/** The digest of a body that comes in chunks. A large one is computed on a thread, while the next chunks come. */
export interface DigestApart extends Disposable {
  /** The chunk is copied. Wait for what it answers before the next. Throws `internal` when the thread has died. */
  update(chunk: Uint8Array): Promise<void> | undefined
  /** Of all that came, in hex; once. */
  hex(): Promise<string>
}

export function digestApart(algorithm: 'md5' | 'sha256'): DigestApart {
  let remote: Promise<Remote> | undefined
  const blocks = new Blocks(blockSize, async (block) => await (await (remote ??= openRemote(algorithm))).update(block))
  return {
    update: (chunk) => blocks.add(chunk),
    async hex() {
      await blocks.settled()
      if (remote === undefined) return createHash(algorithm).update(blocks.rest).digest('hex')
      const apart = await remote
      await apart.update(blocks.rest)
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
  update(block: Uint8Array): Promise<void>
  close(): Promise<string>
}

async function openRemote(algorithm: string): Promise<Remote> {
  const on: Lane = lane()
  try {
    const digest = await on.run('openDigest', algorithm)
    let closed: Promise<string> | undefined
    const close = (): Promise<string> => (closed ??= on.run('closeDigest', digest))
    return {
      update: (block) => on.run('updateDigest', { digest, block }),
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
