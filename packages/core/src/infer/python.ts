import type { Grade, Notice } from '../detect/detection.ts'
import { shown } from '../failure/error.ts'
import { chooseFiles, defaultBudget, directoryOf, readText, type Readable } from './files.ts'
import { Gathered, type Wanted } from './gather.ts'
import type { Import, Inference, InferOptions } from './infer.ts'
import { knownPypi } from './known.ts'
import { lexImports, lexPython, type PythonImport } from './python-lexer.ts'
import { localModules, type LocalModules } from './python-local.ts'
import { resolvePython } from './python-packages.ts'
import { standardLibrary, type Standing } from './python-stdlib.ts'

/**
 * The packages that the Python files of a unit import. Read are the given files, or all of the unit that belong to the program:
 * not tests, documentation, examples, scripts, benchmarks and packaging, unless there is nothing else. Only names on the shipped
 * lists become dependencies; optional imports are listed and not installed.
 */
export function inferPython(source: Readable, options: InferOptions): Inference {
  const { files, notices } = pythonFiles(source, options)
  const judge = judging(localModules(source, options.unit), standardLibrary(options.version))
  const gathered = new Gathered('pypi', knownPypi)
  const foreign: PythonImport[] = []
  const broken: Notice[] = []
  for (const file of files) {
    const { imports, damaged } = lexImports(readText(source, file), file)
    if (damaged !== undefined) broken.push(damageNotice(file, damaged))
    const verdicts = imports.map(judge)
    foreign.push(...verdicts.filter((one) => one.parts.some((part) => part.kind !== 'here')).map((one) => one.import))
    for (const verdict of required(verdicts)) for (const part of verdict.parts) settle(part, verdict.import, gathered)
  }
  addServer(foreign, gathered)
  return {
    dependencies: gathered.dependencies(),
    unresolved: gathered.unresolved(),
    imports: foreign.map(withoutGroup),
    notices: [...notices, ...broken.slice(0, maxBroken)],
  }
}

/** More files than this are no program; one notice tells as much. */
const maxBroken = 10

function damageNotice(file: string, line: number): Notice {
  const message = 'a bracket here has no other half or a text no end, so the file is no valid Python, and imports in it may be missed'
  return { code: 'file_not_inferred', message, file, line }
}

/** The files that the program reaches from `entry` by imports that lead to files of the source, itself first. */
export function reachablePython(source: Readable, unit: string, entry: string): readonly string[] {
  const local = localModules(source, unit)
  const readable = new Set(source.entries.flatMap((one) => (one.kind === 'file' && one.size <= defaultBudget.file ? [one.path] : [])))
  const reached = new Set([entry])
  for (const file of reached) {
    if (!readable.has(file)) continue
    for (const { module, names, level } of lexPython(readText(source, file), file))
      for (const next of level > 0 ? local.relative(level, module, names, file) : (local.find(module, names, file)?.files ?? []))
        if (next.endsWith('.py')) reached.add(next)
  }
  return [...reached]
}

/** What one part of an import is: of the source or the standard library, a package, or not known. */
type Part =
  | { readonly kind: 'here' }
  | { readonly kind: 'package'; readonly module: string; readonly wanted: Wanted }
  | { readonly kind: 'unknown'; readonly module: string; readonly says: string; readonly near: boolean }

interface Verdict {
  readonly import: PythonImport
  readonly parts: readonly Part[]
}

function pythonFiles(source: Readable, { unit, files }: InferOptions): ReturnType<typeof chooseFiles> {
  if (files !== undefined) {
    const given = new Set(files)
    return chooseFiles(source, '.', (path) => given.has(path))
  }
  const chosen = chooseFiles(source, unit, (path) => path.endsWith('.py') && !beside.test(`/${path}`) && !elsewhere.test(`/${path}`))
  return chosen.files.length > 0 ? chosen : chooseFiles(source, unit, (path) => path.endsWith('.py') && !elsewhere.test(`/${path}`))
}

/** Files of a project that are no part of its program. */
const beside = /\/(?:tests?|testing|docs?|examples?|scripts|benchmarks?)\/|\/(?:test_[^/]*|[^/]*_test|tests|conftest|noxfile|setup)\.py$/
/** Copies of other people's files. */
const elsewhere = /\/(?:\.[^/]+|__pycache__|node_modules|site-packages|v?env|virtualenv)\//

const here: readonly Part[] = [{ kind: 'here' }]

function judging(local: LocalModules, library: (top: string) => Standing | undefined): (import_: PythonImport) => Verdict {
  const known = new Map<string, readonly Part[]>()
  return (import_) => {
    const { module, names, level, file } = import_
    if (level > 0) return { import: import_, parts: here }
    const key = `${directoryOf(file)}\n${module}\n${names.join(' ')}`
    const parts = known.get(key) ?? partsOf(import_, local, library)
    known.set(key, parts)
    return { import: import_, parts }
  }
}

