import { randomInt } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { sqliteStore } from '@kiln/store-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start, type Child } from './child.ts'
import { accepting, rules } from './processes/build.ts'

// Real processes on one file: what they were answered stays true, whoever dies or stands still.

let directory = ''
let files = 0
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiln-processes-'))
  // leaves compiled code for all the others
  await start('quiet', [newFile()]).ended
})
afterAll(() => rm(directory, { recursive: true }))
const newFile = (): string => join(directory, `${(files += 1)}.db`)

/** Beside the store: what SQLite itself says of the file, and rows that belong together. */
function faults(file: string): readonly unknown[] {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const damaged = db
      .prepare('pragma integrity_check')
      .all()
      .filter((row) => row['integrity_check'] !== 'ok')
    const halfDone = db.prepare(`select b.id from builds b left join runs r on r.id = b.run left join answered a on a.build = b.id
      where r.id is null or a.build is null
      union select id from runs where id not in (select run from builds)
      union select build from answered where build not in (select id from builds)`)
    return [...damaged, ...halfDone.all()]
  } finally {
    db.close()
  }
}

describe('a writer killed with SIGKILL at any moment', () => {
  test('loses nothing it was answered, and leaves nothing half-done', { timeout: 120_000 }, async () => {
    const file = newFile()
    const accepted: string[] = []
    async function killed(name: string): Promise<void> {
      await using child = start('writer', [file, name])
      await child.line('ready')
      await delay(randomInt(0, 120))
      child.signal('SIGKILL')
      await child.ended
      const ids = child.lines.filter((line) => line.startsWith('accepted ')).map((line) => line.slice(9))
      accepted.push(...ids)
      await using store = await sqliteStore({ file })
      for (const id of ids) expect((await store.get('ann', id))?.id).toBe(id)
    }
    // several at a time, so that each kill has neighbours at work
    for (let i = 0; i < 10; i++) await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => killed(`${name}${i}`)))
    expect(faults(file)).toEqual([])
    await using store = await sqliteStore({ file })
    for (const id of accepted) expect(await store.get('ann', id)).toBeDefined()
    expect(accepted.length).toBeGreaterThan(50)
  })

  test('in the middle of a migration leaves a store that opens', { timeout: 60_000 }, async () => {
    for (let i = 0; i < 12; i++) {
      const own = join(directory, `migrations-${i}`)
      await using child = start('opener', [own])
      await child.line('ready')
      await delay(randomInt(5, 60))
      child.signal('SIGKILL')
      await child.ended
      const made = new Map(
        child.lines.filter((line) => line.startsWith('made ')).map((line) => line.split(' ').slice(1) as [string, string]),
      )
      for (const name of (await readdir(own).catch(() => [])).filter((one) => one.endsWith('.db'))) {
        await using store = await sqliteStore({ file: join(own, name) })
        const id = made.get(name.slice(0, -3))
        if (id !== undefined) expect((await store.get('ann', id))?.state).toBe('queued')
        expect((await store.accept('bob', accepting('later'))).record.state).toBe('queued')
      }
    }
  })
})

describe('several processes', () => {
  test('never run the same attempt', { timeout: 60_000 }, async () => {
    const file = newFile()
    await using store = await sqliteStore({ file })
    await using first = start('worker', [file])
    await using second = start('worker', [file])
    await Promise.all([first.line('ready'), second.line('ready')])
    const runs: string[] = []
    for (let i = 0; i < 150; i++) runs.push((await store.accept('ann', accepting(`${i}`))).record.run)
    await expect.poll(() => store.list('ann', { state: 'succeeded', limit: 1000 }).then((all) => all.length), { timeout: 30_000 }).toBe(150)
    for (const child of [first, second]) {
      child.say('stop')
      await child.line('done')
    }
    const took = [first, second].map(({ lines }) => lines.filter((line) => line.startsWith('took ')))
    expect(took.flat().toSorted()).toEqual(runs.map((run) => `took ${run} 1`).toSorted())
    expect(Math.min(...took.map((some) => some.length))).toBeGreaterThan(0)
  })

  test('a worker that stood still for longer than its lease has all its writes refused', { timeout: 60_000 }, async () => {
    const file = newFile()
    const lease = 300
    await using store = await sqliteStore({ file, lease, pollMs: 20 })
    for (let i = 0; i < 5; i++) {
      const { record } = await store.accept('ann', accepting(`${i}`))
      await using child = start('stopped', [file, `${lease}`])
      await child.line('took 1')
      child.signal('SIGSTOP')
      const own = await store.queue.claim('other', { ...rules, signal: AbortSignal.timeout(10_000) })
      expect(own).toMatchObject({ run: record.run, attempt: 2 })
      if (i % 2 === 0) await win(store, own)
      child.signal('SIGCONT')
      child.say('go on')
      expect(await child.line('answers')).toBe('answers ["lost",false,false,false,false,false]')
      if (i % 2 === 1) await win(store, own)
      await child.ended
      expect(await store.get('ann', record.id)).toMatchObject({ state: 'succeeded', attempt: 2, built: { builder: 'winner' } })
      const texts: string[] = []
      for await (const event of store.events('ann', record.id, { after: -1, follow: false }))
        if (event.type === 'log') texts.push(event.text)
      expect(texts).toEqual(['own'])
    }
  })

  test('sixteen handles that write at once never see that the file is busy', { timeout: 120_000 }, async () => {
    const file = newFile()
    const children: readonly Child[] = Array.from({ length: 4 }, (_, i) => start('crowd', [file, `t${i}`, '12']))
    try {
      const results = await Promise.all(children.map((child) => child.line('result')))
      expect(children.flatMap(({ lines }) => lines.filter((line) => line.startsWith('error')))).toEqual([])
      expect(results.map((line) => JSON.parse(line.slice(7)) as unknown)).toEqual(Array.from(children, () => ({ accepted: 48, errors: 0 })))
      for (const child of children) expect((await child.ended).errors).toBe('')
    } finally {
      for (const child of children) await child[Symbol.asyncDispose]()
    }
    expect(faults(file)).toEqual([])
  })
})

async function win(store: Awaited<ReturnType<typeof sqliteStore>>, lease: Awaited<ReturnType<typeof store.queue.claim>>): Promise<void> {
  expect(await store.queue.append(lease, lease.nextSeq, [{ at: 0, event: { step: '1', type: 'log', stream: 'out', text: 'own' } }])).toBe(
    true,
  )
  const digest = `sha256:${'0'.repeat(64)}` as const
  const built = { digest, digestKind: 'index', ref: 'r', bases: {}, builder: 'winner' } as const
  expect(await store.queue.settle(lease, { state: 'succeeded', built })).toBe(true)
}
