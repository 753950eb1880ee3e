import { BuildError } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { npm, npmLocks } from '../managers/npm.ts'
import { pnpm } from '../managers/pnpm.ts'
import { textAt, valueAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
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
  const manager = config.packageManager ?? named(manifest) ?? present[0]?.manager ?? 'npm'
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

function named(manifest: PackageJson): string | undefined {
  const said = valueAt(manifest.value, 'devEngines', 'packageManager')
  const wanted = textAt(Array.isArray(said) ? said[0] : said, 'name')
  return /^(npm|pnpm|yarn|bun)@/.exec(manifest.text('packageManager') ?? '')?.[1] ?? wanted
}

function read(tree: Tree, manifest: PackageJson, manager: string): Install {
  if (manager === 'npm') return npm(tree, manifest)
  if (manager === 'pnpm') return pnpm(tree, manifest)
  const file = locks.find((lock) => lock.manager === manager && tree.has(lock.file))?.file ?? 'package.json'
  throw new BuildError('unsupported_project', `${file} asks for ${manager}, which Kiln does not plan yet`, {
    hint: 'Set "packageManager" to "npm" in kiln.json to install without that lock, or add a Dockerfile.',
    data: { file, fix: { packageManager: 'npm' } },
  })
}

function lostNotices(manager: string, lost: readonly { manager: string; file: string }[]): Notice[] {
  const first = lost[0]
  if (!first) return []
  const message = `${lost.map(({ file }) => file).join(' and ')} ${lost.length > 1 ? 'are' : 'is'} not used: ${manager} installs. Remove what is stale.`
  return [{ code: 'several_locks', message, file: first.file }]
}
