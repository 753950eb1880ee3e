import { Refused } from '../refusal.ts'

/** A request that can lend its body: each chunk until the next one is asked for. */
export interface Lending {
  lend(): AsyncIterable<Uint8Array> | null
}

/** The body for a reader who is done with a chunk when he asks for the next one; null where there is none. Throws `body_consumed`. */
export function lentBody(request: Request): AsyncIterable<Uint8Array> | null {
  if (request.bodyUsed) throw new Refused('body_consumed', 'Something before this handler has read the body.')
  return 'lend' in request ? (request as unknown as Lending).lend() : request.body
}
