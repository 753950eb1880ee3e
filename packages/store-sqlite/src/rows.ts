import type { DatabaseSync } from 'node:sqlite'
import type { Backend, Rows } from '@kiln/core'
import { buildRows } from './build-rows.ts'
import { editions, otherCommits } from './editions.ts'
import { otherRows } from './other-rows.ts'
import { runRows } from './run-rows.ts'

export interface SqlRows {
  readonly rows: Rows
  readonly recall: NonNullable<Backend['recall']>
  /** to be called when a transaction, or a part of one, was taken back */
  readonly undone: () => void
}

/** Rows in SQLite. All but `recall` inside a transaction that the caller has begun. */
export function sqlRows(db: DatabaseSync): SqlRows {
  const others = otherCommits(db)
  const [builds, runs] = [editions(others), editions(others)]
  const [ofBuilds, ofRuns] = [buildRows(db, builds), runRows(db, builds, runs)]
  return {
    recall: { build: unlessTrouble(ofBuilds.recall), finished: unlessTrouble(ofRuns.recall) },
    rows: { ...ofBuilds.rows, ...ofRuns.rows, ...otherRows(db) },
    undone() {
      builds.undone()
      runs.undone()
    },
  }
}

/** Why the database cannot be asked is a read's to tell. */
function unlessTrouble<Question extends readonly unknown[], T>(ask: (...question: Question) => T | undefined): typeof ask {
  return (...question) => {
    try {
      return ask(...question)
    } catch {
      return undefined
    }
  }
}
