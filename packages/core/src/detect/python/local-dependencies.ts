import type { DeclaredDependency, Evidence, Notice } from '../detection.ts'
import { shown } from '../../failure/error.ts'
import { listAt, readToml, tableAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { declared, poetryGroups, projectGroups } from './project-dependencies.ts'
import { readSetupConfig } from './setup-cfg.ts'
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
  const script = ofSetup(tree, `${place}setup.py`, extras)
  const config = ofSetupConfig(tree, `${place}setup.cfg`, extras)
  // a setup.py that only calls setup() leaves it to setup.cfg
  return {
    dependencies: [...own, ...script.dependencies, ...config.dependencies],
    notices: [...(config.dependencies.length > 0 ? [] : script.notices), ...config.notices],
  }
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

function ofSetupConfig(tree: Tree, file: string, extras: readonly string[]): LocalDependencies {
  const { requirements, odd } = readSetupConfig(tree, file, extras)
  const message = `${shown(file)} says what it needs in a way that Kiln does not read. What it brings is not known.`
  return {
    dependencies: requirements.map(({ requirement, text, line }) =>
      declared(requirement, 'default', { rule: 'python.dependency.setup', file, line, says: shown(text, 200) }),
    ),
    notices: odd === undefined ? [] : [{ code: 'manifest_not_read', message, file, line: odd }],
  }
}
