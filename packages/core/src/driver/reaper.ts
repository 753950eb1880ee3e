import { setTimeout as sleep } from 'node:timers/promises'
import type { Queue } from '../store/store.ts'
import type { Driver } from './driver.ts'

/** Removes what lost attempts left in the builders: now and then, while there is work and once after it, and never in the way of it. */
export interface Reaper extends AsyncDisposable {
  /** A Run of this driver was claimed or has ended; starts a round, at once when the last one is long ago, else when it will be. */
  worked(driver: Driver | undefined): void
}

const everyMs = 60_000
const roundMs = 30_000
const stopMs = 1000

export function createReaper(queue: Queue, now: () => number): Reaper {
  const last = new Map<Driver, number>()
  const waiting = new Map<Driver, NodeJS.Timeout>()
  const rounds = new Set<Promise<void>>()
  const stop = new AbortController()
  const start = (driver: Driver): void => {
    last.set(driver, now())
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(roundMs)])
    const reap = async (): Promise<void> => driver.reap((run, attempt) => queue.alive(run, attempt), { signal })
    // a builder that is away now has its leftovers removed in a later round
    const round = reap().catch(() => later(driver, everyMs))
    rounds.add(round)
    void round.finally(() => rounds.delete(round))
  }
  // who was lost last is followed by no claim that would start a round
  const later = (driver: Driver, ms: number): void => {
    if (stop.signal.aborted || waiting.has(driver)) return
    const timer = setTimeout(() => {
      waiting.delete(driver)
      start(driver)
    }, ms)
    waiting.set(driver, timer.unref())
  }
  return {
    worked(driver) {
      if (!driver || stop.signal.aborted) return
      const wait = everyMs - (now() - (last.get(driver) ?? -everyMs))
      if (wait <= 0) start(driver)
      else later(driver, Math.min(wait, everyMs))
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      for (const timer of waiting.values()) clearTimeout(timer)
      // a driver that does not heed the signal is left to itself
      const late = new AbortController()
      await Promise.race([Promise.allSettled(rounds), sleep(stopMs, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
    },
  }
}
