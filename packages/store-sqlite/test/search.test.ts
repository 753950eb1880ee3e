import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { memoryStore, type ListQuery, type RowQuery, type Store } from '@kiln/core'
import { sqliteStore } from '@kiln/store-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  cluesOf,
  countQuery,
  pageQuery,
  segmentsOf,
  type Behind,
  type Clue,
  type Driver,
  type Reading,
  type Segment,
} from '../src/list-query.ts'
import { accepting } from './processes/build.ts'

let directory = ''
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'kiln-search-'))))
afterAll(() => rm(directory, { recursive: true }))

/** The same numbers every time. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const builds = 700

/** Names that are common, rare and in between; the newest fifth of the Builds are still queued. */
async function fill(store: Store): Promise<readonly string[]> {
  const random = numbers(7)
  const made = Array.from({ length: builds }, (_, i) => {
    const team = random(3) > 0 ? { team: ['x', 'y', `rare ${random(200)}`][random(3)]! } : {}
    return {
      ...accepting(`key ${i}`),
      name: ['common', 'common', 'other', `n${random(50)}`][random(4)]!,
      attributes: { region: 'one', ...team },
    }
  })
  const ids: string[] = []
  for (const one of made) ids.push((await store.accept('ann', one)).record.id)
  await Promise.all(ids.slice(0, (builds * 4) / 5).map((id) => store.cancel('ann', id)))
  return ids
}

const query = (random: (below: number) => number): ListQuery & { readonly cursors: readonly (number | undefined)[] } => {
  const pick = <T>(...of: readonly T[]): T => of[random(of.length)]!
  return {
    sort: pick<NonNullable<ListQuery['sort']>>(
      'accepted',
      'accepted',
      'name',
      'state',
      { attribute: 'team' },
      { attribute: 'region' },
      { attribute: 'none' },
    ),
    order: pick<'asc' | 'desc'>('asc', 'desc'),
    limit: pick(1, 7, 100, 10_000),
    offset: pick(0, 0, 3, 650),
    ...pick({}, {}, { name: 'common' }, { name: 'n7' }),
    ...pick({}, {}, { state: 'cancelled' as const }, { state: 'queued' as const }, { state: 'failed' as const }),
    ...pick(
      {},
      {},
      { where: { region: 'one' } },
      { where: { team: 'x' } },
      { where: { region: 'one', team: 'rare 3' } },
      { where: { team: 'y', none: '1' } },
    ),
    cursors: pick<readonly (number | undefined)[]>([], [], [random(builds)], [undefined, random(builds)], [random(builds), random(builds)]),
  }
}

test('lists and counts as the reference does, whatever is asked for', async () => {
  await using reference = memoryStore()
  await using store = await sqliteStore({ file: join(directory, 'differential.db') })
  const [theirs, ours] = [await fill(reference), await fill(store)]
  const place = (ids: readonly string[]): Map<string, number> => new Map(ids.map((id, i) => [id, i]))
  const [theirPlace, ourPlace] = [place(theirs), place(ours)]
  const random = numbers(11)
  let found = 0
  for (let i = 0; i < 300; i++) {
    const { cursors, ...asked } = query(random)
    const of = (ids: readonly string[]): ListQuery => ({
      ...asked,
      ...(cursors[0] !== undefined && { after: ids[cursors[0]]! }),
      ...(cursors[1] !== undefined && { before: ids[cursors[1]]! }),
    })
    const [expected, actual] = [await reference.list('ann', of(theirs)), await store.list('ann', of(ours))]
    const what = JSON.stringify({ ...asked, cursors })
    expect(
      actual.map(({ id }) => ourPlace.get(id)),
      what,
    ).toEqual(expected.map(({ id }) => theirPlace.get(id)))
    expect(await store.count('ann', asked), what).toBe(await reference.count('ann', asked))
    found += actual.length
  }
  expect(found).toBeGreaterThan(5_000)
})

/** What SQLite does for a text, one line for each step. */
function explain(db: DatabaseSync, { text, values }: ReturnType<typeof countQuery>): readonly string[] {
  const steps = db.prepare(`explain query plan ${text}`).all(...values) as unknown as readonly { readonly detail: string }[]
  return steps.map(({ detail }) => detail)
}

