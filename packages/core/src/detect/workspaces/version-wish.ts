import type { Config } from '../../plan/config.ts'
import type { Evidence } from '../detection.ts'
import { nodeVersion } from '../node/version.ts'
import { readPackageJson } from '../node/package-json.ts'
import type { Project } from '../project.ts'
import { pythonVersion } from '../python/version.ts'
import { readToml, textAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { inUnit } from '../unit-errors.ts'
import { atSource } from './places.ts'
import type { Workspace } from './workspace.ts'

/** A version that the root of a workspace asks for, in the form of the configuration, and why. */
export interface VersionWish {
  readonly version: string
  readonly evidence: Evidence
}

/** What the root says of the runtime where the member itself says nothing; of a lock what its packages need together. */
export function versionWish({ kind, tree }: Workspace, unit: Tree, config: Config): VersionWish | undefined {
  if (config.runtime?.version !== undefined || kind === 'deno') return undefined
  return kind === 'node' ? ofNode(tree, unit) : (ofPin(tree, unit) ?? ofLock(tree))
}

const pins = ['python.version.file', 'python.version.tool-pin', 'python.version.runtime-txt']

/** A pin of the root, where the member has none: the nearest counts. */
function ofPin(root: Tree, unit: Tree): VersionWish | undefined {
  const own = inUnit(unit, () => pythonVersion(unit, undefined, undefined))
  if (pins.includes(own.version.evidence.rule)) return undefined
  const { value, evidence } = inUnit(root, () => pythonVersion(root, undefined, undefined)).version
  return pins.includes(evidence.rule) ? { version: value, evidence: atSource(evidence, root) } : undefined
}

function ofNode(root: Tree, unit: Tree): VersionWish | undefined {
  const silent = 'node.version.default'
  const own = inUnit(unit, () => nodeVersion(unit, readPackageJson(unit), undefined))
  if (own.version.evidence.rule !== silent) return undefined
  const { version } = inUnit(root, () => nodeVersion(root, readPackageJson(root), undefined))
  return version.evidence.rule === silent ? undefined : { version: version.value, evidence: atSource(version.evidence, root) }
}

function ofLock(root: Tree): VersionWish | undefined {
  const range = textAt(
    inUnit(root, () => readToml(root, 'uv.lock')),
    'requires-python',
  )
  if (range === undefined) return undefined
  return {
    version: range,
    evidence: { rule: 'python.version.uv-lock', file: root.inSource('uv.lock'), says: `the lock is for Python ${range}` },
  }
}

/** The project with the root's evidence where its version is the root's wish. */
export function withEvidence(project: Project, { evidence }: VersionWish): Project {
  const { version } = project.runtime
  const asked = (one: Evidence): Evidence => (one.rule === 'config.runtime.version' ? { ...evidence, says: suffix(one, evidence) } : one)
  const lost = version.lost.map((one) => ({ ...one, evidence: asked(one.evidence) }))
  return { ...project, runtime: { ...project.runtime, version: { ...version, evidence: asked(version.evidence), lost } } }
}

/** Of a range the choice is explained behind a semicolon. */
function suffix(one: Evidence, { says }: Evidence): string {
  const at = one.says.indexOf('; ')
  return at === -1 || says.includes('; ') ? says : says + one.says.slice(at)
}
