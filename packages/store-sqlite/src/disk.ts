import { close, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

/** The log of a database, as far as the disk goes. */
export interface Disk extends AsyncDisposable {
  /** resolves when all that was written before the call survives a power cut; calls meanwhile share the next wait. Rejects with Node's error */
  reached(): Promise<void>
}

const flush = promisify(fdatasync)

/**
 * Waits for the disk on Node's threads: inside SQLite the whole process would wait. A descriptor of the log alone can be opened and
 * closed; of the database itself that would lose SQLite's locks.
 */
export function diskOf(file: string): Disk {
  const log = file === ':memory:' ? undefined : openSync(`${file}-wal`, 'r+')
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const run = (): Promise<void> => {
    next = undefined
    running = (log === undefined ? Promise.resolve() : flush(log)).finally(() => (running = undefined))
    return running
  }
  return {
    reached: () => (running === undefined ? run() : (next ??= running.then(run, run))),
    async [Symbol.asyncDispose]() {
      await running?.catch(() => undefined)
      if (log !== undefined) await promisify(close)(log)
    },
  }
}
