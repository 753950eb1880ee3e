// How well packages are found without a manifest, on frozen lists of imports of real repositories: npm run bench -- infer
//   KILN_BENCH_MISSES=1 also prints what is missed and what is more than declared.
// Lock-precision: of the packages found, those that the project's lock has (declared, or brought along). Direct recall: of the packages
// declared, those found; many are declared and never imported, so one that no import could mean is told apart.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalModules } from '../packages/core/src/infer/python-local.ts'
import { concludePython } from '../packages/core/src/infer/python-conclude.ts'
import { readList, type FrozenProject } from './infer/python-lists.ts'
import { table } from './measure.ts'

const home = join(import.meta.dirname, 'infer')
const targets = { lock: 0.98, recall: 0.75 }
/** Local modules are left out of the lists. */
const nothingLocal: LocalModules = { find: () => undefined, relative: () => [] }

export default function main(): boolean {
  const scores = readdirSync(home)
    .filter((file) => /^python-.*\.txt$/.test(file))
    .map((file) => score(file.slice(7, -4), readList(readFileSync(join(home, file), 'utf8'))))
  const rows = scores.map(({ corpus, projects, locked, lock, precision, recall, within, met }) => [
    corpus,
    String(projects),
    lock === undefined ? '-' : `${lock.toFixed(3)} (${locked})`,
    precision.toFixed(3),
    recall.toFixed(3),
    within.toFixed(3),
    met ? 'yes' : 'NO',
  ])
  console.log(`Python; targets: lock-precision ${targets.lock}, direct recall ${targets.recall}`)
  console.log(
    table(['corpus', 'projects', 'lock-precision (packages)', 'declared-precision', 'direct recall', 'of what is used', 'met'], rows),
  )
  return scores.every(({ met }) => met)
}

interface Score {
  readonly corpus: string
  readonly projects: number
  readonly locked: number
  readonly lock: number | undefined
  readonly precision: number
  readonly recall: number
  readonly within: number
  readonly met: boolean
}

function score(corpus: string, projects: readonly FrozenProject[]): Score {
  const sum = { found: 0, right: 0, locked: 0, inLock: 0, declared: 0, hit: 0, used: 0 }
  const [missed, extra, wrong] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
  for (const { declared, locked, facts } of projects) {
    const found = concludePython([facts], nothingLocal, { version: '3.11' }).dependencies.map(({ name }) => name)
    const wanted = new Set(declared)
    sum.found += found.length
    sum.right += found.filter((name) => wanted.has(name)).length
    sum.declared += wanted.size
    const misses = [...wanted].filter((name) => !found.includes(name))
    sum.hit += wanted.size - misses.length
    sum.used += wanted.size - misses.filter((name) => !isUsed(name, facts)).length
    for (const name of misses) count(missed, isUsed(name, facts) ? `${name} (used)` : name)
    for (const name of found) if (!wanted.has(name)) count(extra, name)
    if (locked === undefined) continue
    sum.locked += found.length
    sum.inLock += found.filter((name) => wanted.has(name) || locked.has(name)).length
    for (const name of found) if (!wanted.has(name) && !locked.has(name)) count(wrong, name)
  }
  if (process.env['KILN_BENCH_MISSES'] !== undefined)
    console.log(`${corpus}\n missed: ${told(missed)}\n not declared: ${told(extra)}\n not in the lock: ${told(wrong)}\n`)
  const lock = sum.locked === 0 ? undefined : sum.inLock / sum.locked
  const recall = sum.hit / sum.declared
  const met = (lock === undefined || lock >= targets.lock) && recall >= targets.recall
  const rates = { precision: sum.right / sum.found, recall, within: sum.hit / sum.used }
  return { corpus, projects: projects.length, locked: sum.locked, lock, ...rates, met }
}

/** Some import has a name like the package's, so that it should have been found. */
function isUsed(name: string, { imports }: FrozenProject['facts']): boolean {
  const bare = squash(name)
  return imports.some(({ module, optional }) => !optional && bare.includes(squash(module.split('.', 1)[0]!)))
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '')
}

function count(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1)
}

function told(map: ReadonlyMap<string, number>): string {
  return [...map]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 60)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')
}
