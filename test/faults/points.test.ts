// R2: a server that is killed at each of its named points, by itself and deterministically, loses nothing it has answered for.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { buildBody, headersOf, judge, newLedger, read, send, type Ledger, type Submit } from './ledger.ts'
import { amount, figure } from './numbers.ts'
import { ageBlobs, integrity, leftAfterPrune, openFiles, place, scripted, type Served } from './served.ts'

/** What the work below comes to; the number: how often it is passed before it kills. */
const points: readonly (readonly [string, number])[] = [
  ['body: half received', 3],
  ['file: opened', 2],
  ['file: partly written', 4],
  ['file: not synced', 3],
  ['file: synced', 3],
  ['file: renamed', 3],
  ['directory: synced', 3],
  ['blobs: put ended', 4],
  ['store: accept begins', 2],
  ['rows: runs', 1],
  ['rows: builds', 1],
  ['rows: answered', 1],
  ['rows: before commit', 20],
  ['rows: after commit', 20],
  ['store: accept ended', 2],
  ['answered', 2],
  ['queue: claim ended', 2],
  ['driver: started', 2],
  ['driver: context read', 2],
  ['queue: append begins', 2],
  ['queue: append ended', 2],
  ['queue: renew ended', 1],
  ['driver: image made', 2],
  ['queue: commit begins', 1],
  ['queue: commit ended', 1],
  ['tag: not moved', 1],
  ['tag: moved', 1],
  ['queue: settle begins', 1],
  ['queue: settle ended', 1],
  ['store: cancel ended', 0],
  ['driver: stopping', 0],
  ['store: write ended', 0],
  ['queue: release begins', 0],
  ['queue: release ended', 0],
  ['store: prune ended', 0],
  ['file: removed', 0],
]

test(`R2: killed at each of ${points.length} named points`, async () => {
  const rounds = amount(1, 8)
  const missed: string[] = []
  const total = { kills: 0, accepted: 0, lost: 0, open: 0, double: 0 }
  // two chains of servers, each on its own directory: a server judges what the one before it has left, then is killed
  const chains = [0, 1].map(async (chain) => {
    using at = place()
    const ledger = newLedger()
    const mine = Array.from({ length: rounds }, () => points.filter((_, i) => i % 2 === chain)).flat()
    for (const [round, [point, passes]] of mine.entries()) {
      await using served = await scripted(at, { lease: 400 })
      await served.tell({ point, passes })
      ageBlobs(at, 'acme')
      await everything(served, ledger, `r2-${chain}-${round}`)
      const ended = await Promise.race([served.ended, sleep(6000)])
      if (ended === 'SIGKILL') total.kills += 1
      else missed.push(point)
      served.kill('SIGKILL')
      await served.ended
      expect(integrity(at), `after ${point}`).toBe('ok')
    }
    await using last = await scripted(at, { lease: 400 })
    const told = await judge(at, last, ledger, 'acme')
    for (const name of ['accepted', 'lost', 'open', 'double'] as const) total[name] += told[name]
    expect(told).toMatchObject({ lost: 0, open: 0, double: 0, integrity: 'ok' })
    expect(Object.keys(told.failed).filter((code) => !['worker_lost', 'cancelled', 'driver_lost'].includes(code))).toEqual([])
    expect(await leftAfterPrune(at, last)).toEqual([])
    expect(openFiles(last.pid)).toBeLessThan(100)
  })
  for (const chain of await Promise.allSettled(chains)) if (chain.status === 'rejected') throw chain.reason
  const covered = points.length - new Set(missed).size
  figure(
    `R2: ${covered} of ${points.length} points, ${total.kills} kills, ${total.accepted} accepted, ${total.lost} lost, ${total.open} without an end, ${total.double} double, integrity_check ok each time`,
  )
  expect(missed).toEqual([])
})

/** A bit of all that a server does, until it has gone: uploads, builds that are new, joined, cancelled, lost and handed back, prunes. */
async function everything(served: Served, ledger: Ledger, prefix: string): Promise<void> {
  const submit = (name: string, labels: Record<string, string>, source = `${prefix} ${name}`): Promise<void> => {
    const key = `${prefix}-${name}`
    return send(served.url, ledger, { key, tenant: 'acme', body: buildBody(key, source, labels) })
  }
  const one = (name: string): Promise<void> => submit(name, { ms: '60' })
  await Promise.all([
    upload(served, prefix),
    one('a'),
    one('b'),
    submit('lost', { ms: '20', lose: '1' }),
    cancelled(served, ledger, prefix),
  ])
  await Promise.all([one('c'), one('d'), submit('again', { ms: '60' }, `${prefix} a`), presigned(served)])
  await Promise.race([served.tell({}), sleep(2000)])
  await Promise.all([one('e'), one('f'), submit('long', { ms: '600', lines: '30' })])
  if (!served.hasEnded) await read(served.url, '/kiln/v1/builds', 'acme').catch(() => undefined)
}

async function upload(served: Served, text: string): Promise<void> {
  const body = Buffer.alloc(300_000, text)
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', body)).toString('hex')
  const headers = { authorization: 'Bearer acme', 'content-type': 'application/octet-stream' }
  await fetch(`${served.url}/kiln/v1/uploads/sha256:${digest}`, { method: 'PUT', body, headers }).catch(() => undefined)
}

async function presigned(served: Served): Promise<void> {
  await fetch(`${served.url}/v1/builds/upload-url`, { method: 'POST', headers: headersOf('acme'), body: '{}' }).catch(() => undefined)
}

async function cancelled(served: Served, ledger: Ledger, prefix: string): Promise<void> {
  const submit: Submit = {
    key: `${prefix}-cancel`,
    tenant: 'acme',
    body: buildBody(`${prefix}-cancel`, `${prefix} cancel`, { ms: '2000', lines: '50' }),
  }
  await send(served.url, ledger, submit)
  const path = `/kiln/v1/builds/${submit.id}`
  await building(served, path)
  await fetch(`${served.url}${path}/cancel`, { method: 'POST', headers: headersOf('acme') }).catch(() => undefined)
}

/** Until a worker has it, or the server has gone: a cancel of what still waits comes to no driver. */
async function building(served: Served, path: string): Promise<void> {
  for (let tries = 0; tries < 60 && !served.hasEnded; tries++) {
    const answer = await read(served.url, path, 'acme').catch(() => undefined)
    if (answer?.text.includes('"state":"building"') === true) return await sleep(50)
    await sleep(50)
  }
}
