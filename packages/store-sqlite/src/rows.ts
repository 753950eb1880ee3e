import type { DatabaseSync } from 'node:sqlite'
import type { Rows, Shared } from '@kiln/core'
import { buildRows } from './build-rows.ts'
import { editions } from './editions.ts'
import { otherRows } from './other-rows.ts'
import { runRows } from './run-rows.ts'

export interface SqlRows {
  readonly rows: Rows
  /** outside of a transaction: a final Build that was read before and is still there */
  readonly recall: (tenant: string, id: string) => Shared | undefined
  /** to be called when a transaction, or a part of one, was taken back */
  readonly undone: () => void
}

/** Rows in SQLite. All inside a transaction that the caller has begun. */
export function sqlRows(db: DatabaseSync): SqlRows {
  const [builds, runs] = [editions(db), editions(db)]
  const { rows, recall } = buildRows(db, builds)
  return {
    recall,
    rows: { ...rows, ...runRows(db, builds, runs), ...otherRows(db) },
    undone() {
      builds.undone()
      runs.undone()
    },
  }
}
