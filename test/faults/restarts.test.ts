// R13: two servers on one data directory, restarted in turn by SIGTERM while clients submit and read.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { buildBody, judge, newLedger, read, send, type Judged, type Submit } from './ledger.ts'
import { amount, figure, quantile, random } from './numbers.ts'
import { place, scripted, type Served } from './served.ts'

const graceMs = 1500

test('R13: rolling restarts under load fail no build', async () => {
  const restarts = amount(4, 20)
  const chance = random()
  using at = place()
  const ledger = newLedger()
  const seen = {
    unready: [] as number[],
    exits: [] as number[],
    codes: new Set<number | string>(),
    reads: 0,
    badReads: 0,
    untilMs: [] as number[],
  }
  const start = (): Promise<Served> => scripted(at, { graceMs, lease: 4000, concurrency: 4, perTenant: 4 })
  const running = [await start(), await start()]
  const stop = new AbortController()
  let next = 0
  const load = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const key = `r13-${(next += 1)}`
      // a few are longer than the grace time: handed back
      const ms = chance(1) < 0.02 ? '4000' : String(Math.floor(chance(100)))
      await trySubmit(running, ledger, { key, tenant: 'acme', body: buildBody(key, key, { ms, lines: '20' }) })
      await sleep(chance(600))
    }
  }
  await trySubmit(running, ledger, { key: 'first', tenant: 'acme', body: buildBody('first', 'first') })
  const clients = Array.from({ length: 10 }, load)
  let told: Judged
  try {
    for (let turn = 0; turn < restarts; turn++) {
      await sleep(300 + chance(700))
      const old = running[turn % 2]!
      const asked = performance.now()
      old.kill('SIGTERM')
      const [unready] = await Promise.all([untilUnready(old, asked), readsOf(old, ledger, seen), old.ended])
      seen.unready.push(unready)
      seen.exits.push(performance.now() - asked)
      seen.codes.add(await old.ended)
      running[turn % 2] = await start()
    }
    stop.abort()
    await Promise.all(clients)
    told = await judge(at, running[0]!, ledger, 'acme')
  } finally {
    stop.abort()
    for (const one of running) await one[Symbol.asyncDispose]()
    await Promise.all(clients)
  }
  const failed = Object.values(told.failed).reduce((sum, count) => sum + count, 0)
  figure(
    `R13: ${restarts} rolling restarts, ${told.accepted} accepted, ${told.lost} lost, ${failed} failed builds, ${told.double} double; readiness 503 within ${quantile(seen.unready, 1)} ms, exit ${[...seen.codes].join(', ')} within ${quantile(seen.exits, 1)} ms (grace ${graceMs} ms), ${seen.reads} reads while draining, ${seen.badReads} not 200, the last ${quantile(seen.untilMs, 1)} ms before the end at most (seed ${chance.seed})`,
  )
  expect({ failed: told.failed, lost: told.lost, open: told.open, double: told.double }).toEqual({
    failed: {},
    lost: 0,
    open: 0,
    double: 0,
  })
  expect([...seen.codes]).toEqual([0])
  expect(seen.badReads).toBe(0)
  expect(seen.reads).toBeGreaterThan(restarts)
  expect(quantile(seen.unready, 1)).toBeLessThan(1000)
  expect(quantile(seen.exits, 1)).toBeLessThan(graceMs + 5000)
  expect([...ledger.refused.keys()].filter((what) => !['503 draining', '409 idempotency_in_flight'].includes(what))).toEqual([])
})

/** As a load balancer: the other one when this one refuses or has gone. */
async function trySubmit(running: readonly Served[], ledger: ReturnType<typeof newLedger>, submit: Submit): Promise<void> {
  for (let tries = 0; tries < 50 && submit.id === undefined; tries++) {
    await send(running[tries % 2]!.url, ledger, submit)
    if (submit.id === undefined) await sleep(100)
  }
}

async function untilUnready(served: Served, asked: number): Promise<number> {
  for (;;) {
    const status = await read(served.url, '/readyz', 'acme').then(
      (answer) => answer.status,
      () => 0,
    )
    if (status !== 200) return performance.now() - asked
    await sleep(5)
  }
}

interface Reads {
  reads: number
  badReads: number
  untilMs: number[]
}

/** Reads records until the socket is closed. */
async function readsOf(served: Served, ledger: ReturnType<typeof newLedger>, seen: Reads): Promise<void> {
  const { id } = ledger.submits.find((submit) => submit.id !== undefined) ?? {}
  let last = performance.now()
  while (!served.hasEnded) {
    const status = await read(served.url, `/kiln/v1/builds/${id}`, 'acme').then(
      (answer) => answer.status,
      () => 0,
    )
    // 0: the socket is closed, or was at this moment
    if (status === 0) break
    seen.reads += 1
    if (status !== 200) seen.badReads += 1
    last = performance.now()
    await sleep(5)
  }
  await served.ended
  seen.untilMs.push(performance.now() - last)
}
