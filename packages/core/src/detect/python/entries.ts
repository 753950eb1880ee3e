import type { DeclaredDependency, Evidence } from '../detection.ts'
import { byText, type Tree } from '../tree.ts'
import { adkOf } from './adk.ts'
import { asScript, type Command } from './command.ts'
import { djangoOf, type Django } from './django.ts'
import { frameworkWord, type AppObject } from './frameworks.ts'
import { langgraphJson } from './graphs.ts'
import { appOf, definition, firstOf } from './kinds.ts'
import type { Procfile } from './procfile.ts'
import { programOf } from './programs.ts'
import type { ProjectScript, ProjectScripts } from './project-scripts.ts'
import { reflexOf } from './reflex.ts'
import type { PythonFiles } from './scans.ts'

/** A file that may be the program. */
export interface Entry {
  readonly file: string
  readonly app?: AppObject
  /** where it is found from, and what else it needs, for a Django project */
  readonly django?: Django
  /** started by a command of its framework */
  readonly command?: Command
  /** the command of the project that begins in this file */
  readonly script?: ProjectScript
  readonly evidence: Evidence
  /** only its name speaks for it */
  readonly byName?: boolean
}

/** The choice among entries: one, several that are equally likely, or none. Lost ones are best first. */
export type Choice =
  | { readonly kind: 'one'; readonly entry: Entry; readonly lost: readonly Entry[] }
  | { readonly kind: 'several'; readonly entries: readonly Entry[] }
  | { readonly kind: 'none' }

const names = [
  'main',
  'app',
  'server',
  'start',
  'api',
  'bot',
  'agent',
  'run',
  'hello',
  'index',
  'wsgi',
  'asgi',
  'streamlit_app',
  'Home',
  'worker',
]
const places = ['', 'src', 'app', 'api']

/** What the start is chosen from. */
export interface Beginnings {
  readonly tree: Tree
  readonly files: PythonFiles
  readonly scripts: ProjectScripts
  readonly procfile: Procfile
  readonly declared: readonly DeclaredDependency[]
  /** the one that the configuration names, if it is one of Python's */
  readonly framework?: string
  /** of the lock, if there is one */
  readonly locked?: ReadonlyMap<string, string>
}

/**
 * The rows of `detection.md` 2.3, first hit wins: Procfile, langgraph.json, Reflex, ADK, the project's script, Django, applications,
 * programs of other frameworks, main guards, file names. What is found by code wins against a script that does not say that it serves.
 */
export function chooseEntry(from: Beginnings): Choice {
  const { tree, files, scripts, procfile } = from
  if (procfile.program) return only({ ...procfile.program, file: procfile.file ?? '' })
  const graphs = langgraphJson(tree, files, from.declared)
  if (graphs) return only(graphs)
  const reflex = reflexOf(from)
  if (reflex) return only(reflex)
  const { apps, programs, django } = codeEntries(tree, files)
  const adk = apps.some(({ app }) => app?.framework.name === 'google-adk') ? undefined : adkOf(tree, files)
  if (adk) return only(adk, [...adk.lost.map(({ file }) => adkEntry(file)), ...apps])
  const found = [...django, ...(django.length > 0 ? [] : apps), ...(django.length + apps.length > 0 ? [] : programs)]
  const script = scripts.chosen && scriptWins(files, scripts.chosen, found) ? scriptEntry(files, scripts.chosen) : undefined
  if (script) return only(script, ordered(found))
  const guards = found.length > 0 ? [] : guardEntries(files)
  const choice = found.length + guards.length > 0 ? pick([...found, ...guards]) : nameEntries(files)
  const others = [...(django.length > 0 ? apps : []), ...(django.length + apps.length > 0 ? ordered(programs) : [])]
  return withScripts(choice, files, scripts, others)
}

function only(entry: Entry, lost: readonly Entry[] = []): Choice {
  return { kind: 'one', entry, lost: lost.filter(({ file }) => file !== entry.file) }
}

function adkEntry(file: string): Entry {
  return { file, evidence: { rule: 'python.start.google-adk', file, says: 'root_agent is an agent of Google ADK' } }
}

