import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { median } from '../measure.ts'
import type { Settings } from '../server.ts'
import { start } from './child.ts'
import type { OurFacts } from './ours.ts'

/** ms, at most */
const target = 1000
const root = fileURLToPath(new URL('../../', import.meta.url))

/** `kiln serve` on the many builds, from its first instruction to its start line (the driver was asked then) and to the first answer. */
export async function startUp({ scratch, rounds, builds }: Settings): Promise<readonly string[]> {
  const data = join(scratch, 'many')
  if (!existsSync(data)) {
    await using server = await start<OurFacts>('ours', [data, '64'])
    await server.ask({ fill: builds })
  }
  const missed: string[] = []
  for (const how of ['built', 'source'] as const) {
    if (how === 'built' && !existsSync(join(root, 'packages/server/dist/index.js'))) {
      console.log('from dist: not measured, run npm run build first')
      continue
    }
    const found: Started[] = []
    for (let round = -1; round < rounds; round++) {
      const one = await started(how, data)
      if (round >= 0) found.push(one)
    }
    const line = median(found.map((one) => one.line))
    console.log(
      `${how}, ${builds} builds: start line after ${shown(found, 'line')} ms, /healthz after ${shown(found, 'healthy')} ms, /readyz ${found[0]!.ready}`,
    )
    if (line > target) missed.push(`start (${how}): ${line.toFixed(0)} ms, not ${target}`)
  }
  return missed
}

interface Started {
  /** ms to the start line, and to the first answer after it */
  readonly line: number
  readonly healthy: number
  /** status of /readyz: 503 where no builder is there */
  readonly ready: number
}

function shown(found: readonly Started[], what: 'line' | 'healthy'): string {
  const all = found.map((one) => one[what])
  return `${median(all).toFixed(0)} (${all.map((ms) => ms.toFixed(0)).join(' ')})`
}

async function started(how: 'built' | 'source', data: string): Promise<Started> {
  const conditions = how === 'source' ? ['--conditions=kiln-source', '--disable-warning=ExperimentalWarning'] : []
  const begun = performance.now()
  const child = spawn(
    process.execPath,
    [...conditions, join(root, 'packages/cli/bin/kiln.mjs'), 'serve', '--port', '0', '--json', '--data', data],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const ended = new Promise((resolve) => child.on('exit', resolve))
  try {
    const text = await Promise.race([
      new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
      ended.then((code): never => {
        throw new Error(`kiln serve ended with ${String(code)}`)
      }),
    ])
    const line = performance.now() - begun
    const { url } = JSON.parse(text) as { readonly url: string }
    await (await fetch(`${url}/healthz`)).text()
    const healthy = performance.now() - begun
    const answer = await fetch(`${url}/readyz`)
    await answer.text()
    return { line, healthy, ready: answer.status }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}
