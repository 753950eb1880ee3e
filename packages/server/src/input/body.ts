import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'

type Rate = Pick<ServerLimits, 'bodyRate' | 'bodyRateMs'>

/**
 * The whole body. Throws `payload_too_large`, at once where its length is told; `too_slow` for one that does not bring `bodyRate`
 * bytes in each `bodyRateMs`.
 */
export async function readBody(request: Request, max: number, rate: Rate): Promise<Buffer> {
  const length = request.headers.get('content-length')
  if (Number(length ?? 0) > max) throw tooLarge(max)
  if (length !== null && Number(length) <= rate.bodyRate) return small(request, max, rate)
  if (!request.body) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of atRate(request.body, rate)) {
    size += chunk.length
    if (size > max) throw tooLarge(max)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What has to be here in one period anyway, without a stream. */
async function small(request: Request, max: number, { bodyRate, bodyRateMs }: Rate): Promise<Buffer> {
  const slow = Promise.withResolvers<never>()
  const timer = setTimeout(() => slow.reject(tooSlow(bodyRate, bodyRateMs)), bodyRateMs)
  try {
    const bytes = Buffer.from(await Promise.race([request.arrayBuffer(), slow.promise]))
    if (bytes.length > max) throw tooLarge(max)
    return bytes
  } finally {
    clearTimeout(timer)
  }
}

/** The same chunks. One timer watches over the whole body, and is gone with it. Throws `too_slow`. */
async function* atRate(body: ReadableStream<Uint8Array>, { bodyRate, bodyRateMs }: Rate): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader()
  const slow = Promise.withResolvers<never>()
  slow.promise.catch(() => undefined)
  let [bytes, held, waiting] = [0, 0, false]
  const timer = setInterval(() => {
    // what the reader took for itself is not the sender's
    if (waiting && bytes < bodyRate * (1 - held / bodyRateMs)) slow.reject(tooSlow(bodyRate, bodyRateMs))
    bytes = held = 0
  }, bodyRateMs)
  try {
    for (;;) {
      waiting = true
      const { done, value } = await Promise.race([reader.read(), slow.promise])
      waiting = false
      if (done) return
      bytes += value.length
      const since = performance.now()
      yield value
      held += performance.now() - since
    }
  } finally {
    clearInterval(timer)
    // the rest is the listener's: it reads it away, so that the answer arrives
    reader.cancel().catch(() => undefined)
  }
}

function tooLarge(max: number): Refused {
  return new Refused('payload_too_large', `The body has more than ${max} bytes.`)
}

/** Who is that slow is not read to the end. */
function tooSlow(bytes: number, ms: number): Refused {
  return new Refused('too_slow', `The body came slower than ${bytes} bytes in ${ms / 1000} s.`, { headers: { connection: 'close' } })
}
