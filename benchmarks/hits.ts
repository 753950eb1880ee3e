import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { files, type Kiln, type Source } from '@kiln/core'
import { openKiln } from '@kiln/kiln'
import { fakeDriver } from '@kiln/testkit/driver'
import { table } from './measure.ts'

const builds = 10_000
/** as a server sets the engine up */
const server = { reuseCheckMs: 1000, queue: { perTenant: 1000, total: 10_000 } }
const attributes = { api: 'runagents', 'runagents.namespace': 'default' }

/** What a server does again and again on SQLite: hits by fingerprint, and reads at a hundred and ten thousand Builds. */
export default async function main(): Promise<boolean> {
  const scratch = mkdtempSync(join(process.env['SCRATCH'] ?? tmpdir(), 'kiln-bench-'))
  const { images: _, ...driver } = fakeDriver()
  const engine = await openKiln({ dataDir: scratch, drivers: [driver], ...server })
  try {
    const kiln = engine.for('bench')
    const rows: Row[] = []
    await hits(kiln, 100)
    const at100 = await reads(kiln)
    for (let i = 0; i < 3; i++) rows.push({ what: `hit, 50 at once, round ${i + 1}`, ...(await hits(kiln, builds / 3)) })
    const at10000 = await reads(kiln)
    const later = new Map(at10000.map((row) => [row.what, row]))
    const cells = rows.map(({ what, cpu, wall }) => [what, us(cpu), us(wall), ''])
    const compared = at100.flatMap((row) => {
      const after = later.get(row.what)!
      return [[row.what, us(row.cpu), us(after.cpu), (after.cpu / row.cpu).toFixed(1)]]
    })
    console.log(table(['what', 'cpu', 'wall', ''], cells))
    console.log(table(['what, cpu', 'at 100', `at ${builds}`, 'factor'], compared))
    return true
  } finally {
    await engine[Symbol.asyncDispose]()
    rmSync(scratch, { recursive: true, force: true })
  }
}

interface Row {
  readonly what: string
  /** us each, of all threads */
  readonly cpu: number
  readonly wall: number
}

async function hits(kiln: Kiln, count: number): Promise<Omit<Row, 'what'>> {
  const source = async (): Promise<Source> => files({ 'main.py': 'print(1)', 'requirements.txt': 'flask\n' })
  const request = { name: 'agent', source, fingerprint: 'one', attributes }
  await (await kiln.build(request)).result()
  return await each(count, 50, async () => {
    const { reuse } = await kiln.build(request)
    if (reuse !== 'hit') throw new Error(`not a hit but ${reuse}`)
  })
}

async function reads(kiln: Kiln): Promise<readonly Row[]> {
  const ids = (await kiln.list({ limit: 10_000 })).map(({ id }) => id)
  const where = { api: 'runagents' }
  const rows: Row[] = []
  const add = async (what: string, count: number, width: number, work: () => Promise<unknown>): Promise<void> => {
    await each(count, width, work)
    rows.push({ what, ...(await each(count, width, work)) })
  }
  let next = 0
  await add('get, one Build', 10_000, 50, () => kiln.get(ids[0]!))
  await add('get, all Builds in turn', 10_000, 50, () => kiln.get(ids[(next += 7919) % ids.length]!))
  await add('list 100', 200, 1, () => kiln.list({ limit: 100 }))
  await add('list 100 by name, from the middle', 200, 1, () => kiln.list({ limit: 100, sort: 'name', after: ids[ids.length >> 1]! }))
  await add('list 100 by attribute', 200, 1, () => kiln.list({ limit: 100, sort: { attribute: 'api' } }))
  await add('list 20 where', 200, 1, () => kiln.list({ limit: 20, where }))
  await add('list 20 where, and state', 200, 1, () => kiln.list({ limit: 20, where, state: 'succeeded' }))
  await add('count', 100, 1, () => kiln.count())
  await add('count where', 100, 1, () => kiln.count({ where }))
  await add('count where, and state', 100, 1, () => kiln.count({ where, state: 'succeeded' }))
  return rows
}

async function each(count: number, width: number, work: () => Promise<unknown>): Promise<Omit<Row, 'what'>> {
  let left = count
  const [cpu, start] = [process.cpuUsage(), performance.now()]
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work()
  }
  await Promise.all(Array.from({ length: width }, worker))
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / count, wall: ((performance.now() - start) * 1000) / count }
}

function us(value: number): string {
  return `${value.toFixed(1)} us`
}
