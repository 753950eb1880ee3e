// R9 and R10: equal requests at once run once, and a key answers with one build however often and through however many restarts.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { buildBody, builds, headersOf, judge, newLedger, read, send, settled } from './ledger.ts'
import { amount, figure, random } from './numbers.ts'
import { journal, place, scripted } from './served.ts'

test('R9: equal requests at once are builds of one run, and the cancel of one is its own', async () => {
  const rounds = amount(1, 10)
  using at = place()
  await using served = await scripted(at)
  let [made, runs, ended] = [0, 0, 0]
  for (let round = 0; round < rounds; round++) {
    const tenant = `many${'abcdefghij'[round]}`
    const before = journal(at).length
    const body = buildBody('equal', `equal ${round}`, { ms: '3000', lines: '30' })
    const all = Array.from({ length: 200 }, (_, n) => ({ key: `${round} ${n}`.replace(' ', '-'), tenant, body }))
    const ledger = newLedger()
    await Promise.all(all.map((submit) => send(served.url, ledger, submit)))
    const ids = ledger.submits.map(({ id }) => id)
    const gone = await fetch(`${served.url}/kiln/v1/builds/${ids[77]}/cancel`, { method: 'POST', headers: headersOf(tenant) })
    expect(gone.status).toBe(202)
    await settled(served, tenant, 120_000)
    const records = await builds(served.url, tenant)
    made += new Set(ids).size
    runs += journal(at)
      .slice(before)
      .filter(([what]) => what === 'start').length
    ended += records.filter(({ state }) => state === 'succeeded').length
    expect(records.find(({ id }) => id === ids[77])?.state).toBe('cancelled')
    expect(new Set(records.map(({ run }) => run)).size).toBe(1)
    expect(ledger.refused).toEqual(new Map())
  }
  figure(
    `R9: ${rounds} times 200 equal POSTs: ${runs} driver runs, ${made} builds, 1 cancelled each time, ${ended} of ${rounds * 199} others succeeded`,
  )
  expect([made, runs, ended]).toEqual([rounds * 200, rounds, rounds * 199])
})

test('R10: a key has one build, whatever the retries and restarts', async () => {
  const [keys, retries, restarts] = [5, amount(40, 1000), amount(3, 20)]
  const chance = random()
  using at = place()
  const ledger = newLedger()
  const ids = new Map<string, Set<string>>()
  const statuses = new Map<string, number>()
  let sent = 0
  const retry = async (url: string): Promise<void> => {
    const key = `r10-${Math.floor(chance(keys))}`
    const wrong = chance(1) < 0.1
    const body = buildBody(wrong ? 'another' : key, wrong ? 'another' : key, { ms: '50' })
    sent += 1
    try {
      const answer = await fetch(`${url}/kiln/v1/builds`, { method: 'POST', body, headers: headersOf('acme', { 'idempotency-key': key }) })
      const { id, code } = (await answer.json()) as { id?: string; code?: string }
      if (id) ids.set(key, (ids.get(key) ?? new Set()).add(id))
      const told = `${answer.status}${code ? ` ${code}` : ''}${wrong ? ' (another body)' : ''}`
      statuses.set(told, (statuses.get(told) ?? 0) + 1)
    } catch {
      // the server has gone
    }
  }
  for (let life = 0; life <= restarts; life++) {
    await using served = await scripted(at, { lease: 1000 })
    // the first request of each key is the right one
    if (life === 0)
      for (let n = 0; n < keys; n++)
        await send(served.url, ledger, { key: `r10-${n}`, tenant: 'acme', body: buildBody(`r10-${n}`, `r10-${n}`, { ms: '50' }) })
    for (const { key, id } of ledger.submits) ids.set(key, (ids.get(key) ?? new Set()).add(id!))
    const wanted = Math.ceil(((life + 1) * keys * retries) / (restarts + 1))
    const some = async (): Promise<void> => {
      const isWanted = (): boolean => sent < wanted && !served.hasEnded
      while (isWanted()) await retry(served.url)
    }
    const killing = life < restarts ? sleep(200 + chance(800)).then(() => served.kill('SIGKILL')) : undefined
    await Promise.all(Array.from({ length: 20 }, some))
    await killing
    if (killing) await served.ended
  }
  await using last = await scripted(at, { lease: 1000 })
  const told = await judge(at, last, ledger, 'acme')
  const total = (JSON.parse((await read(last.url, '/kiln/v1/builds?limit=1', 'acme')).text) as { total: number }).total
  figure(
    `R10: ${sent} retries of ${keys} keys across ${restarts} kills: ${total} builds, answers ${JSON.stringify(Object.fromEntries(statuses))} (seed ${chance.seed})`,
  )
  expect([...ids.values()].map(({ size }) => size)).toEqual(Array.from({ length: keys }, () => 1))
  expect(total).toBe(keys)
  expect(told).toMatchObject({ lost: 0, open: 0, double: 0, integrity: 'ok' })
  const right = ['201', '409 idempotency_in_flight']
  const other = ['422 idempotency_mismatch (another body)', '409 idempotency_in_flight (another body)']
  expect([...statuses.keys()].filter((what) => ![...right, ...other].includes(what))).toEqual([])
  expect(statuses.get('201')).toBeGreaterThan(0)
  expect(statuses.get(other[0]!)).toBeGreaterThan(0)
})
