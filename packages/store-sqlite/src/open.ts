import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { BuildError } from '@kiln/core'
import { storeFailure } from './failures.ts'
import { checkVersion, migrate } from './migrations.ts'
import { isAlive, ownMark } from './process-mark.ts'
import { patiently } from './patience.ts'
import { sqlite, sqliteVersion } from './sqlite.ts'

/** The database, of the newest version, checked when somebody died with it open. Throws `store_too_new`, `store_corrupt`, `store_unavailable`, `disk_full`. */
export async function openDatabase(file: string): Promise<DatabaseSync> {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    db = new sqlite.DatabaseSync(file)
    const opened = db
    // waits inside SQLite hold up the whole process: they are short, and `patiently` waits beside it
    opened.exec('pragma busy_timeout = 10')
    await patiently(() => checkVersion(opened, file))
    await patiently(() => configure(opened))
    await patiently(() => migrate(opened))
    await patiently(() => checkAfterCrash(opened, file))
    return opened
  } catch (error) {
    db?.close()
    throw storeFailure(error, file)
  }
}

function configure(db: DatabaseSync): void {
  // normal: the log reaches the disk after the commit (disk.ts), before anybody is told
  // fullfsync: on macOS alone fsync does not reach the disk; elsewhere these do nothing
  db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma fullfsync = 1; pragma checkpoint_fullfsync = 1')
  db.exec('pragma foreign_keys = off; pragma trusted_schema = off; pragma mmap_size = 0; pragma journal_size_limit = 16777216')
  // pages, 32 MiB: a thread copies before (threads/checkpoints.ts); this is for what it leaves
  if (sqliteVersion().safe) db.exec('pragma wal_autocheckpoint = 8192')
  // a process that is killed leaves none of SQLite's own files
  db.exec('pragma temp_store = memory')
  // KiB, negative: the indexes of some ten thousand Builds; the default of 2 MiB would read them again and again
  db.exec('pragma cache_size = -32768')
}

/** Every open store has a mark in the database; a mark whose process is gone tells of a crash. */
function checkAfterCrash(db: DatabaseSync, file: string): void {
  const marks = db.prepare('select mark from openers').all() as unknown as readonly { readonly mark: string }[]
  const dead = marks.filter(({ mark }) => !isAlive(processOf(mark)))
  if (dead.length > 0) checkIntegrity(db, file)
  const drop = db.prepare('delete from openers where mark = ?')
  for (const { mark } of dead) drop.run(mark)
}

function checkIntegrity(db: DatabaseSync, file: string): void {
  const rows = db.prepare('pragma integrity_check(5)').all() as unknown as readonly { readonly integrity_check: string }[]
  const faults = rows.map((row) => row.integrity_check)
  if (faults.length !== 1 || faults[0] !== 'ok')
    throw new BuildError('store_corrupt', `${file} was damaged: ${faults[0] ?? 'no answer'}`, { data: { faults } })
}

let opened = 0

/** Marks the store as open; the answer takes the mark away. */
export function markOpen(db: DatabaseSync, now: number): () => void {
  opened += 1
  const mark = `${ownMark}/${opened}`
  db.prepare('insert into openers (mark, at) values (?, ?)').run(mark, now)
  return () => void db.prepare('delete from openers where mark = ?').run(mark)
}

function processOf(mark: string): string {
  return mark.slice(0, mark.lastIndexOf('/'))
}
