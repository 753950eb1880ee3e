// R3 and R4: a worker that dies, and one that sleeps for longer than its lease.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BuildRecord } from '@kiln/core'
import { expect, test } from 'vitest'
import { buildBody, newLedger, read, send, type Submit } from './ledger.ts'
import { amount, figure, quantile, random } from './numbers.ts'
import { integrity, journal, place, scripted, until, type Place, type Served } from './served.ts'

const lease = 1000

test('R3: a worker killed in the middle of a build is replaced, and at the third loss the build fails', async () => {
  const count = amount(6, 60)
  using at = place()
  const ledger = newLedger()
  const waits: number[] = []
  let killed = 0
  for (let n = 0; n < count; n++) ledger.submits.push(submitOf(`r3-${n}`, { ms: '60000', lines: '600' }))
  for (let loss = 1; loss <= 3; loss++) {
    await using served = await scripted(at, { lease, concurrency: 100, perTenant: 100 })
    if (loss === 1) await Promise.all(ledger.submits.map((submit) => send(served.url, newLedger(), submit)))
    for (let n = 1; n <= count; n++) {
      await until(`attempt ${loss} of ${n} builds`, 120_000, () => startsOf(at, loss) >= n, 20)
      // those of the first attempt were not lost by anybody
      if (loss > 1) waits.push(performance.now() - killed)
    }
    served.kill('SIGKILL')
    killed = performance.now()
    await served.ended
    expect(integrity(at)).toBe('ok')
  }
  await using served = await scripted(at, { lease, concurrency: 100, perTenant: 100 })
  const ends: BuildRecord[] = []
  for (const { id } of ledger.submits) {
    await until('an end', 120_000, async () => (await recordOf(served, id!)).endedAt !== undefined)
    ends.push(await recordOf(served, id!))
  }
  const lost = ends.filter(({ state, error, attempt }) => state === 'failed' && error?.code === 'worker_lost' && attempt === 3)
  figure(
    `R3: ${count * 3} attempts lost by kill -9, begun again p99 ${quantile(waits, 0.99)} ms after the kill (lease ${lease} ms), ${lost.length} of ${count} failed with worker_lost after 3`,
  )
  expect(lost).toHaveLength(count)
  expect(quantile(waits, 0.99)).toBeLessThan(lease + 15_000)
})

test('R4: a worker that slept for two leases has everything refused', async () => {
  const count = amount(3, 12)
  const chance = random()
  using at = place()
  const foreign = { lines: 0, digests: 0, changed: 0 }
  for (let round = 0; round < count; round++) {
    await using sleeper = await scripted(at, { lease: 1500 })
    const submit = submitOf(`r4-${round}`, { ms: '3000', lines: '60' })
    await send(sleeper.url, newLedger(), submit)
    await until('the build begins', 60_000, () => starts(at).some(([, , pid]) => Number(pid) === sleeper.pid), 10)
    await sleep(100 + chance(2000))
    await stopBetweenWrites(at, sleeper)
    await using other = await scripted(at, { lease: 1500 })
    await sleep(3000)
    await until('another ends it', 120_000, async () => (await recordOf(other, submit.id!)).state === 'succeeded')
    const before = await eventsOf(other, submit.id!)
    sleeper.kill('SIGCONT')
    await sleep(1500)
    const after = await eventsOf(other, submit.id!)
    const record = await recordOf(other, submit.id!)
    if (after !== before) foreign.changed += 1
    foreign.lines += linesOf(after).filter(({ attempt, text }) => attempt === 2 && !text.startsWith(`${other.pid} 2 `)).length
    const published = journal(at).findLast(([what, , name]) => what === 'publish' && name === record.image)
    if (record.attempt !== 2 || record.built?.builder !== `pid ${other.pid}` || published?.[3] !== record.built.digest) foreign.digests += 1
  }
  figure(
    `R4: ${count} workers asleep for two leases, ${foreign.changed} logs changed after they woke, ${foreign.lines} foreign lines, ${foreign.digests} tags that are not the winner's (seed ${chance.seed})`,
  )
  expect(foreign).toEqual({ lines: 0, digests: 0, changed: 0 })
  expect(integrity(at)).toBe('ok')
})

function submitOf(key: string, labels: Record<string, string>): Submit {
  return { key, tenant: 'acme', body: buildBody(key, key, labels) }
}

function starts(at: Place): readonly (readonly string[])[] {
  return journal(at).filter(([what]) => what === 'start')
}

function startsOf(at: Place, attempt: number): number {
  return starts(at).filter(([, name]) => name!.endsWith(`-${attempt}`)).length
}

async function recordOf(served: Served, id: string): Promise<BuildRecord> {
  return JSON.parse((await read(served.url, `/kiln/v1/builds/${id}`, 'acme')).text) as BuildRecord
}

async function eventsOf(served: Served, id: string): Promise<string> {
  return (await read(served.url, `/kiln/v1/builds/${id}/events`, 'acme')).text
}

interface Line {
  readonly type: string
  readonly attempt: number
  readonly text: string
}

function linesOf(events: string): readonly Line[] {
  return [...events.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Line).filter(({ type }) => type === 'log')
}

/** Who is stopped inside a transaction holds the file, and nobody else can go on: that is SQLite's, and not what is asked here. */
async function stopBetweenWrites(at: Place, one: { kill(signal: NodeJS.Signals): void }): Promise<void> {
  for (;;) {
    one.kill('SIGSTOP')
    const file = new DatabaseSync(join(at.data, 'kiln.db'), { timeout: 0 })
    try {
      file.exec('begin immediate; rollback')
      return
    } catch {
      one.kill('SIGCONT')
      await sleep(20)
    } finally {
      file.close()
    }
  }
}
