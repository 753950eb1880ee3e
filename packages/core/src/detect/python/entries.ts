import type { Evidence } from '../detection.ts'
import { byText, type Tree } from '../tree.ts'
import { appOf, type AppObject } from './frameworks.ts'
import type { PythonFiles } from './scans.ts'

/** A file that may be the program. */
export interface Entry {
  readonly file: string
  readonly app?: AppObject
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

/** Rules 6, 7, 13 and 14 of `detection.md` 2.3, first hit wins: applications, main guards, file names. */
export function chooseEntry(tree: Tree, files: PythonFiles): Choice {
  for (const found of [appEntries(tree, files), guardEntries(files)]) if (found.length > 0) return pick(found)
  return nameEntries(files)
}

/** The entry that a file is, whatever its name. */
export function entryOf(tree: Tree, files: PythonFiles, file: string, evidence: Evidence): Entry {
  const app = appOf(files.scan(file), tree.text(file) ?? '') ?? reexported(tree, files, file)
  return { file, evidence, ...(app ? { app } : {}) }
}

function appEntries(tree: Tree, files: PythonFiles): Entry[] {
  const own = files.program.flatMap((file) => {
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
    const line = file.endsWith('__main__.py') ? 1 : files.scan(file).mainGuard
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
  const ordered = entries.toSorted((a, b) => compare(a.file, b.file))
  const [best, ...lost] = ordered
  if (!best) return { kind: 'none' }
  const clear = lost.length === 0 || (rank(best.file).name < names.length && !sameRank(best.file, lost[0]!.file))
  return clear ? { kind: 'one', entry: best, lost } : { kind: 'several', entries: ordered }
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
