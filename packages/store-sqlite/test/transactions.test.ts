import { expect, test } from 'vitest'
import { openDatabase } from '../src/open.ts'
import { sqlRows } from '../src/rows.ts'
import { transactions } from '../src/transactions.ts'

const write = { durable: true }
const one = { name: 'a', version: 1, value: 1 }

test('of the transactions that share a commit, one that throws takes only its own writes back', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:')
  const answers = await Promise.allSettled([
    transact((rows) => rows.putDocument('ann', 'kind', one), write),
    transact((rows) => {
      rows.putDocument('ann', 'kind', { ...one, name: 'b' })
      throw new Error('changed my mind')
    }, write),
    transact((rows) => rows.putDocument('ann', 'kind', { ...one, name: 'c' }), write),
  ])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect((await read((rows) => rows.documents('ann', 'kind', undefined, 10))).map(({ name }) => name)).toEqual(['a', 'c'])
  db.close()
})

test('trouble of the database refuses all that share the commit, and the next ones work', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), 'the file')
  const { page_count: pages } = db.prepare('pragma page_count').get() as { page_count: number }
  db.exec(`pragma max_page_count = ${pages + 2}`)
  const large = 'x'.repeat(100_000)
  const answers = await Promise.allSettled([
    transact((rows) => rows.putDocument('ann', 'kind', one), write),
    transact((rows) => rows.putDocument('ann', 'kind', { ...one, value: large }), write),
  ])
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'disk_full' } })
  expect(await read((rows) => rows.documents('ann', 'kind', undefined, 10))).toEqual([])
  await transact((rows) => rows.putDocument('ann', 'kind', one), write)
  expect(await read((rows) => rows.documents('ann', 'kind', undefined, 10))).toEqual([one])
  db.close()
})

test('a read sees nothing of a transaction that is not committed', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:')
  const writing = transact((rows) => rows.putDocument('ann', 'kind', one), write)
  expect(await read((rows) => rows.document('ann', 'kind', 'a'))).toBeUndefined()
  await writing
  expect(await read((rows) => rows.document('ann', 'kind', 'a'))).toEqual(one)
  db.close()
})
