import type { ServerLimits } from '../limits/limits.ts'
import { Refused } from '../refusal.ts'

/** How many streams are open, by caller and in all. */
export interface Slots {
  /** Throws `too_many_streams`. */
  take(caller: string): void
  /** Once for each that was taken. */
  giveBack(caller: string): void
}

export function createSlots({ streams, streamsPerKey }: Pick<ServerLimits, 'streams' | 'streamsPerKey'>): Slots {
  const open = new Map<string, number>()
  let all = 0
  return {
    take(caller) {
      const own = open.get(caller) ?? 0
      if (own >= streamsPerKey) throw full(`This key has ${own} log streams open.`)
      if (all >= streams) throw full(`The server has ${all} log streams open.`)
      open.set(caller, own + 1)
      all += 1
    },
    giveBack(caller) {
      all -= 1
      const left = open.get(caller)! - 1
      if (left === 0) open.delete(caller)
      else open.set(caller, left)
    },
  }
}

function full(message: string): Refused {
  return new Refused('too_many_streams', message, { retryAfter: 5 })
}
