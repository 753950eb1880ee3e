import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median, table } from '../measure.ts'
import type { Settings } from '../server.ts'
import { start, type Child } from './child.ts'
import { hashOf } from './fill.ts'
import { bearer } from './look-ups.ts'
import type { OurFacts } from './ours.ts'
import { alternate, type Round, type Way } from './rounds.ts'

/** times the time at a hundred builds, at most */
const target = 2
const few = 100

/**
 * The same questions to two servers, of a hundred builds and of many; each build has a log of a hundred lines. A hundred of them
 * are asked for in turn; what was never asked for is not yet in memory, of which the last row tells.
 */
export async function manyBuilds({ scratch, rounds, seconds, builds }: Settings): Promise<readonly string[]> {
  await using small = await start<OurFacts>('ours', [join(scratch, 'few'), '64'])
  await using large = await start<OurFacts>('ours', [join(scratch, 'many'), '64'])
  const begun = performance.now()
  const [fewIds, manyIds] = await Promise.all([filled(small, few), filled(large, builds)])
  console.log(`${builds} builds made in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  const missed: string[] = []
  const rows: string[][] = []
  for (const [what, pathsOf] of questions) {
    const way = (name: string, server: Child<OurFacts>, ids: readonly string[]): Way => {
      const paths = join(scratch, `${name}.paths`)
      writeFileSync(paths, pathsOf(ids).join('\n'))
      return { name, server, load: { url: server.facts.address, headers: bearer(server.facts), connections: 10, paths } }
    }
    const found = await alternate([way('few', small, fewIds), way('many', large, manyIds)], rounds, seconds)
    const [at100, atMany] = [found.get('few')!, found.get('many')!]
    const [time, cpu] = [timeOf(atMany) / timeOf(at100), cpuOf(atMany) / cpuOf(at100)]
    const shown = (all: readonly Round[]): string =>
      `${timeOf(all).toFixed(0)} (${all.map(({ rate }) => (1e6 / rate).toFixed(0)).join(' ')})`
    rows.push([what, shown(at100), shown(atMany), time.toFixed(2), cpuOf(at100).toFixed(0), cpuOf(atMany).toFixed(0), cpu.toFixed(2)])
    if (time > target && !what.endsWith('in turn'))
      missed.push(`${what}: ${time.toFixed(2)} times the time at ${few} builds, not ${target}`)
  }
  console.log(table(['question', `µs at ${few} (all)`, `µs at ${builds} (all)`, 'factor', 'CPU µs', 'CPU µs', 'factor'], rows))
  return missed
}

type Question = readonly [string, (ids: readonly string[]) => readonly string[]]

const questions: readonly Question[] = [
  ['Pipecat: list of 20', () => ['/v1/builds?limit=20']],
  ['Pipecat: list of 20 by status', () => ['/v1/builds?limit=20&status=success&region=us-west']],
  [
    'Pipecat: look-up by hash',
    (ids) => spread(ids).map((i) => `/v1/builds?limit=1&contextHash=${hashOf(i)}&region=us-west&status=success`),
  ],
  ['native: list of 20 from the middle', (ids) => [`/kiln/v1/builds?limit=20&after=${ids[ids.length >> 1]!}`]],
  ['Pipecat: get', (ids) => spread(ids).map((i) => `/v1/builds/${ids[i]!}`)],
  ['Pipecat: log', (ids) => spread(ids).map((i) => `/v1/builds/${ids[i]!}/logs?limit=1000`)],
  ['native: events replayed', (ids) => spread(ids).map((i) => `/kiln/v1/builds/${ids[i]!}/events`)],
  ['native: get, each build in turn', (ids) => ids.map((id) => `/kiln/v1/builds/${id}`)],
]

/** The places of a hundred builds, the same number in both, from the oldest to the newest. */
function spread(ids: readonly string[]): readonly number[] {
  return Array.from({ length: few }, (_, i) => Math.floor((i * ids.length) / few))
}

async function filled(server: Child<OurFacts>, count: number): Promise<readonly string[]> {
  return (await server.ask<{ readonly ids: readonly string[] }>({ fill: count })).ids
}

function timeOf(rounds: readonly Round[]): number {
  return median(rounds.map(({ rate }) => 1e6 / rate))
}

function cpuOf(rounds: readonly Round[]): number {
  return median(rounds.map(({ cpu }) => cpu))
}
