import type { HeldRoom } from '../limits/body-room.ts'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'
import { bodyHere } from './lent-body.ts'
import { pull, tooSlow } from './pull.ts'

type Rate = Pick<ServerLimits, 'bodyRate' | 'bodyRateMs'>

/**
 * The whole body. Throws `payload_too_large`, at once where its length is told; `too_slow` for one that does not bring `bodyRate`
 * bytes in each `bodyRateMs`; `too_many_bodies` before more is read than there is room for.
 */
export async function readBody(request: Request, max: number, rate: Rate, room?: HeldRoom): Promise<Buffer> {
  const length = request.headers.get('content-length')
  if (Number(length ?? 0) > max) throw tooLarge(max)
  if (length !== null && Number(length) <= rate.bodyRate) {
    room?.take(Number(length))
    return bodyHere(request) ?? small(request, max, rate)
  }
  if (!request.body) return Buffer.alloc(0)
  const body = pull(request.body, rate, request.signal)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body.all()) {
      size += chunk.length
      if (size > max) throw tooLarge(max)
      room?.take(chunk.length)
      chunks.push(chunk)
    }
  } finally {
    body.close()
  }
  return Buffer.concat(chunks)
}

/** What has to be here in one period anyway, without a stream. */
async function small(request: Request, max: number, { bodyRate, bodyRateMs }: Rate): Promise<Buffer> {
  const whole = await new Promise<ArrayBuffer>((resolve, reject) => {
    const timer = setTimeout(() => reject(tooSlow(bodyRate, bodyRateMs)), bodyRateMs)
    const ended =
      <T>(tell: (of: T) => void) =>
      (of: T): void => {
        clearTimeout(timer)
        tell(of)
      }
    request.arrayBuffer().then(ended(resolve), ended(reject))
  })
  const bytes = Buffer.from(whole)
  if (bytes.length > max) throw tooLarge(max)
  return bytes
}

function tooLarge(max: number): Refused {
  return new Refused('payload_too_large', `The body has more than ${max} bytes.`)
}
