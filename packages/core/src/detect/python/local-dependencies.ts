import type { DeclaredDependency, Evidence, Notice } from '../detection.ts'
import { shown } from '../../failure/error.ts'
import { listAt, readToml, tableAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { declared, poetryGroups, projectGroups } from './project-dependencies.ts'
import { setupRequirements } from './setup-py.ts'

export interface LocalDependencies {
  readonly dependencies: readonly DeclaredDependency[]
  readonly notices: readonly Notice[]
}

/** What the project in a directory of the unit needs by default, with the named extras: of its pyproject.toml, else of its setup.py. */
export function localDependencies(tree: Tree, directory: string, extras: readonly string[]): LocalDependencies {
  const place = directory === '' ? '' : `${directory}/`
  const pyproject = readToml(tree, `${place}pyproject.toml`)
  const own = pyproject ? ofProject(tree, pyproject, `${place}pyproject.toml`, extras) : []
  if (pyproject && saysIt(pyproject)) return { dependencies: own, notices: [] }
  const { dependencies, notices } = ofSetup(tree, `${place}setup.py`, extras)
  return { dependencies: [...own, ...dependencies], notices: [...notices, ...ofSetupConfig(tree, `${place}setup.cfg`)] }
}

function ofSetup(tree: Tree, file: string, extras: readonly string[]): LocalDependencies {
  if (!tree.has(file)) return { dependencies: [], notices: [] }
  const { requirements, notices } = setupRequirements(tree, file, extras)
  const evidence = (text: string, line: number): Evidence => ({ rule: 'python.dependency.setup', file, line, says: shown(text, 200) })
  return {
    dependencies: requirements.map(({ requirement, text, line }) => declared(requirement, 'default', evidence(text, line))),
    notices,
  }
}

/** A pyproject.toml that only names the build tool, or leaves the packages to it, does not. */
function saysIt(pyproject: Table): boolean {
  if (Object.keys(tableAt(pyproject, 'tool', 'poetry')).length > 0) return true
  return Object.keys(tableAt(pyproject, 'project')).length > 0 && !listAt(pyproject, 'project', 'dynamic').includes('dependencies')
}

function ofProject(tree: Tree, pyproject: Table, file: string, extras: readonly string[]): readonly DeclaredDependency[] {
  return [...projectGroups(tree, pyproject, file), ...poetryGroups(tree, pyproject, file)]
    .filter(({ group, evidence }) => group === 'default' || (extras.includes(group) && evidence.rule === 'python.dependency.project'))
    .map((one) => ({ ...one, group: 'default' }))
}

function ofSetupConfig(tree: Tree, file: string): readonly Notice[] {
  const lines = (tree.text(file) ?? '').split('\n')
  const at = lines.findIndex((line) => /^install_requires[ \t]*=/.test(line))
  return at < 0
    ? []
    : [{ code: 'manifest_not_read', message: `${shown(file)} is not read. What it brings is not known.`, file, line: at + 1 }]
}
