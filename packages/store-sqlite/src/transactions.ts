import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DatabaseSync } from 'node:sqlite'
import { BuildError, type Rows } from '@kiln/core'
import { isTrouble, storeFailure } from './failures.ts'
import { currentVersion, tooNew, versionOf } from './migrations.ts'
import { patiently } from './patience.ts'

export interface Transactions {
  readonly read: <T>(work: (rows: Rows) => T) => Promise<T>
  readonly write: <T>(work: (rows: Rows) => T, options: { readonly durable: boolean }) => Promise<T>
}

interface Pending {
  readonly durable: boolean
  /** does the work inside the open transaction, and answers with what to do once it was committed */
  attempt(): () => void
  reject(error: unknown): void
}

/** what may wait for the disk, and what one commit takes at most */
const longest = 20_000
const together = 500

/** All writes of one moment share a commit, and so one wait for the disk. */
export function transactions(db: DatabaseSync, rows: Rows, file: string): Transactions {
  const waiting: Pending[] = []
  const begin = beginner(db, file)
  let running = false

  async function run(): Promise<void> {
    running = true
    for (await nextTurn(); waiting.length > 0; await nextTurn()) await commitGroup()
    running = false
  }
  async function commitGroup(): Promise<void> {
    try {
      await patiently(() => begin(waiting.slice(0, together).some(({ durable }) => durable)))
    } catch (error) {
      return fail(waiting.splice(0), error)
    }
    const group = waiting.splice(0, together)
    try {
      const done = group.map((pending) => pending.attempt())
      db.exec('commit')
      for (const tell of done) tell()
    } catch (error) {
      fail(group, error)
    }
  }
  function fail(group: readonly Pending[], error: unknown): void {
    if (db.isTransaction) db.exec('rollback')
    for (const pending of group) pending.reject(storeFailure(error, file))
  }

  return {
    read: async (work) => await patiently(() => readOnce(db, () => work(rows))).catch((error: unknown) => rethrow(error, file)),
    write: (work, { durable }) => {
      if (waiting.length >= longest)
        return Promise.reject(new BuildError('store_unavailable', `${file}: more than ${longest} writes are waiting.`))
      const { promise, resolve, reject } = Promise.withResolvers<ReturnType<typeof work>>()
      waiting.push({ durable, reject, attempt: () => apart(db, () => work(rows), resolve, reject) })
      if (!running) void run()
      return promise
    },
  }
}

function beginner(db: DatabaseSync, file: string): (durable: boolean) => void {
  let full = true
  return (durable) => {
    if (full !== durable) db.exec(`pragma synchronous = ${durable ? 'full' : 'normal'}`)
    full = durable
    db.exec('begin immediate')
    // a newer Kiln may have migrated the file under us
    if (versionOf(db) !== currentVersion) throw tooNew(file, versionOf(db))
  }
}

/** One of the group: when it refuses, its own writes go and the others stay. */
function apart<T>(db: DatabaseSync, work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): () => void {
  db.exec('savepoint one')
  try {
    const value = work()
    db.exec('release one')
    return () => resolve(value)
  } catch (error) {
    if (isTrouble(error)) throw error
    db.exec('rollback to one; release one')
    return () => reject(error)
  }
}

function readOnce<T>(db: DatabaseSync, work: () => T): T {
  db.exec('begin')
  try {
    return work()
  } finally {
    if (db.isTransaction) db.exec('commit')
  }
}

function rethrow(error: unknown, file: string): never {
  throw storeFailure(error, file)
}
