import { join } from 'node:path'
import type { Settings } from '../server.ts'
import { start, type Child } from './child.ts'
import type { PeerFacts } from './hono.ts'
import type { OurFacts } from './ours.ts'
import { alternate, cpuOf, rateOf, roundsTable, type Way } from './rounds.ts'
import { answerTo } from './wrk.ts'

/** at least, times bare Hono */
const target = 0.8

/** Two peers: one makes JSON of a row's columns, as most would; the other has the text ready in the row. The target is about the first. */
export async function lookUps({ scratch, rounds, seconds }: Settings): Promise<readonly string[]> {
  await using ours = await start<OurFacts>('ours', [join(scratch, 'look-ups')])
  const { ids } = await ours.ask<{ readonly ids: readonly string[] }>({ fill: 100 })
  const build = await buildAt(ours.facts, ids.at(-1)!)
  await using columns = await start<PeerFacts>('hono', ['columns', join(scratch, 'columns'), JSON.stringify(build)])
  await using text = await start<PeerFacts>('hono', ['text', join(scratch, 'text'), JSON.stringify(build)])
  const missed: string[] = []
  for (const [what, path] of paths(build)) {
    const ways = waysTo(path, ours, { 'Hono, columns': columns, 'Hono, text': text })
    await sameAnswers(ways)
    const found = await alternate(ways, rounds, seconds)
    console.log(`\n${what}: ${path}\n${roundsTable(found)}`)
    const kiln = found.get('Kiln')!
    for (const peer of ['Hono, columns', 'Hono, text']) {
      const ratio = rateOf(kiln) / rateOf(found.get(peer)!)
      console.log(`${what}: ${ratio.toFixed(2)} times ${peer}; by CPU ${(cpuOf(found.get(peer)!) / cpuOf(kiln)).toFixed(2)} times`)
      if (peer === 'Hono, columns' && ratio < target) missed.push(`${what}: ${ratio.toFixed(2)} times bare Hono, not ${target}`)
    }
  }
  return missed
}

type Shown = Readonly<Record<string, string | number>>

export function bearer({ key }: OurFacts): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` }
}

/** As Pipecat's API shows it. */
async function buildAt(facts: OurFacts, id: string): Promise<Shown> {
  const text = await answerTo({ url: `${facts.address}/v1/builds/${id}`, headers: bearer(facts) })
  return (JSON.parse(text) as { readonly build: Shown }).build
}

function paths(build: Shown): readonly (readonly [string, string])[] {
  return [
    ['cached look-up', `/v1/builds?limit=1&contextHash=${build['contextHash']}&region=us-west&status=success`],
    ['GET build', `/v1/builds/${build['id']}`],
  ]
}

/** Everyone gets the same headers, wanted or not. */
function waysTo(path: string, ours: Child<OurFacts>, peers: Readonly<Record<string, Child<PeerFacts>>>): readonly Way[] {
  const headers = bearer(ours.facts)
  return Object.entries({ ...peers, Kiln: ours }).map(([name, server]) => ({
    name,
    server,
    load: { url: server.facts.address + path, headers },
  }))
}

async function sameAnswers(ways: readonly Way[]): Promise<void> {
  const [first, ...others] = await Promise.all(ways.map(({ load }) => answerTo(load)))
  if (others.some((other) => other !== first)) throw new Error(`the answers differ:\n${[first, ...others].join('\n')}`)
}
