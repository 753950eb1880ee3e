import type { Bytes } from '@kiln/core'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'

type Rate = Pick<ServerLimits, 'bodyRate' | 'bodyRateMs'>

/** A body, chunk by chunk. */
export interface Pulled {
  /** undefined at the end. Of a lent body each chunk is gone when the next one is asked for. Throws `too_slow`, the signal's reason, and what the connection broke with */
  next(): Promise<Buffer | undefined>
  all(): AsyncGenerator<Buffer, void>
  /** Lets go of a body that was not read to its end: what comes of it is the listener's to read away. */
  close(): void
}

/** Watches over a sender: one timer for the whole body, and nothing that would keep its chunks. */
export function pull(bytes: Bytes, { bodyRate, bodyRateMs }: Rate, signal: AbortSignal): Pulled {
  const source = sourceOf(bytes)
  let giveUp: (reason: unknown) => void = () => undefined
  let [count, waited, waitingSince]: [number, number, number | undefined] = [0, 0, undefined]
  const stop = (): void => giveUp(signal.reason)
  const judge = (): void => {
    const now = performance.now()
    if (waitingSince !== undefined) {
      waited += now - waitingSince
      waitingSince = now
      // what the reader took for itself is not the sender's
      if (waited > bodyRateMs / 2 && count < (bodyRate * waited) / bodyRateMs) giveUp(tooSlow(bodyRate, bodyRateMs))
    }
    count = waited = 0
  }
  signal.addEventListener('abort', stop)
  const timer = setInterval(judge, bodyRateMs)
  const arrived = (chunk: Uint8Array | undefined): Buffer | undefined => {
    waited += performance.now() - waitingSince!
    waitingSince = undefined
    count += chunk?.length ?? 0
    return chunk && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
  // not by Promise.race with one promise for all: that one would keep every chunk until the end
  const next = (): Promise<Buffer | undefined> =>
    new Promise<Uint8Array | undefined>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      giveUp = reject
      waitingSince = performance.now()
      source.next().then(resolve, reject)
    }).then(arrived)
  return {
    next,
    async *all() {
      for (let chunk = await next(); chunk; chunk = await next()) yield chunk
    },
    close() {
      clearInterval(timer)
      signal.removeEventListener('abort', stop)
      source.cancel()
    },
  }
}

interface From {
  next(): Promise<Uint8Array | undefined>
  cancel(): void
}

/** A web stream by its reader, which can be cancelled while it waits. */
function sourceOf(bytes: Bytes): From {
  if (bytes instanceof ReadableStream) {
    const reader = (bytes as ReadableStream<Uint8Array>).getReader()
    return { next: async () => (await reader.read()).value, cancel: () => void reader.cancel().catch(() => undefined) }
  }
  const iterator = bytes[Symbol.asyncIterator]()
  const next = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = await iterator.next()
    return done === true ? undefined : value
  }
  return { next, cancel: () => void iterator.return?.()?.catch(() => undefined) }
}

/** Who is that slow is not read to the end. */
export function tooSlow(bytes: number, ms: number): Refused {
  return new Refused('too_slow', `The body came slower than ${bytes} bytes in ${ms / 1000} s.`, { headers: { connection: 'close' } })
}
