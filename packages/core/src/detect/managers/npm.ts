import { BuildError, shown } from '../../failure/error.ts'
import type { Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { lifecycleOf } from '../node/lifecycle.ts'
import type { PackageJson } from '../node/package-json.ts'
import { tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

export const npmLocks: readonly string[] = ['npm-shrinkwrap.json', 'package-lock.json']

/** npm, with its lock if there is one. Throws `invalid_manifest` for a lock that is none. */
export function npm(tree: Tree, manifest: PackageJson): Install {
  const lock = npmLocks.find((path) => tree.has(path))
  const locked = lockedVersions(tree)
  return {
    manager: 'npm',
    evidence:
      lock === undefined
        ? { rule: 'node.manager.default', file: 'package.json', line: 1, says: 'no lock file says otherwise' }
        : { rule: 'node.manager.npm-lock', file: lock, line: 1, says: `${lock} fixes the versions` },
    ...nodeInstall(tree, manifest, ['package.json', ...(lock === undefined ? [] : [lock]), '.npmrc']),
    ...(locked ? { locked } : {}),
    notices: lock === undefined ? [noLock(manifest, 'npm')] : [],
  }
}

type Common = 'manifests' | 'generated' | 'dependencies' | 'wholeSource' | 'without' | 'runsScripts' | 'git'

/** What is the same for all managers of Node; of `manifests` those that are there. */
export function nodeInstall(tree: Tree, manifest: PackageJson, manifests: readonly string[]): Pick<Install, Common> {
  const { without, wholeSource, runsScripts, manifests: more } = lifecycleOf(tree, manifest)
  return {
    manifests: [...new Set([...manifests.filter((path) => tree.has(path)), ...more])],
    generated: [],
    dependencies: manifest.dependencies,
    ...(wholeSource ? { wholeSource } : {}),
    ...(without.length > 0 ? { without } : {}),
    ...(runsScripts ? { runsScripts } : {}),
    git: fetchesGit(manifest),
  }
}

function lockedVersions(tree: Tree): ReadonlyMap<string, string> | undefined {
  const lock = npmLock(tree)
  if (lock === undefined) return undefined
  const packages = Object.entries(tableAt(lock, 'packages')).map(
    ([at, one]) => [at.slice(at.lastIndexOf('node_modules/') + 13), textAt(one, 'version') ?? ''] as const,
  )
  const old = Object.entries(tableAt(lock, 'dependencies')).map(([name, one]) => [name, textAt(one, 'version') ?? ''] as const)
  return new Map([...old, ...packages].filter(([name]) => name !== ''))
}

const locks = new WeakMap<Tree, Table>()

/** npm's lock, which several rules ask, if there is one. Throws `invalid_manifest`. */
export function npmLock(tree: Tree): Table | undefined {
  const path = npmLocks.find((one) => tree.has(one))
  if (path === undefined) return undefined
  const lock = locks.get(tree) ?? parsed(tree, path)
  locks.set(tree, lock)
  return lock
}

// Only the line of trouble is of interest, and a lock may be megabytes: no places are kept.
function parsed(tree: Tree, path: string): Table {
  const text = tree.manifest(path)
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Table
  } catch (cause) {
    const conflict = conflictLine(text)
    const line = conflict ?? Number(/\(line (\d+)/.exec(String(cause))?.[1] ?? text.trimEnd().split('\n').length)
    const why = conflict === undefined ? 'is not valid JSON' : 'has an unresolved merge conflict'
    throw new BuildError('invalid_manifest', `${shown(path)}:${line} ${why}`, { data: { file: path, line }, cause })
  }
}

function conflictLine(text: string): number | undefined {
  const conflict = /^(?:<{7}|={7}|>{7})/m.exec(text)
  return conflict ? text.slice(0, conflict.index).split('\n').length : undefined
}

/** The text of a lock that is no JSON. Throws `invalid_manifest` for one with a merge conflict. */
export function lockText(tree: Tree, path: string): string {
  const text = tree.manifest(path)
  const line = conflictLine(text)
  if (line === undefined) return text
  throw new BuildError('invalid_manifest', `${shown(path)}:${line} has an unresolved merge conflict`, { data: { file: path, line } })
}

function fetchesGit(manifest: PackageJson): boolean {
  return manifest.dependencies.some(({ specifier }) =>
    /^(?:git[+:]|github:|gitlab:|bitbucket:)|^[\w-]+\/[\w.-]+(?:#.*)?$|\.git(?:#.*)?$/.test(specifier),
  )
}

export function noLock(manifest: PackageJson, manager: 'npm' | 'pnpm' | 'yarn' | 'bun'): Notice {
  const message = `No lock file: the same source may install other versions later. \`${manager} install\` makes one.`
  return { code: 'no_lock', message, file: 'package.json', line: manifest.line('dependencies') }
}
