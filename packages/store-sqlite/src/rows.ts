import type { DatabaseSync } from 'node:sqlite'
import type { Rows } from '@kiln/core'
import { buildRows } from './build-rows.ts'
import { otherRows } from './other-rows.ts'
import { runRows } from './run-rows.ts'

/** Rows in SQLite. All inside a transaction that the caller has begun. */
export function sqlRows(db: DatabaseSync): Rows {
  return { ...buildRows(db), ...runRows(db), ...otherRows(db) }
}
