import { type Claims, stop } from './claims.ts'
import type { Lane } from './threads.ts'

/** ms a thread has to stop by itself before it is ended: longer than it reads one block from a slow disk */
const grace = 2000

/**
 * The result of work on a lane, which the signal stops: it settles only when the thread has let go of the work, so that
 * nothing of it runs on. Throws the signal's reason.
 */
export async function stoppable<T>(on: Lane, claims: Claims, signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const abort = (): void => {
    stop(claims)
    timer = setTimeout(() => on.kill(), grace)
  }
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await work
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
