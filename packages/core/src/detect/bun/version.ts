import { shown } from '../../failure/error.ts'
import { solveVersion, type Constraint, type SolvedVersion } from '../constraint.ts'
import type { Notice } from '../detection.ts'
import type { PackageJson } from '../node/package-json.ts'
import { lineNotices, pin, ranged, rulesOf, versionFile, wished } from '../release-lines.ts'
import { toolPins } from '../tool-pins.ts'
import type { Tree } from '../tree.ts'

const bun = { name: 'Bun', id: 'bun' }

/** The Bun version: places of the source solved together. */
export function bunVersion(tree: Tree, manifest: PackageJson | undefined, wish: string | undefined): SolvedVersion {
  return solveVersion(rulesOf(bun, tree.edition.bun, tree.edition), [
    ...wished(wish, bun.name),
    ...versionFile(tree, '.bun-version', 'bun.version.file'),
    ...toolPins(tree, 'bun').flatMap(({ text, evidence }) => pin(text, { ...evidence, rule: 'bun.version.tool-pin' })),
    ...(manifest ? [...manager(manifest), ...engine(manifest)] : []),
  ])
}

export function bunVersionNotices(tree: Tree, solved: SolvedVersion): readonly Notice[] {
  return lineNotices(bun, solved, tree.edition.bun)
}

function manager(manifest: PackageJson): Constraint[] {
  const text = /^bun@([^+]+)/.exec(manifest.text('packageManager') ?? '')?.[1]
  if (text === undefined) return []
  const evidence = {
    rule: 'bun.version.package-manager',
    file: 'package.json',
    line: manifest.line('packageManager'),
    says: `packageManager is bun@${shown(text)}`,
  }
  return pin(text, evidence)
}

function engine(manifest: PackageJson): Constraint[] {
  const text = manifest.text('engines', 'bun')
  if (text === undefined) return []
  const evidence = {
    rule: 'bun.version.engines',
    file: 'package.json',
    line: manifest.line('engines', 'bun'),
    says: `engines.bun is ${shown(text)}`,
  }
  return ranged(text, evidence, bun.name)
}
