import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BuildRow, Built, RunRow } from '@kiln/core'
import { expect, test } from 'vitest'
import { lookAgain } from '../src/editions.ts'
import { openDatabase } from '../src/open.ts'
import { sqlRows } from '../src/rows.ts'
import { transactions } from '../src/transactions.ts'

const write = { durable: true }
const after = { disk: { reached: async () => {} }, checkpoints: { committed: () => {} } }
const digest = 'sha256:00' as const
const inputs = { tree: digest, recipe: digest, parts: {} }
const run: Omit<RunRow, 'order'> = {
  ...{ id: 'r1', tenant: 'ann', key: digest, image: 'localhost/a', driver: { name: 'fake', why: '' }, inputs, spec: null },
  ...{ state: 'queued', cancelling: false, attempt: 0, drained: 0, events: 0, base: 0, logsGone: false, queuedAt: 1 },
}
const built = { digest, ref: 'localhost/a', size: 1, platforms: [] } as unknown as Built
const build: Omit<BuildRow, 'order'> = {
  ...{ id: 'b1', tenant: 'ann', run: 'r1', name: 'a', key: digest, image: 'localhost/a', tags: [], attributes: { hash: 'x' }, inputs },
  ...{ reuse: 'none', acceptedAt: 1 },
}
const page = { filter: { where: { hash: 'x' } }, sort: 'accepted', order: 'desc', offset: 0, limit: 10 } as const

test('what was found inside a transaction that is taken back is not found after it', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:', after)
  const row = await transact((rows) => rows.addRun(run), write)
  const seen: unknown[] = []
  await transact((rows) => {
    rows.putRun({ ...row, state: 'succeeded', endedAt: 2, built })
    rows.addBuild(build)
    seen.splice(0, 3, rows.finished('ann', digest, 10).length, rows.list('ann', page).length, rows.count('ann', page.filter))
    throw new Error('changed my mind')
  }, write).catch(() => undefined)
  expect(seen).toEqual([1, 1, 1])
  expect(await read((rows) => rows.finished('ann', digest, 10))).toEqual([])
  expect(await read((rows) => rows.list('ann', page))).toEqual([])
  expect(await read((rows) => rows.count('ann', page.filter))).toBe(0)
  expect(await read((rows) => rows.run('ann', 'r1')?.state)).toBe('queued')
  db.close()
})

test('pages and finished Runs follow what is written, and a page that was asked for before is no exception', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:', after)
  const row = await transact((rows) => rows.addRun(run), write)
  const look = (): Promise<unknown> =>
    read((rows) => [
      rows.finished('ann', digest, 10).length,
      rows.list('ann', page).map((one) => one.build.id),
      rows.run('ann', 'r1')?.state,
    ])
  expect(await look()).toEqual([0, [], 'queued'])
  await transact((rows) => rows.addBuild(build), write)
  expect(await look()).toEqual([0, ['b1'], 'queued'])
  await transact((rows) => rows.putRun({ ...row, state: 'succeeded', endedAt: 2, built }), write)
  expect(await look()).toEqual([1, ['b1'], 'succeeded'])
  await transact((rows) => rows.dropBuild({ ...build, order: 1 }), write)
  await transact((rows) => rows.dropRun({ ...row }), write)
  expect(await look()).toEqual([0, [], undefined])
  db.close()
})

test('a final Build is recalled without a transaction until somebody may have removed it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kiln-recall-')), 'kiln.db')
  const [db, other] = [await openDatabase(file), await openDatabase(file)]
  const [own, others] = [sqlRows(db), sqlRows(other)]
  const { read, write: transact } = transactions(db, own, file, after)
  const { write: elsewhere } = transactions(other, others, file, after)
  const row = await transact((rows) => rows.addRun(run), write)
  const kept = await transact((rows) => rows.addBuild(build), write)
  await read((rows) => rows.shown('ann', 'b1'))
  expect(own.recall.build('ann', 'b1')).toBeUndefined() // not final
  await transact((rows) => rows.putRun({ ...row, state: 'succeeded', endedAt: 2, built }), write)
  await read((rows) => rows.shown('ann', 'b1'))
  expect(own.recall.build('ann', 'b1')?.run.state).toBe('succeeded')
  expect(own.recall.build('bob', 'b1')).toBeUndefined()

  await elsewhere((rows) => rows.putDocument('ann', 'note', { name: 'x', version: 1, value: 1 }), write)
  await nextTurn()
  expect(own.recall.build('ann', 'b1')).toBeUndefined()
  await read((rows) => rows.shown('ann', 'b1'))
  expect(own.recall.build('ann', 'b1')?.build.id).toBe('b1')
  await elsewhere((rows) => rows.dropBuild(kept), write)
  await nextTurn()
  expect(own.recall.build('ann', 'b1')).toBeUndefined()
  expect(await read((rows) => rows.shown('ann', 'b1'))).toBeUndefined()

  const again = await transact((rows) => rows.addBuild({ ...build, id: 'b2' }), write)
  await read((rows) => rows.shown('ann', 'b2'))
  expect(own.recall.build('ann', 'b2')?.build.id).toBe('b2')
  await transact((rows) => rows.dropBuild(again), write)
  expect(own.recall.build('ann', 'b2')).toBeUndefined()

  await transact((rows) => rows.addBuild({ ...build, id: 'b3' }), write)
  await read((rows) => rows.shown('ann', 'b3'))
  lookAgain()
  db.close()
  // who cannot ask whether it is still there leaves the answer, and the error, to a read
  expect(own.recall.build('ann', 'b3')).toBeUndefined()
  other.close()
  rmSync(dirname(file), { recursive: true })
})

test('finished Runs are recalled without a transaction until anybody writes', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kiln-recall-')), 'kiln.db')
  const [db, other] = [await openDatabase(file), await openDatabase(file)]
  const own = sqlRows(db)
  const { read, write: transact } = transactions(db, own, file, after)
  const { write: elsewhere } = transactions(other, sqlRows(other), file, after)
  const recalled = (): readonly string[] | undefined => own.recall.finished('ann', digest, 10)?.map(({ id }) => id)
  const row = await transact((rows) => rows.addRun(run), write)
  expect(recalled()).toBeUndefined()
  await transact((rows) => rows.putRun({ ...row, state: 'succeeded', endedAt: 2, built }), write)
  await read((rows) => rows.finished('ann', digest, 10))
  expect(recalled()).toEqual(['r1'])
  expect(own.recall.finished('bob', digest, 10)).toBeUndefined()
  // a Build on it is no change of it
  await transact((rows) => rows.addBuild(build), write)
  expect(recalled()).toEqual(['r1'])

  await elsewhere((rows) => rows.dropRun(row), write)
  expect(recalled()).toBeUndefined()
  expect(await read((rows) => rows.finished('ann', digest, 10))).toEqual([])
  db.close()
  lookAgain()
  expect(recalled()).toBeUndefined()
  other.close()
  rmSync(dirname(file), { recursive: true })
})
