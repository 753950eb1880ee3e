import { BuildError, shown } from '../../failure/error.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import type { PackageJson } from '../node/package-json.ts'
import { tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

export const npmLocks: readonly string[] = ['package-lock.json', 'npm-shrinkwrap.json']

/** npm, with its lock if there is one. Throws `invalid_manifest` for a lock that is none. */
export function npm(tree: Tree, manifest: PackageJson): Install {
  const lock = npmLocks.find((path) => tree.has(path))
  const locked = lock === undefined ? undefined : lockedVersions(tree, lock)
  const whole = needsSource(manifest)
  return {
    manager: 'npm',
    evidence:
      lock === undefined
        ? { rule: 'node.manager.default', file: 'package.json', line: 1, says: 'no lock file says otherwise' }
        : { rule: 'node.manager.npm-lock', file: lock, line: 1, says: `${lock} fixes the versions` },
    manifests: ['package.json', ...(lock === undefined ? [] : [lock]), ...(tree.has('.npmrc') ? ['.npmrc'] : [])],
    generated: [],
    dependencies: manifest.dependencies,
    ...(locked ? { locked } : {}),
    ...(whole ? { wholeSource: whole } : {}),
    git: fetchesGit(manifest),
    notices: lock === undefined ? [noLock(manifest, 'npm')] : [],
  }
}

function lockedVersions(tree: Tree, path: string): ReadonlyMap<string, string> {
  const lock = parsed(tree, path)
  const packages = Object.entries(tableAt(lock, 'packages')).map(
    ([at, one]) => [at.slice(at.lastIndexOf('node_modules/') + 13), textAt(one, 'version') ?? ''] as const,
  )
  const old = Object.entries(tableAt(lock, 'dependencies')).map(([name, one]) => [name, textAt(one, 'version') ?? ''] as const)
  return new Map([...old, ...packages].filter(([name]) => name !== ''))
}

// Only the line of trouble is of interest, and a lock may be megabytes: no places are kept.
function parsed(tree: Tree, path: string): Table {
  const text = tree.manifest(path)
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Table
  } catch (cause) {
    const conflict = /^(?:<{7}|={7}|>{7})/m.exec(text)
    const line = conflict
      ? text.slice(0, conflict.index).split('\n').length
      : Number(/\(line (\d+)/.exec(String(cause))?.[1] ?? text.trimEnd().split('\n').length)
    const why = conflict ? 'has an unresolved merge conflict' : 'is not valid JSON'
    throw new BuildError('invalid_manifest', `${shown(path)}:${line} ${why}`, { data: { file: path, line }, cause })
  }
}

/** Why an install needs more than the manifests: scripts of the project itself, or packages that are directories of it. */
export function needsSource(manifest: PackageJson): Evidence | undefined {
  const script = ['preinstall', 'install', 'postinstall', 'prepare'].find((name) => manifest.text('scripts', name) !== undefined)
  const place = (line: number, says: string): Evidence => ({ rule: 'node.install.whole-source', file: 'package.json', line, says })
  if (script !== undefined) return place(manifest.line('scripts', script), `the script ${script} runs while installing`)
  const local = manifest.dependencies.find(({ specifier }) => /^(?:file:|link:|\.{1,2}\/)/.test(specifier))
  return local && place(local.evidence.line ?? 1, `${local.name} is a directory of the source`)
}

export function fetchesGit(manifest: PackageJson): boolean {
  return manifest.dependencies.some(({ specifier }) =>
    /^(?:git[+:]|github:|gitlab:|bitbucket:)|^[\w-]+\/[\w.-]+(?:#.*)?$|\.git(?:#.*)?$/.test(specifier),
  )
}

export function noLock(manifest: PackageJson, manager: 'npm' | 'pnpm'): Notice {
  const message = `No lock file: the same source may install other versions later. \`${manager} install\` makes one.`
  return { code: 'no_lock', message, file: 'package.json', line: manifest.line('dependencies') }
}
