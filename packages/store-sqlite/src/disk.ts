import { close, fdatasync, fdatasyncSync, openSync, realpathSync } from 'node:fs'
import { promisify } from 'node:util'

/** The log of a database, as far as the disk goes. */
export interface Disk extends AsyncDisposable {
  /**
   * Resolves when all that was written before the call survives a power cut; calls meanwhile share the next wait. Rejects with Node's
   * error, and from then on always: a disk says only once that it has lost something, and what comes later in the log needs it.
   */
  reached(): Promise<void>
}

/** How the log is brought to the disk, and what tells how long that took, in ms. */
export interface Flush {
  readonly here: (log: number) => void
  readonly apart: (log: number) => Promise<void>
  readonly now: () => number
}

const onDisk: Flush = { here: fdatasyncSync, apart: promisify(fdatasync), now: () => performance.now() }

/** ms of a flush, on average, up to which it is waited for here; one that is much slower counts as this many at most */
const [quick, slowest] = [5, 20]
/** ms until a disk that was slower is tried again */
const apartMs = 5_000

/**
 * A disk that is quick is waited for here: on a thread it takes four times as long until the answer is back, where all cores are busy.
 * One that is not is waited for on Node's threads, or everybody would wait. A descriptor of the log alone can be opened and closed; of
 * the database itself that would lose SQLite's locks.
 */
export function diskOf(file: string, flush: Flush = onDisk): Disk {
  // SQLite puts the log beside what a link leads to
  const log = file === ':memory:' ? undefined : openSync(`${realpathSync(file)}-wal`, 'r+')
  const speed = speedOf(flush.now)
  let last = Promise.resolve()
  let next: Promise<void> | undefined
  let underWay = 0
  const apart = async (): Promise<void> => {
    next = undefined
    if (log !== undefined) await flush.apart(log)
    underWay -= 1
  }
  const later = (): Promise<void> => {
    if (next === undefined) underWay += 1
    return (next ??= last = last.then(apart))
  }
  return {
    reached() {
      // what failed stays under way, and so everything later is refused by it
      if (underWay > 0 || !speed.isQuick()) return later()
      const begun = flush.now()
      try {
        if (log !== undefined) flush.here(log)
      } catch (error) {
        underWay = 1
        return (last = Promise.reject(error))
      }
      speed.took(flush.now() - begun)
      return last
    },
    async [Symbol.asyncDispose]() {
      await last.catch(() => undefined)
      if (log !== undefined) await promisify(close)(log)
    },
  }
}

/** What may be waited for here: the mean of the last flushes says so, a single slow one does not. */
function speedOf(now: () => number): { isQuick(): boolean; took(ms: number): void } {
  let [mean, apartUntil] = [0, -Infinity]
  return {
    isQuick: () => now() >= apartUntil,
    took(ms) {
      mean += (Math.min(ms, slowest) - mean) / 16
      if (mean <= quick) return
      // when it is tried again, one that is slow is enough
      mean = quick
      apartUntil = now() + apartMs
    },
  }
}
