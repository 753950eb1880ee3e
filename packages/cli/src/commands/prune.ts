import type { PruneRules } from '@kiln/core'
import { openEngine } from '../data-dir.ts'
import type { Io } from '../io.ts'
import { bytes, duration } from '../terminal/units.ts'
import type { DataOptions } from './one-build.ts'

export interface PruneOptions extends DataOptions {
  readonly records?: string
  readonly logs?: string
  readonly contexts?: string
  readonly failedContexts?: string
}

/** `kiln prune` */
export async function prune(io: Io, options: PruneOptions): Promise<number> {
  const rules = rulesOf(options)
  await using engine = await openEngine(io, options.dataDir, { worker: false })
  const pruned = await engine.prune({ rules })
  if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, pruned })}\n`)
  else io.stdout.write(`removed ${count(pruned.builds, 'build')}, ${count(pruned.blobs, 'blob')}, ${bytes(pruned.bytes)}\n`)
  return 0
}

function rulesOf(options: PruneOptions): Partial<PruneRules> {
  const given = [
    ['records', options.records, '--records'],
    ['logs', options.logs, '--logs'],
    ['contexts', options.contexts, '--contexts'],
    ['failedContexts', options.failedContexts, '--failed-contexts'],
  ] as const
  return Object.fromEntries(given.flatMap(([rule, text, option]) => (text === undefined ? [] : [[rule, duration(text, option)]])))
}

function count(number: number, name: string): string {
  return `${number} ${name}${number === 1 ? '' : 's'}`
}
