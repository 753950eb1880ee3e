import { expect, test } from 'vitest'
import { openDatabase } from '../src/open.ts'
import { sqlRows } from '../src/rows.ts'
import { transactions } from '../src/transactions.ts'

const write = { durable: true }
const after = { disk: { reached: async () => {} }, checkpoints: { committed: () => {} } }
const one = { name: 'a', version: 1, value: 1 }

test('of the transactions that share a commit, one that throws takes only its own writes back', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:', after)
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

test('refusals in any place of a group, and in the groups behind it, change nothing for the others', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:', after)
  const names: string[] = []
  for (const group of [[0], [1, 5, 9], [], [3], []]) {
    const asked = Array.from({ length: 10 }, (_, i) =>
      transact((rows) => {
        const name = `${names.length}-${i}`
        rows.putDocument('ann', 'kind', { ...one, name })
        if (group.includes(i)) throw new Error(`no ${name}`)
        return name
      }, write),
    )
    const answers = await Promise.allSettled(asked)
    expect(answers.map(({ status }) => status === 'rejected')).toEqual(answers.map((_, i) => group.includes(i)))
    names.push(...answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])))
  }
  const kept = await read((rows) => rows.documents('ann', 'kind', undefined, 100))
  expect(kept.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  expect(names).toHaveLength(45)
  db.close()
})

test('who comes in the next two turns shares the commit, and nobody waits longer because others keep coming', async () => {
  const db = await openDatabase(':memory:')
  let [turn, commits] = [0, 0]
  const checkpoints = { committed: () => (commits += 1) }
  const { write: transact } = transactions(db, sqlRows(db), ':memory:', { ...after, checkpoints })
  const put = (name: string): Promise<readonly number[]> =>
    transact((rows) => rows.putDocument('ann', 'kind', { ...one, name }), write).then(() => [commits, turn])
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const stream: Promise<readonly number[]>[] = []
  for (; turn < 8; turn++) {
    stream.push(put(`stream ${turn}`))
    await nextTurn()
  }
  expect((await Promise.all(stream)).slice(0, 4).map(([of]) => of)).toEqual([1, 1, 1, 2])
  expect(await stream[0]).toEqual([1, 2])
  commits = turn = 0
  const alone = put('alone')
  for (; turn < 8; turn++) await nextTurn()
  // a turn less: nobody came
  expect(await alone).toEqual([1, 1])
  db.close()
})

test('trouble of the database refuses all that share the commit, and the next ones work', async () => {
  const db = await openDatabase(':memory:')
  const { read, write: transact } = transactions(db, sqlRows(db), 'the file', after)
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
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:', after)
  const writing = transact((rows) => rows.putDocument('ann', 'kind', one), write)
  expect(await read((rows) => rows.document('ann', 'kind', 'a'))).toBeUndefined()
  await writing
  expect(await read((rows) => rows.document('ann', 'kind', 'a'))).toEqual(one)
  db.close()
})

test('who wants it durable is told when the disk has it, one that is refused by the disk is told so, others do not wait', async () => {
  const db = await openDatabase(':memory:')
  const waits: PromiseWithResolvers<void>[] = []
  const disk = {
    reached: () => {
      waits.push(Promise.withResolvers<void>())
      return waits.at(-1)!.promise
    },
  }
  const { read, write: transact } = transactions(db, sqlRows(db), ':memory:', { ...after, disk })
  const told: string[] = []
  const put = (name: string, durable: boolean): Promise<unknown> =>
    transact((rows) => rows.putDocument('ann', 'kind', { ...one, name }), { durable }).then(
      () => told.push(name),
      (error: unknown) => told.push(`${name} ${(error as { code: string }).code}`),
    )
  const [a] = [put('a', true), await put('b', false)]
  expect(told).toEqual(['b'])
  // the next commit is made while the disk is waited for
  const c = put('c', true)
  while (waits.length < 2) await new Promise((resolve) => setImmediate(resolve))
  expect(await read((rows) => rows.documents('ann', 'kind', undefined, 10).length)).toBe(3)
  expect(told).toEqual(['b'])
  waits[0]!.resolve()
  await a
  expect(told).toEqual(['b', 'a'])
  waits[1]!.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }))
  await c
  expect(told).toEqual(['b', 'a', 'c store_unavailable'])
  // and no more is written, of which nobody could say whether it lasts
  await put('d', true)
  await put('e', false)
  expect(told.slice(3)).toEqual(['d store_unavailable', 'e store_unavailable'])
  expect(await read((rows) => rows.documents('ann', 'kind', undefined, 10).length)).toBe(3)
  db.close()
})
