import { spawnSync } from 'node:child_process'
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isBuildError } from '@kiln/core'
import { sqliteStore, sqliteVersion } from '@kiln/store-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { currentVersion } from '../src/migrations.ts'
import { start } from './child.ts'
import { accepting, rules } from './processes/build.ts'

let directory = ''
let files = 0
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'kiln-open-'))))
afterAll(() => rm(directory, { recursive: true }))
const newFile = (): string => join(directory, `${(files += 1)}.db`)

async function refusal(file: string): Promise<string> {
  return await sqliteStore({ file }).then(
    () => 'opened',
    (error: unknown) => (isBuildError(error) ? error.code : String(error)),
  )
}

async function filled(builds: number): Promise<string> {
  const file = newFile()
  await using store = await sqliteStore({ file })
  for (let i = 0; i < builds; i++) await store.accept('ann', accepting(`${i}`))
  return file
}

function sql(file: string, text: string): void {
  const db = new DatabaseSync(file)
  db.exec(text)
  db.close()
}

test('a store of a newer version is refused, and not a byte of it changed', async () => {
  const file = await filled(1)
  sql(file, 'pragma user_version = 99; pragma journal_mode = delete')
  const before = await readFile(file)
  expect(await refusal(file)).toBe('store_too_new')
  expect((await readFile(file)).equals(before)).toBe(true)
})

test('a store that a newer Kiln migrates while it is open is written no more', async () => {
  const file = newFile()
  await using store = await sqliteStore({ file })
  sql(file, 'pragma user_version = 99')
  await expect(store.accept('ann', accepting('x'))).rejects.toMatchObject({ code: 'store_too_new' })
  sql(file, `pragma user_version = ${currentVersion}`)
  expect((await store.accept('ann', accepting('x'))).record.state).toBe('queued')
})

test('a store of the first version gets what is new: its Builds are found by their attributes', async () => {
  const file = newFile()
  const ids: string[] = []
  {
    await using store = await sqliteStore({ file })
    for (const team of ['x', "y'\u0000😀", 'x'])
      ids.push((await store.accept('ann', { ...accepting(`${team} ${ids.length}`), attributes: { team, n: '1' } })).record.id)
    await store.accept('bob', { ...accepting('bob'), attributes: { team: 'x' } })
  }
  sql(file, 'drop table attributes; drop index runs_finished; pragma user_version = 1')
  await using store = await sqliteStore({ file })
  const found = await store.list('ann', { limit: 9, where: { team: 'x', n: '1' } })
  expect(found.map(({ id }) => id)).toEqual([ids[2], ids[0]])
  expect(await store.count('ann', { where: { team: "y'\u0000😀" } })).toBe(1)
  await store.accept('ann', { ...accepting('new'), attributes: { team: 'x' } })
  expect(await store.count('ann', { where: { team: 'x' } })).toBe(3)
})

test('a database of somebody else is refused and left as it is', async () => {
  const file = newFile()
  sql(file, 'create table theirs (x)')
  const before = await readFile(file)
  expect(await refusal(file)).toBe('store_corrupt')
  expect((await readFile(file)).equals(before)).toBe(true)
})

test('a file that is no database, and a place where none can be', async () => {
  const file = newFile()
  await writeFile(file, 'not a database, but long enough to be taken for one '.repeat(100))
  expect(await refusal(file)).toBe('store_corrupt')
  expect(await refusal(join(file, 'below', 'kiln.db'))).toBe('store_unavailable')
})

test('after a crash the file is checked; a damaged one is refused, every time', async () => {
  const file = await filled(300)
  await damage(file)
  // nobody died with it: the damage is not looked for
  expect(await refusal(file)).toBe('opened')
  sql(file, `insert into openers (mark, at) values ('999999999-1/1', 0)`)
  expect([await refusal(file), await refusal(file)]).toEqual(['store_corrupt', 'store_corrupt'])
})

test('after a crash a whole file opens, and the mark of the dead is gone', async () => {
  const file = await filled(3)
  for (const mark of ['999999999-1/1', `${process.pid}-1/1`, 'nonsense']) sql(file, `insert into openers (mark, at) values ('${mark}', 0)`)
  await using store = await sqliteStore({ file })
  expect((await store.list('ann', { limit: 10 })).length).toBe(3)
  const db = new DatabaseSync(file, { readOnly: true })
  expect(db.prepare('select count(*) as marks from openers').get()).toMatchObject({ marks: 1 })
  db.close()
})

test('a Run that is removed leaves no row', async () => {
  const file = newFile()
  await using store = await sqliteStore({ file })
  const { record } = await store.accept('ann', { ...accepting('x'), attributes: { team: 'x' } })
  await store.queue.release(await store.queue.claim('w', rules), 'retry')
  await store.cancel('ann', record.id)
  await store.remove('ann', record.id)
  const db = new DatabaseSync(file, { readOnly: true })
  const counts = ['builds', 'runs', 'events', 'attributes'].map(
    (table) => db.prepare(`select count(*) as rows from ${table}`).get()?.['rows'],
  )
  db.close()
  expect(counts).toEqual([0, 0, 0, 0])
})

test('many requests of one moment share a commit', async () => {
  const file = newFile()
  await using store = await sqliteStore({ file })
  await store.accept('ann', accepting('first'))
  const before = await commits(file)
  await Promise.all(Array.from({ length: 100 }, (_, i) => store.accept('ann', accepting(`${i}`))))
  expect((await commits(file)) - before).toBe(1)
})

test('opening prints no warning to the user', { timeout: 60_000 }, async () => {
  await using child = start('quiet', [newFile()])
  expect(await child.ended).toEqual({ code: 0, errors: '' })
})

test('the version of SQLite can be told', () => {
  expect(sqliteVersion()).toEqual({ version: process.versions['sqlite'], safe: true })
})

test(
  'a full disk refuses with disk_full, keeps what was accepted, and works again when there is room',
  { timeout: 60_000 },
  async (context) => {
    const place = await mkdtemp(join(directory, 'full-'))
    const wrapper = ['unshare', '--map-root-user', '--mount', 'sh', '-c', `mount -t tmpfs -o size=3m none ${place} && exec "$@"`, 'sh']
    if (spawnSync(wrapper[0]!, [...wrapper.slice(1), 'true']).status !== 0) return context.skip('no right to mount a small disk')
    await using child = start('full', [place], wrapper)
    expect((await child.ended).errors).toBe('')
    expect(child.lines).toEqual([
      'store disk_full',
      'many disk_full disk_full disk_full',
      'blobs disk_full',
      'left 0',
      'kept true true',
      'count true',
      'after queued 71',
      'again true true',
      'end ',
    ])
  },
)

/** Commits in the log of the database: frames that carry its size, https://sqlite.org/fileformat2.html#walformat */
async function commits(file: string): Promise<number> {
  const wal = await readFile(`${file}-wal`)
  const pageSize = wal.readUInt32BE(8)
  let count = 0
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) if (wal.readUInt32BE(at + 4) > 0) count += 1
  return count
}

/** Overwrites pages in the middle, where rows are. */
async function damage(file: string): Promise<void> {
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  for (let at = Math.floor(size / 2 / 4096) * 4096; at < size - 4096; at += 4096 * 4)
    await handle.write(Buffer.alloc(64, 0xa5), 0, 64, at + 100)
  await handle.close()
}
