import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** index files of other roots that stay, the newest first */
const most = 100
/** ms after which a temporary file has no writer any more */
const abandoned = 3_600_000

/** Keeps the directory of index files bounded: the oldest go, and what writers that died left. */
export function pruneIndex(directory: string): void {
  const names = readdirSync(directory)
  const temporary = names.filter((name) => name.endsWith('.tmp'))
  const kept = names.filter((name) => name.endsWith('.idx'))
  const now = Date.now()
  for (const name of temporary) if (now - ageOf(directory, name) > abandoned) remove(directory, name)
  if (kept.length <= most) return
  const byAge = kept.map((name) => ({ name, at: ageOf(directory, name) })).toSorted((a, b) => b.at - a.at)
  for (const { name } of byAge.slice(most)) remove(directory, name)
}

function ageOf(directory: string, name: string): number {
  return statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function remove(directory: string, name: string): void {
  rmSync(join(directory, name), { force: true })
}
