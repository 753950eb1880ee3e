// R7: a data directory whose disk is full at any moment, on database, blobs and logs.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { buildBody, headersOf, judge, newLedger, send, type Ledger } from './ledger.ts'
import { amount, figure, random } from './numbers.ts'
import { integrity, leftAfterPrune, place, scripted, type Served } from './served.ts'

// room for all that the rounds keep
const size = amount(24, 160) << 20
const obstacle = noMount()

test.skipIf(obstacle !== undefined)(`R7: a disk that is full${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, async () => {
  const fills = amount(6, 60)
  const chance = random()
  using disk = mounted()
  using at = place(disk.path)
  const ledger = newLedger()
  const uploads = new Map<string, Buffer>()
  const statuses = new Map<string, number>()
  const died: string[] = []
  let recovered = 0
  let served = await scripted(at, { lease: 1000 })
  try {
    for (let fill = 0; fill < fills; fill++) {
      const logging = { key: `r7-log-${fill}`, tenant: 'acme', body: buildBody(`log ${fill}`, `log ${fill}`, logs) }
      await send(served.url, ledger, logging)
      // at times nothing is left, at times enough for the database but not for a blob
      disk.fill(chance(1) < 0.4 ? 0 : Math.floor(chance(1_000_000)))
      for (let n = 0; n < 12; n++) {
        await Promise.all([submit(served, ledger, `r7-${fill}-${n}`), upload(served, uploads, statuses, chance)])
        if (n % 4 === 3) disk.fill(Math.floor(chance(40_000)))
      }
      await sleep(200)
      if (served.hasEnded) died.push(served.log())
      if (fill % 4 === 3) {
        // what was said with a full disk has to be true for the next one as well
        served.kill('SIGKILL')
        await served.ended
        disk.free()
        if (integrity(at) !== 'ok') died.push(integrity(at))
        served = await scripted(at, { lease: 1000 })
      }
      disk.free()
      const after = newLedger()
      for (let tries = 0; tries < 20 && after.submits.every(({ id }) => id === undefined); tries++) {
        await submit(served, after, `r7-after-${fill}-${tries}`)
        await sleep(50)
      }
      if (after.submits.at(-1)?.id !== undefined) recovered += 1
      ledger.submits.push(...after.submits.filter(({ id }) => id !== undefined))
      await served.tell({})
    }
    const missing = await notThere(served, uploads)
    const told = await judge(at, served, ledger, 'acme')
    const left = await leftAfterPrune(at, served)
    for (const [what, count] of ledger.refused) statuses.set(what, (statuses.get(what) ?? 0) + count)
    figure(
      `R7: ${fills} times full: ${told.accepted} builds and ${uploads.size} uploads accepted, ${told.lost + missing} of them not there; answers ${JSON.stringify(Object.fromEntries(statuses))}; ${recovered} of ${fills} recovered by itself; ${told.open} without an end, ends ${JSON.stringify(told.failed)}, ${left.length} temporary files, integrity_check ${told.integrity} (seed ${chance.seed})`,
    )
    expect(died).toEqual([])
    expect(told).toMatchObject({ lost: 0, open: 0, double: 0, integrity: 'ok' })
    expect([missing, recovered, left]).toEqual([0, fills, []])
    expect([...statuses.keys()].filter((what) => !/^(507 disk_full|503 store_unavailable|2\d\d)/.test(what))).toEqual([])
    expect(statuses.get('507 disk_full')).toBeGreaterThan(0)
  } finally {
    await served[Symbol.asyncDispose]()
  }
})

const logs = { ms: '1500', lines: '150', wide: '2000' }

async function submit(served: Served, ledger: Ledger, key: string): Promise<void> {
  await send(served.url, ledger, { key, tenant: 'acme', body: buildBody(key, key.repeat(500), { ms: '20' }) })
}

async function upload(
  served: Served,
  kept: Map<string, Buffer>,
  statuses: Map<string, number>,
  chance: (below: number) => number,
): Promise<void> {
  const body = Buffer.alloc(1000 + Math.floor(chance(200_000)), String(chance(1)))
  const digest = createHash('sha256').update(body).digest('hex')
  const path = `${served.url}/kiln/v1/uploads/sha256:${digest}`
  const headers = { ...headersOf('acme'), 'content-type': 'application/octet-stream' }
  const answer = await fetch(path, { method: 'PUT', body, headers }).catch(() => undefined)
  if (!answer) return
  const { code } = (await answer.json()) as { code?: string }
  const told = `${answer.status}${code ? ` ${code}` : ''}`
  statuses.set(told, (statuses.get(told) ?? 0) + 1)
  if (answer.ok) kept.set(digest, body)
}

/** Uploads that were answered with 2xx and are not there now, whole. */
async function notThere(served: Served, uploads: ReadonlyMap<string, Buffer>): Promise<number> {
  let missing = 0
  for (const [digest, body] of uploads) {
    const answer = await fetch(`${served.url}/kiln/v1/uploads/sha256:${digest}`, { headers: headersOf('acme') })
    const { bytes } = (await answer.json()) as { bytes?: number }
    if (answer.status !== 200 || bytes !== body.length) missing += 1
  }
  return missing
}

interface Disk extends Disposable {
  readonly path: string
  /** writes until only so many bytes are free */
  fill(leaving: number): void
  free(): void
}

function mounted(): Disk {
  const path = mkdtempSync(join(tmpdir(), 'kiln-faults-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  const ballast = join(path, 'ballast')
  const free = (): void => rmSync(ballast, { force: true })
  return {
    path,
    free,
    fill(leaving) {
      free()
      const { bavail, bsize } = statfsSync(path)
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leaving)))
      } catch (error) {
        // the server has taken some of it meanwhile: nothing is left, then
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', path])
      rmSync(path, { recursive: true, force: true })
    },
  }
}

function noMount(): string | undefined {
  return process.getuid?.() === 0 && process.platform === 'linux' ? undefined : 'a disk of its own can be mounted by root on Linux only'
}
