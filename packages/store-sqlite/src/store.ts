import type { DatabaseSync } from 'node:sqlite'
import { createChanges, storeOver, type Backend, type Store, type StoreOptions } from '@kiln/core'
import { storeFailure } from './failures.ts'
import { markOpen, openDatabase } from './open.ts'
import { sqlRows } from './rows.ts'
import { transactions } from './transactions.ts'

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
  const backend = backendOf(db, file, now, pollMs)
  try {
    const unmark = await backend.write(() => markOpen(db, now()), { durable: true })
    return storeOver({ ...backend, [Symbol.asyncDispose]: () => close(db, backend, unmark) }, options)
  } catch (error) {
    db.close()
    throw storeFailure(error, file)
  }
}

type Open = Omit<Backend, keyof AsyncDisposable>

function backendOf(db: DatabaseSync, file: string, now: () => number, pollMs: number): Open {
  const rows = sqlRows(db)
  return {
    ...transactions(db, rows, file),
    recall: rows.recall,
    now,
    changes: createChanges({ everyMs: pollMs, changed: versionWatch(db) }),
  }
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

async function close(db: DatabaseSync, backend: Open, unmark: () => void): Promise<void> {
  // comes after all that was asked before; without the mark the next one checks the file, no more: closing must not fail for it
  await backend.write(unmark, { durable: false }).catch(() => {})
  db.close()
}
