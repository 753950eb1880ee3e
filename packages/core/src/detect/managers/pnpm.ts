import { BuildError } from '../../failure/error.ts'
import type { Install } from '../install.ts'
import type { PackageJson } from '../node/package-json.ts'
import type { Tree } from '../tree.ts'
import { fetchesGit, needsSource, noLock } from './npm.ts'

/** pnpm, with its lock if there is one. */
export function pnpm(tree: Tree, manifest: PackageJson): Install {
  const locked = tree.has('pnpm-lock.yaml')
  const whole = needsSource(manifest)
  const more = ['pnpm-workspace.yaml', '.npmrc', '.pnpmfile.cjs', 'pnpmfile.cjs'].filter((path) => tree.has(path))
  return {
    manager: 'pnpm',
    evidence: locked
      ? { rule: 'node.manager.pnpm-lock', file: 'pnpm-lock.yaml', line: 1, says: 'pnpm-lock.yaml fixes the versions' }
      : { rule: 'node.manager.field', file: 'package.json', line: manifest.line('packageManager'), says: 'packageManager names pnpm' },
    manifests: [
      'package.json',
      ...(locked ? ['pnpm-lock.yaml'] : []),
      ...more,
      ...tree.files.filter((path) => path.startsWith('patches/')),
    ],
    generated: [],
    dependencies: manifest.dependencies,
    ...(locked ? { locked: lockedVersions(tree) } : {}),
    ...(whole ? { wholeSource: whole } : {}),
    git: fetchesGit(manifest),
    toolchain: { name: 'pnpm', version: pnpmVersion(tree, manifest) },
    notices: locked ? [] : [noLock(manifest, 'pnpm')],
  }
}

/** The version that packageManager pins, else the newest that reads the lock's format. */
function pnpmVersion(tree: Tree, manifest: PackageJson): string {
  const pinned = /^pnpm@(\d+\.\d+\.\d+)/.exec(manifest.text('packageManager') ?? '')?.[1]
  if (pinned !== undefined) return pinned
  if (!tree.has('pnpm-lock.yaml')) return '10'
  const format = /^lockfileVersion:\s*['"]?([\d.]+)/m.exec(tree.manifest('pnpm-lock.yaml'))?.[1]
  if (format === undefined)
    throw new BuildError('invalid_manifest', 'pnpm-lock.yaml:1 has no lockfileVersion', { data: { file: 'pnpm-lock.yaml', line: 1 } })
  const formats: Readonly<Record<string, string>> = { '5.3': '6', '5.4': '7', '6.0': '8', '6.1': '8', '9.0': '10' }
  return formats[format] ?? '10'
}

// The names and versions alone, `  '@scope/name@1.2.3':` at the top of `packages:`; a YAML parser takes seconds for a large lock.
function lockedVersions(tree: Tree): ReadonlyMap<string, string> {
  const text = tree.manifest('pnpm-lock.yaml')
  const start = text.indexOf('\npackages:')
  const end = text.indexOf('\nsnapshots:')
  const body = start === -1 ? '' : text.slice(start, end === -1 ? undefined : end)
  const keys = body.matchAll(/^ {2}['"]?\/?((?:@[^/\s]+\/)?[^@/\s]+)[@/]([^(:'"\s]+)/gm)
  return new Map([...keys].map((match) => [match[1]!, match[2]!]))
}
