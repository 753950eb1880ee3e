import { BuildError } from '../../failure/error.ts'
import { lineOf } from '../places.ts'
import { listAt, tableAt, textAt, valueAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { readBlockYaml } from './block-yaml.ts'

export const pixiLockFile = 'pixi.lock'

export interface PixiLock {
  readonly conda: readonly LockedConda[]
  readonly pypi: readonly LockedPypi[]
  /** where packages of PyPI come from, the first one first */
  readonly indexes: readonly string[]
}

export interface LockedConda {
  readonly name: string
  readonly version: string
  /** `py312h1234567_0` */
  readonly build: string
  /** the packages of PyPI that it is; undefined where the lock does not say */
  readonly pypi?: readonly string[]
}

export interface LockedPypi {
  readonly name: string
  readonly version?: string
  /** an address, or a path of the source */
  readonly from: string
}

/** The lock as far as it is for Linux; `unused` says why it is not. */
export type PixiLockRead = { readonly lock: PixiLock } | { readonly unused: string }

const versions = ['5', '6', '7']
const platform = 'linux-64'

/** What the lock has for the environment `default` on Linux. Throws `invalid_manifest` with the line. Source: https://docs.rs/rattler_lock */
export function readPixiLock(tree: Tree): PixiLockRead | undefined {
  if (!tree.has(pixiLockFile)) return undefined
  const known = read.get(tree)
  if (known) return known
  const found = lockIn(tree)
  read.set(tree, found)
  return found
}

/** Packages and the version of Python are asked for apart, and locks are long. */
const read = new WeakMap<Tree, PixiLockRead>()

/** The release line of Python that the lock is for. */
export function pythonOf(tree: Tree): { readonly line: string; readonly at: number } | undefined {
  const found = readPixiLock(tree)
  const python = found && 'lock' in found ? found.lock.conda.find(({ name }) => name === 'python') : undefined
  if (!python) return undefined
  const text = tree.manifest(pixiLockFile)
  const at = lineOf(text, `/python-${python.version}-`) ?? lineOf(text, `version: ${python.version}`) ?? 1
  return { line: python.version.split('.').slice(0, 2).join('.'), at }
}

function lockIn(tree: Tree): PixiLockRead {
  const whole = readBlockYaml(tree.manifest(pixiLockFile), pixiLockFile)
  const version = textAt(whole, 'version')
  if (version === undefined)
    throw new BuildError('invalid_manifest', `${pixiLockFile} has no version`, { data: { file: pixiLockFile, line: 1 } })
  if (!versions.includes(version)) return { unused: `it is of version ${version.slice(0, 20)}` }
  const environment = tableAt(whole, 'environments', 'default')
  const row = rowOf(whole)
  if (!Array.isArray(valueAt(environment, 'packages', row))) return { unused: `its environment default is not for ${platform}` }
  const byAddress = new Map(listAt(whole, 'packages').map((one) => [addressOf(one), one]))
  const rows = listAt(environment, 'packages', row).map((one) => ({ one, said: byAddress.get(addressOf(one)) }))
  return {
    lock: {
      conda: rows.flatMap(({ one, said }) => condaOf(textAt(one, 'conda'), said)),
      pypi: rows.flatMap(({ one, said }) => pypiOf(textAt(one, 'pypi'), said)),
      indexes: listAt(environment, 'indexes').filter((url) => typeof url === 'string'),
    },
  }
}

/** Since version 7 a platform may have a name of its own. */
function rowOf(whole: unknown): string {
  const rows = listAt(whole, 'platforms').map((one) => ({ name: textAt(one, 'name') ?? '', subdir: textAt(one, 'subdir') }))
  if (rows.length === 0 || rows.some(({ name }) => name === platform)) return platform
  return rows.find(({ subdir }) => subdir === platform)?.name ?? platform
}

/** Version 5 has it in fields of their own. */
function addressOf(one: unknown): string {
  return textAt(one, 'conda') ?? textAt(one, 'pypi') ?? textAt(one, 'url') ?? textAt(one, 'path') ?? ''
}

const purl = /^pkg:pypi\/([A-Za-z0-9][\w.-]{0,100})(?:[@?#].*)?$/

function condaOf(address: string | undefined, said: unknown): LockedConda[] {
  if (address === undefined) return []
  const file = address.slice(address.lastIndexOf('/') + 1)
  const [, named, numbered, built] = /^(.{1,200})-([^-]{1,100})-([^-]{1,100})\.(?:conda|tar\.bz2)$/.exec(file) ?? []
  const name = textAt(said, 'name') ?? named
  const version = textAt(said, 'version') ?? numbered
  if (name === undefined || version === undefined) return []
  const purls = valueAt(said, 'purls')
  const pypi = purls === undefined ? {} : { pypi: listAt(said, 'purls').flatMap((one) => purl.exec(String(one))?.[1] ?? []) }
  return [{ name, version, build: textAt(said, 'build') ?? built ?? '', ...pypi }]
}

function pypiOf(from: string | undefined, said: unknown): LockedPypi[] {
  if (from === undefined) return []
  const version = textAt(said, 'version')
  return [{ name: textAt(said, 'name') ?? '', from, ...(version === undefined ? {} : { version }) }]
}