/** Scripts that lost, or that are as likely as several others. */
function withScripts(choice: Choice, files: PythonFiles, { chosen, all }: ProjectScripts, others: readonly Entry[]): Choice {
  const scripts = (chosen ? [chosen] : all).map((script) => scriptEntry(files, script))
  if (choice.kind === 'one') {
    const more = others.filter(({ file }) => file !== choice.entry.file)
    return { ...choice, lost: [...choice.lost, ...more, ...(chosen ? scripts : [])] }
  }
  const entries = [...scripts, ...(choice.kind === 'several' ? choice.entries : [])]
  return entries.length === 0 ? choice : { kind: 'several', entries }
}

/** A script that starts a program of its file, or of one that this imports, is that program. */
function scriptEntry(files: PythonFiles, script: ProjectScript): Entry {
  const origin = definition(files, script.file, script.attribute)?.file ?? script.file
  const reached = [origin, script.file, ...importsOf(files, origin)]
  const program = firstOf(reached, (file) => programOf(files, file))
  const own = program && (reached.indexOf(program.evidence.file ?? '') < 2 || program.command.argv === asScript) ? program : undefined
  return { file: script.file, script, evidence: script.evidence, ...(own ? { command: own.command } : {}) }
}

const serving = /^(?:uvicorn\.(?:run|Server|Config)|(?:\w+\.)?(?:serve|run_app|run_simple)|(?:app|application|api|server)\.run)$/

/** Nothing else is found, the script starts what is found, or it serves: by its name, or because its file calls a server. */
function scriptWins(files: PythonFiles, { name, file }: ProjectScript, found: readonly Entry[]): boolean {
  if (found.length === 0 || found.every(({ command }) => command?.argv === asScript)) return true
  const { calls, assignments } = files.scan(file)
  return /^(?:start|serve)$/.test(name) || [...calls, ...assignments].some(({ callee }) => serving.test(callee))
}

/** The entry that a file is, whatever its name. */
export function entryOf(files: PythonFiles, file: string, evidence: Evidence): Entry {
  const app = appOf(files, file) ?? reexported(files, file)
  const program = app ? undefined : programOf(files, file)
  return { file, evidence, ...(app ? { app } : {}), ...(program ? { command: program.command } : {}) }
}

interface CodeEntries {
  readonly django: readonly Entry[]
  readonly apps: readonly Entry[]
  /** of the strongest row that has some */
  readonly programs: readonly Entry[]
}

function codeEntries(tree: Tree, files: PythonFiles): CodeEntries {
  const all = appEntries(files)
  const made = files.program.flatMap((file) => {
    const program = all.some((entry) => entry.file === file) ? undefined : programOf(files, file)
    return program ? [{ file, command: program.command, evidence: program.evidence, row: program.row }] : []
  })
  const row = Math.min(...made.map((program) => program.row))
  const programs = made.filter((program) => program.row === row)
  // a bot that starts a page of its own beside, say, is the program, and not the page
  const besides = new Set(programs.flatMap(({ file }) => importsOf(files, file)))
  const apps = all.filter(({ file }) => !besides.has(file))
  const django = djangoOf(tree, files)
  return {
    django: django ? [{ file: django.file, app: django.app, django, evidence: django.evidence }] : [],
    apps: apps.length > 0 || programs.length > 0 ? apps : all,
    programs,
  }
}

function importsOf(files: PythonFiles, from: string): readonly string[] {
  return files.module(from).imports.flatMap(({ module, level, name }) => {
    const modules = [module, ...(name === undefined ? [] : [[module, name].filter(Boolean).join('.')])]
    return modules.flatMap((dotted) => files.resolve(from, dotted, level) ?? [])
  })
}

function appEntries(files: PythonFiles): readonly Entry[] {
  const own = files.program.flatMap((file) => {
    const app = files.mentions(file, frameworkWord) ? appOf(files, file) : undefined
    return app ? [{ file, app, evidence: appEvidence(file, app) }] : []
  })
  if (own.length === 0) return []
  const again = files.program
    .filter((file) => names.includes(stem(file)) && !own.some((entry) => entry.file === file))
    .flatMap((file) => {
      const made = appOf(files, file)
      if (made) return [{ file, app: made, evidence: appEvidence(file, made) }]
      const app = reexported(files, file)
      const says = `${file} imports the application ${app?.name}`
      return app ? [{ file, app, evidence: { rule: 'python.start.re-export', file, line: app.line, says } }] : []
    })
  const all = [...again, ...own]
  const objects = all.filter(({ app }) => !app.factory)
  return objects.length > 0 ? objects : all
}

