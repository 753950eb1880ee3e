import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from '../../packages/core/src/infer/files.ts'
import { inferJavaScript } from '../../packages/core/src/infer/javascript.ts'
import { count, told } from './tally.ts'

/** A project as a frozen list tells it. */
interface FrozenProject {
  readonly declared: ReadonlySet<string>
  /** to build or test it */
  readonly dev: ReadonlySet<string>
  /** names of its lock; undefined without one */
  readonly locked: ReadonlySet<string> | undefined
  readonly source: Readable
}

export interface JavaScriptScore {
  readonly corpus: string
  readonly projects: number
  /** packages found in projects with a lock */
  readonly locked: number
  /** of them, those declared or in the lock */
  readonly lock: number
  /** of all found, those declared */
  readonly precision: number
  /** of all declared to run, those found */
  readonly recall: number
  /** of those that some import names */
  readonly within: number
}

/** Every list that packages/core/tables/freeze-javascript.ts wrote. Tools beside a program are never installed, so they are not counted. */
export function scoreJavaScript(home: string): readonly JavaScriptScore[] {
  return readdirSync(home)
    .filter((file) => /^javascript-.*\.txt$/.test(file))
    .map((file) => score(file.slice(11, -4), readFileSync(join(home, file), 'utf8').trim().split('\n\n').map(readProject)))
}

function score(corpus: string, projects: readonly FrozenProject[]): JavaScriptScore {
  const sum = { found: 0, right: 0, locked: 0, inLock: 0, declared: 0, hit: 0, used: 0 }
  const [missed, wrong] = [new Map<string, number>(), new Map<string, number>()]
  for (const { declared, dev, locked, source } of projects) {
    const { dependencies, imports } = inferJavaScript(source, { unit: '.', version: '24' })
    const found = dependencies.filter(({ group }) => group !== 'tools').map(({ name }) => name)
    const right = found.filter((name) => declared.has(name) || dev.has(name))
    const misses = [...declared].filter((name) => !found.includes(name))
    const named = (name: string): boolean => imports.some(({ module }) => module === name || module.startsWith(`${name}/`))
    sum.found += found.length
    sum.right += right.length
    sum.declared += declared.size
    sum.hit += declared.size - misses.length
    sum.used += declared.size - misses.filter((name) => !named(name)).length
    for (const name of misses) count(missed, named(name) ? `${name} (imported)` : name)
    if (locked === undefined) continue
    const out = found.filter((name) => !right.includes(name) && !locked.has(name))
    sum.locked += found.length
    sum.inLock += found.length - out.length
    for (const name of out) count(wrong, name)
  }
  if (process.env['KILN_BENCH_MISSES'] !== undefined) console.log(`${corpus}\n missed: ${told(missed)}\n not in the lock: ${told(wrong)}\n`)
  const rates = {
    lock: sum.inLock / sum.locked,
    precision: sum.right / sum.found,
    recall: sum.hit / sum.declared,
    within: sum.hit / sum.used,
  }
  return { corpus, projects: projects.length, locked: sum.locked, ...rates }
}

function readProject(block: string): FrozenProject {
  const lines = block.split('\n').map((line) => line.split(' '))
  const after = (word: string): readonly string[] => lines.find(([first]) => first === word)?.slice(1) ?? []
  const locked = lines.some(([first]) => first === 'lock') ? new Set(after('lock')) : undefined
  return { declared: new Set(after('declared')), dev: new Set(after('dev')), locked, source: sourceOf(filesOf(lines, after)) }
}

/** Files that say what the list says: their inference is the one of the project. */
function filesOf(lines: readonly string[][], after: (word: string) => readonly string[]): ReadonlyMap<string, string> {
  const has = after('has')
  const value = (prefix: string): readonly string[] => has.flatMap((one) => (one.startsWith(prefix) ? [one.slice(prefix.length)] : []))
  const program = [
    ...value('source:').map((name) => `/** @jsxImportSource ${name} */`),
    ...after('i').map((module) => `import '${module}'`),
    ...after('t').map((module) => `import type T from '${module}'`),
    ...after('o').map((module) => `try { require('${module}') } catch {}`),
    has.includes('node') ? 'process.exit' : '',
    has.includes('jsx') ? ';<p/>' : '',
  ]
  const typed = has.includes('ts') || after('t').length > 0
  const sheet = after('s').map((module) => (module === '@tailwind' ? '@tailwind base;' : `@import "${module}";`))
  return new Map([
    ...has.filter((one) => !one.includes(':') && !/^(?:ts|jsx|node)$/.test(one)).map((path) => [path, ''] as const),
    [typed ? 'program.tsx' : 'program.jsx', program.join('\n')],
    ...(sheet.length > 0 ? [['sheet.css', sheet.join('\n')] as const] : []),
    ...(value('types:').length > 0 ? [['tsconfig.json', JSON.stringify({ compilerOptions: { types: value('types:') } })] as const] : []),
    ...lines.filter(([first]) => first === 'c').map(([, file, ...says]) => [file!, says.map(statement).join('\n')] as const),
  ])
}

function statement(word: string): string {
  return word.startsWith('"') ? `;'${word.slice(1)}'` : word.startsWith('?') ? `import type T from '${word.slice(1)}'` : `import '${word}'`
}

function sourceOf(files: ReadonlyMap<string, string>): Readable {
  const entries = [...files].map(([path, text]) => ({ kind: 'file' as const, path, executable: false, size: text.length }))
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), read: (path) => new TextEncoder().encode(files.get(path)) }
}
