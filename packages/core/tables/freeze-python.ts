// Makes benchmarks/infer/python-NAME.txt from a checked-out repository: facts only (which modules a project imports, which uses of
// packages it has, which packages it declares), nothing of its text.
//   node --conditions=kiln-source packages/core/tables/freeze-python.ts NAME DIRECTORY
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { parseRequirement } from '../src/detect/python/requirement.ts'
import type { Readable } from '../src/infer/files.ts'
import { readBeside, readFacts, type PythonFacts } from '../src/infer/python-facts.ts'
import { pythonFiles, saidBeside } from '../src/infer/python-files.ts'
import type { PythonImport } from '../src/infer/python-lexer.ts'
import { localModules } from '../src/infer/python-local.ts'
import { standardLibrary } from '../src/infer/python-stdlib.ts'

const [name, root] = process.argv.slice(2) as [string, string]
const manifest = /^(?:requirements\.txt|pyproject\.toml)$/
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => !path.includes('node_modules') && statSync(join(root, path)).isFile())
  .sort()
const units = [...new Set(files.filter((path) => manifest.test(base(path))).map(directory))].sort()

const projects = units.flatMap((unit) => project(unit) ?? [])
writeFileSync(join(import.meta.dirname, `../../../benchmarks/infer/python-${name}.txt`), `${projects.join('\n\n')}\n`)
process.stdout.write(`${name}: ${projects.length} of ${units.length} directories with a manifest\n`)

/** One manifest's directory without those below it that have their own. */
function project(unit: string): string | undefined {
  const nested = units.filter((other) => other !== unit && isBelow(other, unit))
  const own = files.filter((path) => isBelow(path, unit) && !nested.some((other) => isBelow(path, other)))
  const declared = declaredIn(own.filter((path) => manifest.test(base(path)) && directory(path) === unit))
  const source = sourceOf(own.map((path) => ({ path: unit === '.' ? path : path.slice(unit.length + 1), file: path })))
  const facts = [
    ...pythonFiles(source, { unit: '.', version: '3.11' }).files.map((path) => readFacts(source, path)),
    ...saidBeside(source, '.').map((path) => readBeside(source, path)),
  ]
  const lines = factsText(source, facts)
  // without imports, or frozen from an environment, there is nothing to compare
  if (declared.length === 0 || declared.length > 40 || !lines.some((line) => line.startsWith('i '))) return undefined
  const lock = own.find((path) => path === (unit === '.' ? 'uv.lock' : `${unit}/uv.lock`))
  const locked =
    lock === undefined
      ? []
      : [`lock ${[...new Set(Array.from(readText(lock).matchAll(/^name = "([^"]+)"/gm), (match) => match[1]!))].join(' ')}`]
  return [`# ${unit}`, `declared ${declared.join(' ')}`, ...locked, ...lines].join('\n')
}

function factsText(source: Readable, facts: readonly PythonFacts[]): string[] {
  const local = localModules(source, '.')
  const library = standardLibrary('3.11')
  const isForeign = ({ module, names, level, file }: PythonImport): boolean =>
    level === 0 && local.find(module, names, file)?.kind !== 'module' && library(module.split('.', 1)[0]!)?.kind !== 'present'
  const imports = facts.flatMap((one, at) =>
    one.imports.filter((import_) => isForeign(import_) || import_.alternative !== undefined).map((import_) => importText(import_, at)),
  )
  const others = facts.flatMap(({ uses, mentions, declared }) => [
    ...uses.map(({ id, what }) => `u ${id} ${what}`.trim()),
    ...mentions
      .filter(({ kind, name: mention }) => kind !== 'module' || !local.find(mention, [], 'x.py'))
      .map(({ kind, name: mention }) => `m ${kind} ${mention}`),
    ...declared.map(({ by, name: package_, specifier }) => `d ${by} ${package_}${specifier}`),
  ])
  return [...new Set([...imports, ...others])].sort()
}

/** `i module names`; `?`: optional; `group.arm`: one of several ways. */
function importText({ module, names, optional, alternative }: PythonImport, file: number): string {
  const how = alternative === undefined ? (optional ? '?' : '') : `${file}-${alternative.group}.${alternative.arm}`
  return `i${how} ${module} ${names.join(' ')}`.trim()
}

function declaredIn(manifests: readonly string[]): string[] {
  const texts = manifests.flatMap((path) => (path.endsWith('.toml') ? projectDependencies(path) : readText(path).split(/\r?\n/)))
  const names = texts.flatMap((text) => {
    const read = parseRequirement(text.replace(/(?:^|\s)#.*/, ''))
    return read === undefined ? [] : [`${read.name}${read.extras.length > 0 ? `[${read.extras.join(',')}]` : ''}`]
  })
  return [...new Set(names)].sort()
}

function projectDependencies(path: string): string[] {
  const { project: table } = parse(readText(path)) as { project?: { dependencies?: string[] } }
  return table?.dependencies ?? []
}

function sourceOf(own: readonly { readonly path: string; readonly file: string }[]): Readable {
  const places = new Map(own.map(({ path, file }) => [path, join(root, file)]))
  const entries = [...places].map(([path, place]) => ({ kind: 'file' as const, path, executable: false, size: statSync(place).size }))
  return { entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)), read: (path) => readFileSync(places.get(path)!) }
}

function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function isBelow(path: string, unit: string): boolean {
  return unit === '.' || path.startsWith(`${unit}/`)
}

function base(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function directory(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
}
