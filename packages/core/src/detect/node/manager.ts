import type { Config } from '../../plan/config.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { bun } from '../managers/bun.ts'
import { npm, npmLocks } from '../managers/npm.ts'
import { pnpm } from '../managers/pnpm.ts'
import { yarn } from '../managers/yarn.ts'
import type { Tree } from '../tree.ts'
import { engineOf, wantedManager } from './lifecycle.ts'
import type { PackageJson } from './package-json.ts'

export interface NodeManagerChoice {
  readonly install?: Install
  readonly others: readonly { readonly value: string; readonly evidence: Evidence }[]
  readonly notices: readonly Notice[]
}

const locks: readonly { readonly manager: string; readonly file: string }[] = [
  { manager: 'bun', file: 'bun.lock' },
  { manager: 'bun', file: 'bun.lockb' },
  { manager: 'pnpm', file: 'pnpm-lock.yaml' },
  { manager: 'yarn', file: 'yarn.lock' },
  ...npmLocks.map((file) => ({ manager: 'npm', file })),
]

/** Which manager installs, `detection.md` 2.6; none where the package.json declares nothing. */
export function chooseNodeManager(tree: Tree, manifest: PackageJson | undefined, config: Config): NodeManagerChoice {
  if (!manifest || manifest.dependencies.length === 0) return { others: [], notices: [] }
  const present = locks.filter(({ file }) => tree.has(file))
  const manager = config.packageManager ?? named(manifest) ?? present[0]?.manager ?? withoutLock(tree, manifest)
  const install = read(tree, manifest, manager)
  const lost = present.filter((lock) => lock.manager !== manager)
  return {
    install,
    others: lost.map(({ manager: value, file }) => ({
      value,
      evidence: { rule: 'node.manager.other', file, says: `${file} is there too` },
    })),
    notices: [...install.notices, ...lostNotices(manager, lost)],
  }
}

/** The field that names a manager: `packageManager`, then `devEngines`, which both are stronger than locks. */
function named(manifest: PackageJson): string | undefined {
  return /^(npm|pnpm|yarn|bun)@/.exec(manifest.text('packageManager') ?? '')?.[1] ?? known(wantedManager(manifest).name)
}

/** A file that pnpm alone reads, else a manager whose version `engines` asks for. npm comes with Node, so that its version says nothing. */
function withoutLock(tree: Tree, manifest: PackageJson): string {
  if (tree.has('pnpm-workspace.yaml')) return 'pnpm'
  return ['pnpm', 'yarn', 'bun'].find((name) => engineOf(manifest, name) !== undefined) ?? 'npm'
}

function known(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(managers, name) ? name : undefined
}

const managers: Readonly<Record<string, (tree: Tree, manifest: PackageJson) => Install>> = { npm, pnpm, yarn, bun }

function read(tree: Tree, manifest: PackageJson, manager: string): Install {
  return (known(manager) === undefined ? npm : managers[manager]!)(tree, manifest)
}

function lostNotices(manager: string, lost: readonly { manager: string; file: string }[]): Notice[] {
  const first = lost[0]
  if (!first) return []
  const message = `${lost.map(({ file }) => file).join(' and ')} ${lost.length > 1 ? 'are' : 'is'} not used: ${manager} installs. Remove what is stale.`
  return [{ code: 'several_locks', message, file: first.file }]
}
