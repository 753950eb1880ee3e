import type { Evidence } from '../detection.ts'
import { byText, type Tree } from '../tree.ts'
import { appOf, frameworkWord, type AppObject } from './frameworks.ts'
import type { ProjectScript, ProjectScripts } from './project-scripts.ts'
import type { PythonFiles } from './scans.ts'

/** A file that may be the program. */
export interface Entry {
  readonly file: string
  readonly app?: AppObject
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

const names = ['main', 'app', 'server', 'start', 'api', 'bot', 'agent', 'run', 'hello', 'index', 'wsgi', 'asgi']
const places = ['', 'src', 'app', 'api']

/**
 * Rules 4, 6, 7, 13 and 14 of `detection.md` 2.3, first hit wins: the project's script, applications, main guards, file names.
 * An application wins against a script that does not say that it serves.
 */
export function chooseEntry(tree: Tree, files: PythonFiles, { chosen, all }: ProjectScripts): Choice {
  const apps = appEntries(tree, files)
  if (chosen && (apps.length === 0 || serves(files, chosen))) return { kind: 'one', entry: scriptEntry(chosen), lost: ordered(apps) }
  const guards = apps.length > 0 ? [] : guardEntries(files)
  const choice = apps.length + guards.length > 0 ? pick([...apps, ...guards]) : nameEntries(files)
  const scripts = (chosen ? [chosen] : all).map(scriptEntry)
  if (choice.kind === 'one') return chosen ? { ...choice, lost: [...choice.lost, ...scripts] } : choice
  const entries = [...scripts, ...(choice.kind === 'several' ? choice.entries : [])]
  return entries.length === 0 ? choice : { kind: 'several', entries }
}

function scriptEntry(script: ProjectScript): Entry {
  return { file: script.file, script, evidence: script.evidence }
}

const serving = /^(?:uvicorn\.(?:run|Server|Config)|(?:\w+\.)?(?:serve|run_app|run_simple)|(?:app|application|api|server)\.run)$/

/** The script starts the server: by its name, or because its file calls one. */
function serves(files: PythonFiles, { name, file }: ProjectScript): boolean {
  const { calls, assignments } = files.scan(file)
  return /^(?:start|serve)$/.test(name) || [...calls, ...assignments].some(({ callee }) => serving.test(callee))
}

/** The entry that a file is, whatever its name. */
export function entryOf(tree: Tree, files: PythonFiles, file: string, evidence: Evidence): Entry {
  const app = appOf(files.scan(file), tree.text(file) ?? '') ?? reexported(tree, files, file)
  return { file, evidence, ...(app ? { app } : {}) }
}

function appEntries(tree: Tree, files: PythonFiles): Entry[] {
  const own = files.program.flatMap((file) => {
    if (!files.mentions(file, frameworkWord)) return []
    const app = appOf(files.scan(file), tree.text(file) ?? '')
    return app ? [{ file, app, evidence: appEvidence(file, app) }] : []
  })
  if (own.length === 0) return []
  const again = files.program
    .filter((file) => names.includes(stem(file)) && !own.some((entry) => entry.file === file))
    .flatMap((file) => {
      const app = reexported(tree, files, file)
      const evidence = {
        rule: 'python.start.re-export',
        file,
        ...(app ? { line: app.line } : {}),
        says: `${file} imports the application ${app?.name}`,
      }
      return app ? [{ file, app, evidence }] : []
    })
  return [...again, ...own]
}

/** The application that a file imports from another file of the source. */
function reexported(tree: Tree, files: PythonFiles, file: string): AppObject | undefined {
  for (const { module, names: imported, level, line } of files.scan(file).imports) {
    const target = imported.length > 0 ? files.resolve(file, module, level) : undefined
    const app = target === undefined || target === file ? undefined : appOf(files.scan(target), tree.text(target) ?? '')
    if (app && imported.includes(app.name) && !app.factory) return { ...app, line }
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
  const top = files.program.filter((file) => !file.includes('/') && file !== '__init__.py')
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
