import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookUps } from './server/look-ups.ts'
import { manyBuilds } from './server/many-builds.ts'
import { posts } from './server/posts.ts'
import { startUp } from './server/start-up.ts'
import { needWrk } from './server/wrk.ts'

// The server under wrk (issue 4, §5), on the loopback, each server in a process of its own:
//   lookups  Pipecat's cached look-up and GET build, beside bare Hono        posts  builds that are answered by an earlier one
//   many     list, get and log replay at 100 and at 10,000 builds            start  `kiln serve` on these 10,000
// ONLY=lookups,posts names parts; ROUNDS (5) and SECONDS (3) of one measurement; BUILDS (10000) of many.

export interface Settings {
  readonly scratch: string
  readonly rounds: number
  readonly seconds: number
  readonly builds: number
}

const parts = { lookups: lookUps, posts, many: manyBuilds, start: startUp } as const

/** False when a target is not met. */
export default async function main(): Promise<boolean> {
  needWrk()
  const only = process.env['ONLY']?.split(',')
  const scratch = mkdtempSync(join(process.env['SCRATCH'] ?? tmpdir(), 'kiln-bench-'))
  const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)
  const settings = { scratch, rounds: number('ROUNDS', 5), seconds: number('SECONDS', 3), builds: number('BUILDS', 10_000) }
  const missed: string[] = []
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (only && !only.includes(name)) continue
      console.log(`\n## ${name}`)
      missed.push(...(await part(settings)))
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  for (const line of missed) console.log(`NOT MET: ${line}`)
  return missed.length === 0
}
