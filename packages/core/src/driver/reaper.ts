import type { Queue } from '../store/store.ts'
import type { Driver } from './driver.ts'

/** Removes what lost attempts left in the builders: now and then, while there is work, and never in the way of it. */
export interface Reaper extends AsyncDisposable {
  /** A Run of this driver was claimed; starts a round when the last one is long ago. */
  worked(driver: Driver | undefined): void
}

const everyMs = 60_000
const roundMs = 30_000

export function createReaper(queue: Queue, now: () => number): Reaper {
  const last = new Map<Driver, number>()
  const rounds = new Set<Promise<void>>()
  const stop = new AbortController()
  return {
    worked(driver) {
      if (!driver || stop.signal.aborted || now() - (last.get(driver) ?? -everyMs) < everyMs) return
      last.set(driver, now())
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(roundMs)])
      // a builder that is away now has its leftovers removed in a later round
      const reap = async (): Promise<void> => driver.reap((run, attempt) => queue.alive(run, attempt), { signal })
      const round = reap().catch(() => undefined)
      rounds.add(round)
      void round.finally(() => rounds.delete(round))
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.allSettled(rounds)
    },
  }
}
