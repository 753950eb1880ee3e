import { Refused } from '../refusal.ts'

/** A request whose body can be had for less than a web stream costs. */
export interface Lending {
  /** each chunk until the next one is asked for */
  lend(): AsyncIterable<Uint8Array> | null
  /** the whole of it, where all has come and nobody has begun to read */
  here(): Buffer | undefined
}

/** The body for a reader who is done with a chunk when he asks for the next one; null where there is none. Throws `body_consumed`. */
export function lentBody(request: Request): AsyncIterable<Uint8Array> | null {
  if (request.bodyUsed) throw new Refused('body_consumed', 'Something before this handler has read the body.')
  return lends(request) ? request.lend() : request.body
}

/** The whole body, where it is here without a wait; undefined says nothing. */
export function bodyHere(request: Request): Buffer | undefined {
  return lends(request) ? request.here() : undefined
}

function lends(request: Request): request is Request & Lending {
  return 'lend' in request
}
