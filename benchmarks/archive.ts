import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomFillSync } from 'node:crypto'
import { archive } from '@kiln/core'
import { openKiln, type Engine } from '@kiln/kiln'
import { fakeDriver } from '@kiln/testkit/driver'
import { median, table } from './measure.ts'

const limit = { ms: 5000, mib: 64 }
const rounds = 5

/**
 * A 500 MB archive, from its first byte to the durable Build: time, and the peak of memory beside what the process had with
 * an open engine. Cold is a fresh process for each round, with modules and threads counted; warm took a small archive first.
 */
export default async function main(): Promise<boolean> {
  if (!existsSync(join(import.meta.dirname, '../packages/core/dist/index.js'))) throw new Error('build first: npm run setup')
  const scratch = mkdtempSync(join(tmpdir(), 'kiln-bench-archive-'))
  try {
    const rows = made(scratch).flatMap(([name, file]) => (['cold', 'warm'] as const).map((start) => row(scratch, name, file, start)))
    const head = ['archive', 'process', 'size', 'median to durable', 'limit', 'most extra RSS', 'limit', 'met']
    console.log(
      table(
        head,
        rows.map(({ cells }) => cells),
      ),
    )
    return rows.every(({ met }) => met)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

type Start = 'cold' | 'warm'

function row(scratch: string, name: string, file: string, start: Start): { readonly cells: string[]; readonly met: boolean } {
  const samples = Array.from({ length: rounds }, (_, round) => inProcess(file, join(scratch, `${name}-${start}-${round}`), start))
  const [ms, mib] = [median(samples.map((one) => one.ms)), Math.max(...samples.map((one) => one.mib))]
  const met = ms <= limit.ms && mib <= limit.mib
  const size = `${(statSync(file).size / 1e6).toFixed(0)} MB`
  const cells = [
    name,
    start,
    size,
    `${ms.toFixed(0)} ms`,
    `${limit.ms} ms`,
    `${mib.toFixed(0)} MiB`,
    `${limit.mib} MiB`,
    met ? 'yes' : 'NO',
  ]
  return { cells, met }
}

function inProcess(file: string, dataDir: string, start: Start): Sample {
  const script = fileURLToPath(import.meta.url)
  // the built packages, as users have them: from source Node would strip types on the clock, and keep both texts
  const printed = execFileSync(process.execPath, [script, file, dataDir, start], { encoding: 'utf8' })
  return JSON.parse(printed) as Sample
}

interface Sample {
  readonly ms: number
  readonly mib: number
}

async function accepted(file: string, dataDir: string, start: Start): Promise<Sample> {
  await using engine = await openKiln({ dataDir, drivers: [fakeDriver()], worker: false })
  if (start === 'warm') await take(engine, join(file, '../small.tar'))
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 10)
  const began = performance.now()
  await take(engine, file)
  const ms = performance.now() - began
  clearInterval(watch)
  rmSync(dataDir, { recursive: true, force: true })
  return { ms, mib: (most - before) / 2 ** 20 }
}

async function take(engine: Engine, file: string): Promise<void> {
  await using source = await archive(createReadStream(file), { limits: { packed: 600 * 2 ** 20 } })
  await engine.for('bench').build({ name: 'big', source })
}

/** Bytes no compression helps with: the longest way through gunzip, hash and disk. */
function made(scratch: string): readonly (readonly [string, string])[] {
  const chunk = Buffer.alloc(10_000_000)
  for (const [name, files] of [
    ['big', 50],
    ['small', 3],
  ] as const) {
    mkdirSync(join(scratch, name))
    writeFileSync(join(scratch, name, 'agent.py'), `print("${name}")\n`)
    for (let n = 0; n < files; n++) writeFileSync(join(scratch, name, `f${n}.bin`), randomFillSync(chunk))
    execFileSync('tar', ['-C', join(scratch, name), '-cf', join(scratch, `${name}.tar`), '.'])
    rmSync(join(scratch, name), { recursive: true })
  }
  execFileSync('gzip', ['-1', '-k', join(scratch, 'big.tar')])
  return [
    ['tar', join(scratch, 'big.tar')],
    ['tar.gz', join(scratch, 'big.tar.gz')],
  ]
}

// the process of one round
const [, script, file, dataDir, start] = process.argv
if (script === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await accepted(file!, dataDir!, start as Start)))
