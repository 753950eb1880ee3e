import { setTimeout as delay } from 'node:timers/promises'
import { isBusy } from './failures.ts'

/** longest wait for other processes */
const patienceMs = 10_000

/** Tries again, with waits outside of SQLite, as long as another process holds the database. */
export async function patiently<T>(attempt: () => T): Promise<T> {
  const end = performance.now() + patienceMs
  for (let tries = 0; ; tries++) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error
      // at random, so that several writers do not meet again and again
      await delay(1 + Math.random() * Math.min(2 + tries, 15))
    }
  }
}
