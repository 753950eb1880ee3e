// R1: a server that is killed at any moment while clients submit loses nothing it has answered for.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { buildBody, client, judge, newLedger, type Submit } from './ledger.ts'
import { amount, figure, random } from './numbers.ts'
import { integrity, leftAfterPrune, openFiles, place, scripted } from './served.ts'

const submitter = (prefix: string, chance: () => number): (() => Submit) => {
  let count = 0
  return () => {
    const key = `${prefix}-${(count += 1)}`
    // a third are of a few sources: joined or answered by an earlier run
    const source = chance() < 1 / 3 ? `shared ${Math.floor(chance() * 20)}` : key
    return { key, tenant: 'acme', body: buildBody(key, source, { ms: '40' }) }
  }
}

test('R1: killed at random while 50 clients submit', async () => {
  const kills = amount(20, 200)
  const chance = random()
  using at = place()
  const ledger = newLedger()
  const next = submitter('r1', () => chance(1))
  const damaged: string[] = []
  for (let kill = 0; kill < kills; kill++) {
    await using served = await scripted(at, { lease: 1000 })
    const clients = Array.from({ length: 50 }, () => client(served, ledger, next, () => chance(1000)))
    await sleep(chance(3000))
    served.kill('SIGKILL')
    expect(await served.ended).toBe('SIGKILL')
    await Promise.all(clients)
    if (integrity(at) !== 'ok') damaged.push(integrity(at))
  }
  await using last = await scripted(at, { lease: 1000 })
  const told = await judge(at, last, ledger, 'acme')
  const temporary = await leftAfterPrune(at, last)
  const open = openFiles(last.pid)
  const failures = JSON.stringify(told.failed)
  figure(
    `R1: ${kills} kills, ${told.accepted} accepted, ${told.lost} lost, ${told.open} without an end, ${told.double} double, integrity_check ${damaged.length === 0 ? 'ok' : damaged[0]} each time, ${temporary.length} temporary files left, ${open} open files; failed ${failures} (seed ${chance.seed})`,
  )
  expect({ ...told, failed: {}, damaged, temporary }).toEqual({
    accepted: told.accepted,
    lost: 0,
    open: 0,
    double: 0,
    integrity: 'ok',
    failed: {},
    damaged: [],
    temporary: [],
  })
  expect(Object.keys(told.failed).filter((code) => code !== 'worker_lost')).toEqual([])
  expect(open).toBeLessThan(150)
  expect(told.accepted).toBeGreaterThan(kills * 5)
  expect([...ledger.refused.keys()].filter((what) => !/^409 idempotency_in_flight/.test(what))).toEqual([])
})
