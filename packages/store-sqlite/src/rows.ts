import type { DatabaseSync } from 'node:sqlite'
import type { Rows } from '@kiln/core'
import { buildRows } from './build-rows.ts'
import { editions } from './editions.ts'
import { otherRows } from './other-rows.ts'
import { runRows } from './run-rows.ts'

/** Rows in SQLite. All inside a transaction that the caller has begun. */
export function sqlRows(db: DatabaseSync): Rows {
  const builds = editions(db)
  return { ...buildRows(db, builds), ...runRows(db, builds), ...otherRows(db) }
}
