import { pythonTables } from './python-tables.ts'
import { decodeFronted } from './tables/fronted.ts'
import { npmTable } from './npm-table.ts'
import { pypiNames } from './tables/pypi-names.ts'

/** The names of one registry that are known to stand for an established package: an exact list, no filter with false hits. */
export interface KnownNames {
  readonly has: (name: string) => boolean
  /** The one name that begins with `prefix` and goes on like `rest`, `-`, `_` and `.` left aside. */
  readonly squashed: (prefix: string, rest: string) => string | undefined
  readonly all: readonly string[]
}

/** Names on PyPI, normalised: the list, and what the table of imports gives; decoded once, on first use. */
export function knownPypi(): KnownNames {
  return (pypi ??= knownNames([...decodeFronted(pypiNames), ...pythonTables().names]))
}

/** Names on npm; decoded once, on first use. */
export function knownNpm(): KnownNames {
  return (npm ??= knownNames(npmTable()))
}

let pypi: KnownNames | undefined
let npm: KnownNames | undefined

/** Makes the look-up of a list, sorted and each name once. */
export function knownNames(listed: readonly string[]): KnownNames {
  const names = new Set([...listed].sort((a, b) => (a < b ? -1 : 1)))
  const all = [...names]
  const byPrefix = new Map<string, Map<string, string>>()
  const under = (prefix: string): Map<string, string> => {
    const found =
      byPrefix.get(prefix) ??
      new Map(all.filter((name) => name.startsWith(prefix)).map((name) => [squash(name.slice(prefix.length)), name]))
    byPrefix.set(prefix, found)
    return found
  }
  return { all, has: (name) => names.has(name), squashed: (prefix, rest) => under(prefix).get(squash(rest)) }
}

/** PEP 503: lower case, runs of `-`, `_` and `.` as one `-`. */
export function normalised(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '')
}
