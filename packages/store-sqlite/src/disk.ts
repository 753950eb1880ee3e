import { close, fdatasync, openSync, realpathSync } from 'node:fs'
import { promisify } from 'node:util'

/** The log of a database, as far as the disk goes. */
export interface Disk extends AsyncDisposable {
  /**
   * Resolves when all that was written before the call survives a power cut; calls meanwhile share the next wait. Rejects with Node's
   * error, and from then on always: a disk says only once that it has lost something, and what comes later in the log needs it.
   */
  reached(): Promise<void>
}

/**
 * Waits for the disk on Node's threads: inside SQLite the whole process would wait. A descriptor of the log alone can be opened and
 * closed; of the database itself that would lose SQLite's locks.
 */
export function diskOf(file: string, flush: (log: number) => Promise<void> = promisify(fdatasync)): Disk {
  // SQLite puts the log beside what a link leads to
  const log = file === ':memory:' ? undefined : openSync(`${realpathSync(file)}-wal`, 'r+')
  let last = Promise.resolve()
  let next: Promise<void> | undefined
  const run = async (): Promise<void> => {
    next = undefined
    if (log !== undefined) await flush(log)
  }
  return {
    reached: () => (next ??= last = last.then(run)),
    async [Symbol.asyncDispose]() {
      await last.catch(() => undefined)
      if (log !== undefined) await promisify(close)(log)
    },
  }
}
