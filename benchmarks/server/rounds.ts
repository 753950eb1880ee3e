import { median, table } from '../measure.ts'
import type { Child } from './child.ts'
import { busy, wrk, type Load, type Seen } from './wrk.ts'

/** One way that is measured: who is asked, and how. */
export interface Way {
  readonly name: string
  readonly server: Pick<Child<unknown>, 'cpu'>
  readonly load: Omit<Load, 'seconds'>
}

export interface Round extends Seen {
  /** µs of the server's threads for a request */
  readonly cpu: number
  /** load of the machine when it ended */
  readonly busy: string
}

/** All ways in turn, so that a noisy minute hurts them alike; a round before does not count. */
export async function alternate(ways: readonly Way[], rounds: number, seconds: number): Promise<ReadonlyMap<string, readonly Round[]>> {
  const found = new Map<string, Round[]>(ways.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++)
    for (const way of ways) {
      const one = await measured(way, round < 0 ? Math.max(2, seconds) : seconds)
      if (one.bad > 0) throw new Error(`${way.name}: ${one.bad} of ${one.requests} requests failed`)
      if (round >= 0) found.get(way.name)!.push(one)
    }
  return found
}

export async function measured({ server, load }: Omit<Way, 'name'>, seconds: number): Promise<Round> {
  const before = await server.cpu()
  const seen = await wrk({ ...load, seconds }).seen
  return { ...seen, cpu: ((await server.cpu()) - before) / Math.max(1, seen.requests), busy: busy() }
}

export function roundsTable(found: ReadonlyMap<string, readonly Round[]>): string {
  const head = ['way', 'requests/s, median', 'all', 'CPU µs/request', 'p50 ms', 'p99 ms', 'all p99', 'load']
  return table(
    head,
    [...found].map(([name, rounds]) => [
      name,
      rateOf(rounds).toFixed(0),
      rounds.map(({ rate }) => rate.toFixed(0)).join(' '),
      cpuOf(rounds).toFixed(0),
      median(rounds.map(({ p50 }) => p50)).toFixed(1),
      p99Of(rounds).toFixed(1),
      rounds.map(({ p99 }) => p99.toFixed(0)).join(' '),
      rounds.at(-1)!.busy,
    ]),
  )
}

export function rateOf(rounds: readonly Round[]): number {
  return median(rounds.map(({ rate }) => rate))
}
export function cpuOf(rounds: readonly Round[]): number {
  return median(rounds.map(({ cpu }) => cpu))
}
export function p99Of(rounds: readonly Round[]): number {
  return median(rounds.map(({ p99 }) => p99))
}
