import { BuildError } from '../../failure/error.ts'
import type { Evidence } from '../detection.ts'
import type { Install } from '../install.ts'
import { wantedManager } from '../node/lifecycle.ts'
import { managerVersion } from '../node/manager-version.ts'
import type { PackageJson } from '../node/package-json.ts'
import type { Tree } from '../tree.ts'
import { lockText, nodeInstall, noLock } from './npm.ts'

/** pnpm, with its lock if there is one. */
export function pnpm(tree: Tree, manifest: PackageJson): Install {
  const locked = tree.has('pnpm-lock.yaml')
  const own = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', '.pnpmfile.cjs', 'pnpmfile.cjs', '.pnpmfile.mjs']
  return {
    manager: 'pnpm',
    evidence: evidenceOf(tree, manifest),
    ...nodeInstall(tree, manifest, own),
    ...(locked ? { locked: lockedVersions(tree) } : {}),
    toolchain: { name: 'pnpm', version: managerVersion(manifest, 'pnpm', linesOf(tree)) },
    notices: locked ? [] : [noLock(manifest, 'pnpm')],
  }
}

function evidenceOf(tree: Tree, manifest: PackageJson): Evidence {
  const isNamed = manifest.text('packageManager')?.startsWith('pnpm@') || wantedManager(manifest).name === 'pnpm'
  if (tree.has('pnpm-lock.yaml'))
    return { rule: 'node.manager.pnpm-lock', file: 'pnpm-lock.yaml', line: 1, says: 'pnpm-lock.yaml fixes the versions' }
  if (!isNamed && tree.has('pnpm-workspace.yaml'))
    return { rule: 'node.manager.pnpm-workspace', file: 'pnpm-workspace.yaml', line: 1, says: 'pnpm-workspace.yaml is for pnpm alone' }
  return { rule: 'node.manager.field', file: 'package.json', line: manifest.line('packageManager'), says: 'packageManager names pnpm' }
}

/** Release lines that read the lock's format, best first. */
function linesOf(tree: Tree): readonly string[] {
  if (!tree.has('pnpm-lock.yaml')) return newest(['10', '11', '9', '8', '7'], tree)
  const format = /^lockfileVersion:\s*['"]?([\d.]+)/m.exec(lockText(tree, 'pnpm-lock.yaml'))?.[1]
  if (format === undefined)
    throw new BuildError('invalid_manifest', 'pnpm-lock.yaml:1 has no lockfileVersion', { data: { file: 'pnpm-lock.yaml', line: 1 } })
  const formats: Readonly<Record<string, readonly string[]>> = { '5.3': ['6'], '5.4': ['7'], '6.0': ['8'], '6.1': ['8'] }
  return formats[format] ?? newest(['10', '11', '9'], tree)
}

/** The edition's line first, where the lock leaves the choice. */
function newest(lines: readonly string[], { edition }: Tree): readonly string[] {
  return [...new Set([edition.tools.pnpm, ...lines])]
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
