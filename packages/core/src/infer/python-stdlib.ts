import { python2, restored, stdlib } from './tables/python-stdlib.ts'

/** What the standard library says to a top-level module: its own, gone in this version (with what brings it back), of Python 2, or nothing. */
export type Standing =
  | { readonly kind: 'present' }
  | { readonly kind: 'gone'; readonly since: string; readonly package?: string }
  | { readonly kind: 'python2' }

/** Asks the standard library of a version such as `3.11` or `3.11.4`; one outside 3.8 to 3.14 is taken as the nearest. */
export function standardLibrary(version: string): (top: string) => Standing | undefined {
  const minor = Number(/^3\.(\d+)/.exec(version)?.[1] ?? 11)
  const modules = (known ??= read())
  return (top) => {
    // Modules behind the public ones, and those of compiled packages: no package is imported by such a name.
    if (/^_(?!_)/.test(top)) return { kind: 'present' }
    const found = modules.get(top)
    if (found === undefined || found.kind === 'python2') return found
    if (minor < found.from) return undefined
    if (minor < found.until) return { kind: 'present' }
    const brought = restored[top]
    return { kind: 'gone', since: `3.${found.until}`, ...(brought === undefined ? {} : { package: brought }) }
  }
}

type Row = { readonly kind: 'module'; readonly from: number; readonly until: number } | { readonly kind: 'python2' }

let known: ReadonlyMap<string, Row> | undefined

function read(): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>(words(python2).map((name) => [name, { kind: 'python2' }]))
  for (const word of words(stdlib)) {
    const [, name, from, until] = /^(\w+)(?:>=3\.(\d+))?(?:<3\.(\d+))?$/.exec(word)!
    rows.set(name!, { kind: 'module', from: Number(from ?? 0), until: Number(until ?? Infinity) })
  }
  return rows
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
