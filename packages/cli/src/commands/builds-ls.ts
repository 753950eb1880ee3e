import type { BuildRecord, State } from '@kiln/core'
import type { Io } from '../io.ts'
import { stylesFor, type Styles } from '../terminal/style.ts'
import { age, seconds, wholeNumber } from '../terminal/units.ts'
import { withBuilds, type DataOptions } from './one-build.ts'

export interface ListOptions extends DataOptions {
  readonly name?: string
  readonly state?: State
  readonly limit: string
}

/** `kiln builds ls` */
export async function list(io: Io, options: ListOptions): Promise<number> {
  const { name, state } = options
  const limit = wholeNumber(options.limit, '--limit')
  return withBuilds(io, options, async (kiln) => {
    const builds = await kiln.list({ limit, ...(name !== undefined && { name }), ...(state && { state }) })
    if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, builds }, null, 2)}\n`)
    else if (builds.length === 0) io.stderr.write('no builds\n')
    else io.stdout.write(table(builds, io.now(), stylesFor(io, io.stdout)))
    return 0
  })
}

function table(builds: readonly BuildRecord[], now: number, styles: Styles): string {
  const rows = builds.map((build) => [
    build.id,
    build.name,
    stateText(build),
    age(now - build.acceptedAt),
    tookText(build, now),
    build.image,
  ])
  const all = [['ID', 'NAME', 'STATE', 'AGE', 'TOOK', 'IMAGE'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row, at) => {
      const line = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ')
      return `${at === 0 ? styles.faint(line) : line}\n`
    })
    .join('')
}

export function stateText({ state, cancelling, reuse }: BuildRecord): string {
  if (cancelling && (state === 'queued' || state === 'building')) return 'cancelling'
  return state === 'succeeded' && reuse === 'hit' ? 'succeeded (hit)' : state
}

export function tookText({ startedAt, endedAt, reuse }: BuildRecord, now: number): string {
  return startedAt === undefined || reuse === 'hit' ? '-' : seconds((endedAt ?? now) - startedAt)
}