test('every search goes by an index, and sorts only what few have', async () => {
  const file = join(directory, 'plans.db')
  await (await sqliteStore({ file }))[Symbol.asyncDispose]()
  using db = new DatabaseSync(file)
  const filters = [
    {},
    { name: 'a' },
    { state: 'queued' as const },
    { where: { a: '1' } },
    { where: { a: '1', b: '2' }, name: 'a', state: 'failed' as const },
  ]
  const sorts: readonly RowQuery['sort'][] = ['accepted', 'name', 'state', { attribute: 'team' }]
  for (const filter of filters)
    for (const segment of sorts.flatMap((sort) => segmentsOf(sort)))
      for (const driver of driversOf(cluesOf(filter), segment))
        for (const reading of readingsOf(segment)) {
          const sql = pageQuery('ann', driver, cluesOf(filter), segment, reading)
          const steps = explain(db, sql)
          const what = `${sql.text}\n${steps.join('\n')}`
          expect(
            steps.filter((step) => /^SCAN (?!CONSTANT|s VIRTUAL)/.test(step)),
            what,
          ).toEqual([])
          const sorted = steps.some((step) => step.includes('TEMP B-TREE'))
          // a clue that few have may be sorted; what all have is in order
          if (driver.kind === 'all' || segment.by === 'accepted' || segment.by === 'without') expect(sorted, what).toBe(false)
        }
})

const cursor = { order: 5, value: 'x' }
const reading = { rising: true, limit: 10, offset: 0 }
function readingsOf(segment: Segment): readonly Reading[] {
  const parts: readonly Behind[] = [
    { part: 'equal', order: 5, value: 'x' },
    { part: 'rest', value: 'x' },
  ]
  const behind: readonly Behind[] = segment.by === 'accepted' || segment.by === 'without' ? [{ order: 5 }] : parts
  return [
    reading,
    { ...reading, upTo: cursor },
    ...behind.flatMap((at) => [
      { ...reading, rising: false, behind: at },
      { ...reading, behind: at, upTo: cursor },
    ]),
  ]
}

function driversOf(clues: readonly Clue[], segment: Segment): readonly Driver[] {
  return [...clues, ...(clues.length === 0 || segment.by !== 'accepted' ? [{ kind: 'all', segment } as const] : [])]
}

test('counts go by an index alone', async () => {
  const file = join(directory, 'counts.db')
  await (await sqliteStore({ file }))[Symbol.asyncDispose]()
  using db = new DatabaseSync(file)
  for (const filter of [{ name: 'a' }, { state: 'queued' as const }, { where: { a: '1' } }]) {
    const clues = cluesOf(filter)
    expect(explain(db, countQuery('ann', clues[0]!, clues)).join(), JSON.stringify(filter)).toMatch(
      /^SEARCH \w USING (COVERING INDEX|PRIMARY KEY) [^,]*$/,
    )
  }
})

test('a count that is remembered is made anew after every change of a Build, also one of another process', async () => {
  const file = join(directory, 'remembered.db')
  await using store = await sqliteStore({ file })
  await using other = await sqliteStore({ file })
  const counts = async (): Promise<unknown> => [
    await store.count('ann', {}),
    await store.count('ann', { state: 'cancelled' }),
    await store.count('ann', { where: { team: 'x' } }),
  ]
  expect([await counts(), await counts()]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ])
  const { record } = await store.accept('ann', { ...accepting('a'), attributes: { team: 'x' } })
  expect(await counts()).toEqual([1, 0, 1])
  await other.accept('ann', { ...accepting('b'), attributes: { team: 'x' } })
  expect(await counts()).toEqual([2, 0, 2])
  await other.cancel('ann', record.id)
  expect(await counts()).toEqual([2, 1, 2])
  await store.remove('ann', record.id)
  expect(await counts()).toEqual([1, 0, 1])
})

test('a final Build that is remembered is gone when another process has removed it', async () => {
  const file = join(directory, 'gone.db')
  await using store = await sqliteStore({ file })
  await using other = await sqliteStore({ file })
  const { record } = await store.accept('ann', accepting('a'))
  await other.cancel('ann', record.id)
  const before = await store.get('ann', record.id)
  expect(before).toMatchObject({ state: 'cancelled' })
  expect(await store.get('ann', record.id)).toEqual(before)
  expect(await store.get('bob', record.id)).toBeUndefined()
  await other.remove('ann', record.id)
  expect([await store.get('ann', record.id), await store.list('ann', { limit: 5 })]).toEqual([undefined, []])
})
