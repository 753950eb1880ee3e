// How well packages are found without a manifest, on frozen lists of imports of real repositories: npm run bench -- infer
//   KILN_BENCH_MISSES=1 also prints what is missed and what is more than declared.
// Lock-precision: of the packages found, those that the project's lock has (declared, or brought along). Direct recall: of all packages
// declared, those found, though some (deployment tools, leftovers) show nowhere in the code; beside it the same of those that the code
// imports, or does something with that needs them. A declared package counts as found when it is found itself, under its newer name, or as
// what an extra of a found one is for (`fastapi[standard]` is how uvicorn is asked for).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalModules } from '../packages/core/src/infer/python-local.ts'
import { concludePython } from '../packages/core/src/infer/python-conclude.ts'
import { scoreJavaScript } from './infer/javascript-lists.ts'
import { count, told } from './infer/tally.ts'
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
  const rows = scores.map(({ corpus, projects, locked, lock, precision, declared, recall, direct, met }) => [
    corpus,
    String(projects),
    lock === undefined ? '-' : `${lock.toFixed(3)} (${locked})`,
    precision.toFixed(3),
    direct.toFixed(3),
    `${recall.toFixed(3)} (${declared})`,
    met ? 'yes' : 'NO',
  ])
  console.log(`Python; targets: lock-precision ${targets.lock}, direct recall ${targets.recall}`)
  console.log(
    table(
      ['corpus', 'projects', 'lock-precision (packages)', 'declared-precision', 'of what is imported', 'recall of all declared', 'met'],
      rows,
    ),
  )
  return javascript() && scores.every(({ met }) => met)
}

function javascript(): boolean {
  const scores = scoreJavaScript(home).map((one) => ({ ...one, met: one.lock >= targets.lock && one.recall >= targets.recall }))
  const rows = scores.map(({ corpus, projects, locked, lock, precision, recall, within, met }) => [
    corpus,
    String(projects),
    `${lock.toFixed(3)} (${locked})`,
    precision.toFixed(3),
    recall.toFixed(3),
    within.toFixed(3),
    met ? 'yes' : 'NO',
  ])
  console.log(`\nJavaScript and TypeScript; targets: lock-precision ${targets.lock}, direct recall ${targets.recall}`)
  console.log(
    table(
      ['corpus', 'projects', 'lock-precision (packages)', 'declared-precision', 'recall of all declared', 'of what is imported', 'met'],
      rows,
    ),
  )
  return scores.every(({ met }) => met)
}

interface Score {
  readonly corpus: string
  readonly projects: number
  readonly locked: number
  readonly lock: number | undefined
  readonly precision: number
  readonly declared: number
  readonly recall: number
  readonly direct: number
  readonly met: boolean
}

function score(corpus: string, projects: readonly FrozenProject[]): Score {
  const sum = { found: 0, right: 0, locked: 0, inLock: 0, declared: 0, hit: 0, used: 0 }
  const [missed, more, wrong] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
  for (const { declared, locked, facts } of projects) {
    const dependencies = concludePython([facts], nothingLocal, { version: '3.11' }).dependencies
    const found = dependencies.map(({ name }) => name)
    const wanted = new Set(declared)
    const asked = new Set(
      dependencies.flatMap((one) => [one.name, ...(one.extras ?? []).flatMap((extra) => extras[`${one.name}[${extra}]`] ?? [])]),
    )
    const misses = [...wanted].filter((name) => !asked.has(name) && !asked.has(renamed[name] ?? ''))
    sum.found += found.length
    sum.right += found.filter((name) => wanted.has(name)).length
    sum.declared += wanted.size
    sum.hit += wanted.size - misses.length
    sum.used += wanted.size - misses.filter((name) => !isUsed(name, facts)).length
    for (const name of misses) count(missed, isUsed(name, facts) ? `${name} (used)` : name)
    for (const name of found) if (!wanted.has(name)) count(more, name)
    if (locked === undefined) continue
    sum.locked += found.length
    sum.inLock += found.filter((name) => wanted.has(name) || locked.has(name)).length
    for (const name of found) if (!wanted.has(name) && !locked.has(name)) count(wrong, name)
  }
  if (process.env['KILN_BENCH_MISSES'] !== undefined)
    console.log(`${corpus}\n missed: ${told(missed)}\n not declared: ${told(more)}\n not in the lock: ${told(wrong)}\n`)
  const lock = sum.locked === 0 ? undefined : sum.inLock / sum.locked
  const recall = sum.hit / sum.declared
  const met = (lock === undefined || lock >= targets.lock) && recall >= targets.recall
  const rates = { precision: sum.right / sum.found, recall, direct: sum.hit / sum.used }
  return { corpus, projects: projects.length, locked: sum.locked, lock, declared: sum.declared, ...rates, met }
}

/** What extras are for, from the metadata of fastapi 0.165, uvicorn 0.54, pipecat-ai 1.14 and litellm 1.109. */
const extras: Readonly<Record<string, readonly string[]>> = {
  'fastapi[standard]': ['uvicorn', 'python-multipart', 'jinja2', 'email-validator', 'httpx', 'pydantic-settings', 'fastapi-cli'],
  'uvicorn[standard]': ['websockets', 'httptools', 'uvloop', 'watchfiles'],
  'pipecat-ai[runner]': ['uvicorn', 'fastapi'],
  'litellm[proxy]': ['fastapi', 'uvicorn', 'gunicorn', 'python-multipart', 'apscheduler', 'orjson'],
}

/** One project under two names. */
const renamed: Readonly<Record<string, string>> = {
  'duckduckgo-search': 'ddgs',
  autogen: 'ag2',
  'psycopg-binary': 'psycopg',
  psycopg2: 'psycopg2-binary',
}

/** Some import has the package's name, give or take an affix, so that it should have been found. */
function isUsed(name: string, { imports }: FrozenProject['facts']): boolean {
  const bare = new Set([squash(name), squash(name.replace(/^(?:python-|py-?)|-(?:python|py|sdk|client|ai)$/g, ''))])
  return imports.some(({ module, optional }) => {
    const [top, second] = module.split('.')
    return !optional && (bare.has(squash(top!)) || (second !== undefined && bare.has(squash(`${top}${second}`))))
  })
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[-_.]/g, '')
}