/** The application that a file imports from another file of the source. */
function reexported(files: PythonFiles, file: string): AppObject | undefined {
  for (const { module, name, local, level, line } of files.module(file).imports) {
    const target = name === undefined ? undefined : files.resolve(file, module, level)
    const app = target === undefined || target === file ? undefined : appOf(files, target)
    if (app && !app.factory && (name === app.name || name === '*')) return { ...app, name: name === '*' ? app.name : local, line }
  }
  return undefined
}

function appEvidence(file: string, { framework, name, factory, line }: AppObject): Evidence {
  const says = factory ? `${name}() makes the ${framework.className} application` : `${name} = ${framework.className}(...)`
  return { rule: `python.start.${framework.name}`, file, line, says }
}

function guardEntries(files: PythonFiles): Entry[] {
  const guarded = files.program.flatMap((file) => {
    const line = file.endsWith('__main__.py') ? 1 : files.mentions(file, /__main__/) ? files.scan(file).mainGuard : undefined
    const says = file.endsWith('__main__.py') ? 'the package can be run' : 'if __name__ == "__main__"'
    return line === undefined ? [] : [{ file, evidence: { rule: 'python.start.main', file, line, says } }]
  })
  // a file that others import and that can run by itself is a library with a self-test
  const roots = guarded.filter(({ file }) => !files.imported.has(file))
  return roots.length > 0 ? roots : guarded
}

function nameEntries(files: PythonFiles): Choice {
  const top = files.program.filter((file) => !file.includes('/') && file !== '__init__.py' && file !== 'rxconfig.py')
  if (top.length === 1) return { kind: 'one', entry: named(top[0]!, 'the only Python file at the top'), lost: [] }
  const known = files.program.filter((file) => names.includes(stem(file)) && rank(file).place < places.length + 1)
  if (known.length > 0) return pick(known.map((file) => named(file, `a usual name for the program`)))
  const roots = top.filter((file) => !files.imported.has(file))
  if (roots.length === 1) return { kind: 'one', entry: named(roots[0]!, 'no other file imports it'), lost: [] }
  const likely = roots.length > 0 ? roots : top
  return likely.length === 0
    ? { kind: 'none' }
    : { kind: 'several', entries: likely.map((file) => named(file, 'a Python file at the top')) }
}

function named(file: string, says: string): Entry {
  return { file, byName: true, evidence: { rule: 'python.start.name', file, says } }
}

/** The best by place and name; a tie of unusual names is for people to decide. */
function pick(entries: readonly Entry[]): Choice {
  const [best, ...lost] = ordered(entries)
  if (!best) return { kind: 'none' }
  const clear = lost.length === 0 || (rank(best.file).name < names.length && !sameRank(best.file, lost[0]!.file))
  return clear ? { kind: 'one', entry: best, lost } : { kind: 'several', entries: [best, ...lost] }
}

function ordered(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((a, b) => compare(a.file, b.file))
}

function sameRank(a: string, b: string): boolean {
  return rank(a).name === rank(b).name && rank(a).place === rank(b).place
}

function compare(a: string, b: string): number {
  const [one, other] = [rank(a), rank(b)]
  return (
    Number(one.name === names.length) - Number(other.name === names.length) ||
    one.place - other.place ||
    one.name - other.name ||
    byText(a, b)
  )
}

function rank(file: string): { place: number; name: number } {
  const directory = file.split('/').slice(0, -1).join('/')
  const place = places.indexOf(directory)
  const name = names.indexOf(stem(file))
  return { place: place === -1 ? places.length + directory.split('/').length - 1 : place, name: name === -1 ? names.length : name }
}

/** The name that counts: `app` for `app.py` and for `app/__init__.py`. */
function stem(file: string): string {
  const parts = file.split('/')
  const last = parts.at(-1)!.replace(/\.py$/, '')
  return (last === '__init__' || last === '__main__') && parts.length > 1 ? parts.at(-2)! : last
}
