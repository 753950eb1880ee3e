import { createHash } from 'node:crypto'
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

export function digestApart(algorithm: 'md5'): DigestApart {
  const free: Uint8Array[] = []
  let [block, used] = [newBlock(), 0]
  let remote: Remote | undefined
  let underWay: Promise<void> = Promise.resolve()

  const turn = async (): Promise<void> => {
    await underWay
    remote ??= await openRemote(algorithm)
    const full = block
    underWay = remote.update(full.subarray(0, used)).then(() => void free.push(full))
    // whoever comes next is told
    underWay.catch(() => {})
    ;[block, used] = [free.pop() ?? newBlock(), 0]
  }
  const gather = (chunk: Uint8Array): void => {
    block.set(chunk, used)
    used += chunk.length
  }
  const pieces = async (chunk: Uint8Array): Promise<void> => {
    for (let at = 0; at < chunk.length;) {
      if (used === blockSize) await turn()
      const piece = chunk.subarray(at, at + blockSize - used)
      gather(piece)
      at += piece.length
    }
  }
  return {
    update(chunk) {
      if (used + chunk.length > blockSize) return pieces(chunk)
      gather(chunk)
      return undefined
    },
    async hex() {
      if (remote === undefined) return createHash(algorithm).update(block.subarray(0, used)).digest('hex')
      await turn()
      await underWay
      return await remote.close()
    },
    [Symbol.dispose]: () => remote?.[Symbol.dispose](),
  }
}

/** Memory that both threads see. */
function newBlock(): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(blockSize))
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
