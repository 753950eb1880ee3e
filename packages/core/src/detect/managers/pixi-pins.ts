import { parse as parseVersion } from '@renovatebot/pep440'
import type { LockedConda, LockedPypi, PixiLock } from '../python/pixi-lock.ts'
import type { PixiItem } from '../python/pixi-manifest.ts'
import { normalName } from '../python/requirement.ts'
import { textAt } from '../toml.ts'
import { isOfPython, knownName, renamedName } from './conda.ts'
import type { LockedPackage } from './locked.ts'

/**
 * What a lock of pixi has, as packages of PyPI; `wishes` are those of the manifest. Without hashes: those of the lock are of conda's
 * files, and of the files for one kind of machine.
 */
export function pinsOf({ conda, pypi }: PixiLock, wishes: readonly PixiItem[]): readonly LockedPackage[] {
  const said = new Map(wishes.map((one) => [normalName(one.name), one.said]))
  return unique([...conda.flatMap(pinned), ...pypi.flatMap((one) => pinnedPypi(one, said.get(normalName(one.name))))])
}

function unique(packages: readonly LockedPackage[]): LockedPackage[] {
  return [...new Map(packages.toReversed().map((one) => [normalName(one.name), one])).values()]
}

function pinned(one: LockedConda): LockedPackage[] {
  const name = nameOnPypi(one)
  return name === undefined ? [] : [{ name, version: one.version, hashes: [] }]
}

/** What a package of the lock is on PyPI: by our table, as the lock says, or by the same name where it was built for a Python. */
export function nameOnPypi({ name, version, pypi, build }: LockedConda): string | undefined {
  if (isOfPython(name) || countsFurther(name) || parseVersion(version) === null) return undefined
  const [first] = pypi ?? []
  if (pypi !== undefined && first === undefined) return undefined
  return renamedName(name) ?? (first === undefined ? (build.startsWith('py') ? knownName(name) : undefined) : normalName(first))
}

/** The same program, but its versions on PyPI have one more number. */
export function countsFurther(name: string): boolean {
  return name === 'opencv' || name === 'py-opencv' || name === 'libopencv'
}

function pinnedPypi({ name, version, from }: LockedPypi, said: unknown): LockedPackage[] {
  const common = { name, hashes: [] }
  if (isItself({ path: from })) return []
  if (/^git\+/.test(from)) return [{ ...common, url: gitAddress(from) }]
  if (!/^https?:/.test(from)) return [{ ...common, path: from }]
  if (textAt(said, 'url') !== undefined) return [{ ...common, url: from }]
  return [{ ...common, ...(version === undefined ? {} : { version }) }]
}

/** `git+https://…?subdirectory=a&rev=b#commit`, as pip has it. */
function gitAddress(from: string): string {
  const [rest = '', commit] = from.split('#')
  const [address = '', query = ''] = rest.split('?')
  const below = new URLSearchParams(query).get('subdirectory')
  return `${address}${commit === undefined ? '' : `@${commit}`}${below === null ? '' : `#subdirectory=${below}`}`
}

/** The project itself, as a package of its own directory. */
export function isItself(said: unknown): boolean {
  return /^\.\/?$/.test(textAt(said, 'path') ?? '-')
}
