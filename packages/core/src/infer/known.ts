import { decodeFronted } from './tables/fronted.ts'
import { npmNames } from './tables/npm-names.ts'
import { pypiNames } from './tables/pypi-names.ts'

/** The names of one registry that are known to stand for an established package: an exact list, no filter with false hits. */
export interface KnownNames {
  readonly has: (name: string) => boolean
  /** The one name that begins with `prefix` and goes on like `rest`, `-`, `_` and `.` left aside. */
  readonly squashed: (prefix: string, rest: string) => string | undefined
  readonly all: readonly string[]
}

/** Names on PyPI, normalised; decoded once, on first use. */
export function knownPypi(): KnownNames {
  return (pypi ??= known(pypiNames))
}

/** Names on npm; decoded once, on first use. */
export function knownNpm(): KnownNames {
  return (npm ??= known(npmNames))
}

let pypi: KnownNames | undefined
let npm: KnownNames | undefined

/** Makes the look-up of an encoded list. */
function known(encoded: string): KnownNames {
  const all = decodeFronted(encoded)
  const names = new Set(all)
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
