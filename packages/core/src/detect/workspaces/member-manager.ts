import { shown } from '../../failure/error.ts'
import type { Config } from '../../plan/config.ts'
import type { Evidence, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { chooseNodeManager, type NodeManagerChoice } from '../node/manager.ts'
import { wantedManager } from '../node/lifecycle.ts'
import { readPackageJson, type PackageJson } from '../node/package-json.ts'
import { textAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import type { Member } from './workspace.ts'

/**
 * The manager of a workspace, for one member. The root's package.json and lock say it; what the member's package.json names counts
 * where the root's names none and neither a lock nor a file of another manager is there.
 */
export function managerFor(tree: Tree, root: PackageJson, { directory }: Member, config: Config): NodeManagerChoice {
  const chosen = chooseNodeManager(tree, root, config)
  const member = readPackageJson(tree, `${directory}/package.json`)!
  const field = namedBy(member)
  if (field === undefined || chosen.install === undefined) return chosen
  const evidence = evidenceOf(member, `${directory}/package.json`, field)
  const free = config.packageManager === undefined && namedBy(root) === undefined
  if (free && (field.name === chosen.install.manager || isGuessed(tree, chosen.install)))
    return asNamed(chooseNodeManager(tree, withField(root, member), config), evidence)
  if (field.name === chosen.install.manager) return chosen
  return {
    ...chosen,
    others: [...chosen.others, { value: field.name, evidence }],
    notices: [...chosen.notices, notice(chosen.install, field, evidence)],
  }
}

/** Neither a lock nor a file of a manager is there: npm for want of another, or what `engines` asks for. An empty yarn.lock is one. */
function isGuessed(tree: Tree, { evidence }: Install): boolean {
  return ['node.manager.default', 'node.manager.field'].includes(evidence.rule) && !tree.has('yarn.lock')
}

interface Field {
  readonly name: string
  readonly field: 'packageManager' | 'devEngines'
}

function namedBy(manifest: PackageJson): Field | undefined {
  const own = /^(npm|pnpm|yarn|bun)@/.exec(manifest.text('packageManager') ?? '')?.[1]
  const wanted = own ?? wantedManager(manifest).name
  if (wanted === undefined || !['npm', 'pnpm', 'yarn', 'bun'].includes(wanted)) return undefined
  return { name: wanted, field: own === undefined ? 'devEngines' : 'packageManager' }
}

function evidenceOf(manifest: PackageJson, file: string, { name, field }: Field): Evidence {
  return { rule: 'node.manager.field', file, line: manifest.line(field), says: `${field} of the member names ${name}` }
}

/** The root's manifest with the member's word for the manager. */
function withField(root: PackageJson, { value: member }: PackageJson): PackageJson {
  const { packageManager, devEngines } = member
  const value = {
    ...root.value,
    ...(packageManager === undefined ? {} : { packageManager }),
    ...(devEngines === undefined ? {} : { devEngines }),
  }
  return { ...root, value, text: (...at) => textAt(value, ...at) }
}

/** A lock that says the same is the stronger evidence. */
function asNamed(choice: NodeManagerChoice, evidence: Evidence): NodeManagerChoice {
  const { install } = choice
  return install?.evidence.rule === 'node.manager.field' || install?.evidence.rule === 'node.manager.default'
    ? { ...choice, install: { ...install, evidence } }
    : choice
}

function notice({ manager, evidence: why }: Install, { name, field }: Field, { file = '', line = 1 }: Evidence): Notice {
  const message = `${field} of ${shown(file)} names ${name}, but ${manager} installs the workspace: ${why.says}.`
  return { code: 'manager_not_used', message, file, line }
}