function partsOf(
  { module, names, file }: PythonImport,
  local: LocalModules,
  library: (top: string) => Standing | undefined,
): readonly Part[] {
  const found = local.find(module, names, file)
  if (found?.kind === 'module') return here
  const standing = library(module.split('.', 1)[0]!)
  if (standing !== undefined) return [fromLibrary(module, standing)]
  const members = names.filter((name) => name !== '*')
  const parts = members.length === 0 ? [fromIndex(module)] : distinct(members.map((name) => fromIndex(module, name)))
  // A directory of this name without the submodule: its own only when no package is known.
  return found !== undefined && parts.every((part) => part.kind === 'unknown') ? here : parts
}

function fromLibrary(module: string, standing: Standing): Part {
  if (standing.kind === 'present') return { kind: 'here' }
  if (standing.kind === 'python2') return { kind: 'unknown', module, says: `${shown(module)} is a module of Python 2`, near: false }
  if (standing.package === undefined)
    return { kind: 'unknown', module, says: `${shown(module)} left the standard library in Python ${standing.since}`, near: false }
  return {
    kind: 'package',
    module,
    wanted: { name: standing.package, extras: [], specifier: '', grade: 'A', rule: 'python.import.removed' },
  }
}

function fromIndex(module: string, member?: string): Part {
  const dotted = member === undefined ? module : `${module}.${member}`
  const found = resolvePython(dotted)
  const isNamespace = member !== undefined && found === undefined && namespaces.test(module)
  if (found === undefined)
    return { kind: 'unknown', module: isNamespace ? dotted : module, says: `no known package provides ${shown(dotted)}`, near: true }
  if (otherSystems.test(found.name))
    return { kind: 'unknown', module, says: `${found.name} runs on another operating system only`, near: false }
  const { name, extras, specifier, grade } = found
  return {
    kind: 'package',
    module: isPartOf(found.matched, module) ? module : found.matched,
    wanted: { name, extras, specifier, grade, rule: rules[grade] },
  }
}

const namespaces = /^(?:google(?:\.cloud)?|azure|opentelemetry|llama_index|livekit\.plugins|airflow\.providers)$/
/** Distributions without a build for Linux. */
const otherSystems = /^(?:pywin32|pyobjc|wmi$|winrt|pywinpty|windows-curses)/

const rules: Readonly<Record<Grade, string>> = {
  A: 'python.import.table',
  B: 'python.import.namespace',
  C: 'python.import.name',
  D: 'python.import.affix',
}

function isPartOf(prefix: string, module: string): boolean {
  return module === prefix || module.startsWith(`${prefix}.`)
}

function distinct(parts: readonly Part[]): readonly Part[] {
  const seen = new Map(
    parts.map((part) => [
      part.kind === 'package' ? `${part.wanted.name} ${part.module}` : part.kind === 'unknown' ? part.module : '',
      part,
    ]),
  )
  return [...seen.values()]
}

/**
 * The imports that the program cannot do without. Of alternatives (`try: import a` / `except ImportError: import b`) the first that is
 * known counts, unless a later one needs no package at all.
 */
function required(verdicts: readonly Verdict[]): readonly Verdict[] {
  const groups = Map.groupBy(
    verdicts.filter((one) => one.import.alternative !== undefined),
    (one) => one.import.alternative!.group,
  )
  const chosen = [...groups.values()].flatMap((members) =>
    chooseArm([...Map.groupBy(members, (one) => one.import.alternative!.arm).values()]),
  )
  return [...verdicts.filter((one) => !one.import.optional), ...chosen]
}

function chooseArm(arms: readonly (readonly Verdict[])[]): readonly Verdict[] {
  const all = (arm: readonly Verdict[], kinds: readonly Part['kind'][]): boolean =>
    arm.every((one) => one.parts.every((part) => kinds.includes(part.kind)))
  if (arms.some((arm) => all(arm, ['here']))) return []
  return arms.find((arm) => all(arm, ['here', 'package'])) ?? arms[0] ?? []
}

function settle(part: Part, import_: PythonImport, gathered: Gathered): void {
  if (part.kind === 'package') gathered.need(part.wanted, import_, part.module)
  else if (part.kind === 'unknown') gathered.miss(part.module, import_, part.says, part.near)
}

/** An ASGI application without a server of its own gets one; fastapi[standard] has it already. */
function addServer(imports: readonly PythonImport[], gathered: Gathered): void {
  const server: Wanted = { name: 'uvicorn', extras: ['standard'], specifier: '', grade: 'A', rule: 'python.indirect.asgi-server' }
  const needs = imports.find((one) => !one.optional && /^(?:starlette|litestar|quart|blacksheep)(?:\.|$)/.test(one.module))
  const has = ['fastapi', 'uvicorn', 'hypercorn', 'daphne', 'granian', 'gunicorn'].some((name) => gathered.has(name))
  if (needs !== undefined && !has) gathered.need(server, needs, needs.module)
}

/** As the contract has it, without what only this file needs to know. */
function withoutGroup({ module, names, level, file, line, optional }: PythonImport): Import {
  return { module, names, level, file, line, optional }
}
