import type { DatabaseSync } from 'node:sqlite'
import { createChanges, storeOver, type Backend, type Store, type StoreOptions } from '@kiln/core'
import { diskOf, type Disk } from './disk.ts'
import { storeFailure } from './failures.ts'
import { markOpen, openDatabase } from './open.ts'
import { patiently } from './patience.ts'
import { sqlRows } from './rows.ts'
import { sqliteVersion } from './sqlite.ts'
import { checkpoints as checkpointsOf, uncopiedPages, type Checkpoints } from './threads/checkpoints.ts'
import { transactions, type Transactions } from './transactions.ts'

export interface SqliteStoreOptions extends StoreOptions {
  /** on a local disk; its directory is made when it is missing */
  readonly file: string
  /** ms since the epoch, the same clock for all who open the file; default the system's */
  readonly now?: () => number
  /** how often writes of other processes are looked for while somebody waits, in ms; default 100 */
  readonly pollMs?: number
}

/**
 * The store of one machine: any number of processes may have the file open. What it has answered survives a kill, and a power
 * cut too (except the last moments of logs). Throws `store_too_new`, `store_corrupt`, `store_unavailable`, `disk_full`.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, now = Date.now, pollMs = 100 } = options
  const db = await openDatabase(file)
  try {
    const unmark = await patiently(() => markOpen(db, now()))
    const opened = parts(db, file)
    const backend = { ...opened.backend, now, changes: createChanges({ everyMs: pollMs, changed: versionWatch(db) }) }
    return storeOver({ ...backend, [Symbol.asyncDispose]: () => close(db, opened, unmark) }, options)
  } catch (error) {
    db.close()
    throw storeFailure(error, file)
  }
}

interface Opened {
  readonly backend: Pick<Backend, 'read' | 'write' | 'recall'> & Pick<Transactions, 'last'>
  readonly disk: Disk
  readonly checkpoints: Checkpoints
}

function parts(db: DatabaseSync, file: string): Opened {
  const [rows, disk] = [sqlRows(db), diskOf(file)]
  const checkpoints = checkpointsOf(sqliteVersion().safe ? file : undefined, uncopiedPages(db))
  return { backend: { ...transactions(db, rows, file, { disk, checkpoints }), recall: rows.recall }, disk, checkpoints }
}

/** Answers whether another connection has written since it was last asked. */
function versionWatch(db: DatabaseSync): () => boolean {
  const version = db.prepare('pragma data_version')
  let last: unknown
  return () => {
    const now = (version.get() as { readonly data_version: number }).data_version
    const changed = now !== last
    last = now
    return changed
  }
}

async function close(db: DatabaseSync, { backend, disk, checkpoints }: Opened, unmark: () => void): Promise<void> {
  // comes after all that was asked before; without the mark the next one checks the file, no more: closing must not fail for it
  await backend.last(unmark).catch(() => {})
  await checkpoints[Symbol.asyncDispose]()
  await disk[Symbol.asyncDispose]()
  db.close()
}
