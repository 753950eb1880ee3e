import type { Authenticate, Caller } from '../api.ts'

const forMs = 1000
const atMost = 10_000

interface Known {
  readonly caller: Caller
  readonly until: number
}

/** Keys that were good a moment ago are good: a read then costs no look-up. Bad ones are asked about anew. */
export function remembered(
  keyOf: (request: Request) => string | undefined,
  verify: (key: string) => Promise<{ readonly caller: Caller; readonly expiresAt: number } | undefined>,
  now: () => number,
): Authenticate {
  const known = new Map<string, Known>()
  return async (request) => {
    const key = keyOf(request)
    if (key === undefined) return undefined
    const at = now()
    const last = known.get(key)
    if (last !== undefined && last.until > at) return last.caller
    known.delete(key)
    const found = await verify(key)
    if (!found) return undefined
    known.set(key, { caller: found.caller, until: Math.min(at + forMs, found.expiresAt) })
    if (known.size > atMost) known.delete(known.keys().next().value!)
    return found.caller
  }
}
