import { BuildError, shown } from '../../failure/error.ts'
import type { DeclaredDependency, Evidence } from '../detection.ts'
import { tomlLine, tomlLines } from '../places.ts'
import { listAt, tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { normalName, parseRequirement, type Requirement } from './requirement.ts'

/** Everything `[project]` and `[dependency-groups]` declare, by group. Throws `invalid_manifest` with the line. */
export function projectGroups(tree: Tree, pyproject: Table, file = 'pyproject.toml'): DeclaredDependency[] {
  const optional = tableAt(pyproject, 'project', 'optional-dependencies')
  const groups = tableAt(pyproject, 'dependency-groups')
  return [
    ...listed(tree, { file, list: listAt(pyproject, 'project', 'dependencies'), table: 'project', key: 'dependencies', group: 'default' }),
    ...Object.keys(optional).flatMap((key) =>
      listed(tree, { file, list: listAt(optional, key), table: 'project.optional-dependencies', key, group: key }),
    ),
    ...Object.keys(groups).flatMap((key) => listed(tree, { file, list: listAt(groups, key), table: 'dependency-groups', key, group: key })),
  ]
}

/** What `[tool.poetry]` declares, by group. */
export function poetryGroups(tree: Tree, pyproject: Table, file = 'pyproject.toml'): DeclaredDependency[] {
  const place = { tree, file }
  const groups = tableAt(pyproject, 'tool', 'poetry', 'group')
  return [
    ...poetryTable(place, tableAt(pyproject, 'tool', 'poetry', 'dependencies'), 'tool.poetry.dependencies', 'default'),
    ...poetryTable(place, tableAt(pyproject, 'tool', 'poetry', 'dev-dependencies'), 'tool.poetry.dev-dependencies', 'dev'),
    ...Object.keys(groups).flatMap((name) =>
      poetryTable(
        place,
        tableAt(groups, name, 'dependencies'),
        `tool.poetry.group.${name}.dependencies`,
        name === 'main' ? 'default' : name,
      ),
    ),
  ]
}

interface Listing {
  readonly file: string
  readonly list: readonly unknown[]
  readonly table: string
  readonly key: string
  readonly group: string
}

function listed(tree: Tree, { file, list, table, key, group }: Listing): DeclaredDependency[] {
  // an entry may include another group: `{ include-group = "test" }`
  return list
    .filter((text) => typeof text === 'string')
    .map((text) => {
      const line = tomlLine(tree.manifest(file), table, key, text)
      const requirement = parseRequirement(text)
      if (!requirement)
        throw new BuildError('invalid_manifest', `${file}:${line ?? 1}: "${shown(text)}" is not a requirement`, { data: { file, line } })
      return declared(requirement, group, { rule: 'python.dependency.project', file, ...(line ? { line } : {}), says: shown(text, 200) })
    })
}

/** A requirement as a Dependency. */
export function declared(requirement: Requirement, group: string, evidence: Evidence): DeclaredDependency {
  return {
    origin: 'declared',
    ecosystem: 'pypi',
    name: requirement.name,
    ...(requirement.extras.length > 0 ? { extras: requirement.extras } : {}),
    specifier: requirement.url === undefined ? requirement.specifier : `@ ${requirement.url}`,
    group,
    evidence,
  }
}

function poetryTable({ tree, file }: { tree: Tree; file: string }, table: Table, at: string, group: string): DeclaredDependency[] {
  const lines = tomlLines(tree.manifest(file), at)
  return Object.keys(table)
    .filter((name) => name !== 'python')
    .map((name) => {
      const line = lines.get(name)
      const specifier =
        textAt(table, name) ?? textAt(table, name, 'version') ?? textAt(table, name, 'git') ?? textAt(table, name, 'path') ?? '*'
      const extras = listAt(table, name, 'extras').filter((extra) => typeof extra === 'string')
      return {
        origin: 'declared',
        ecosystem: 'pypi',
        name: normalName(name),
        ...(extras.length > 0 ? { extras } : {}),
        specifier: specifier === '*' ? '' : specifier,
        group,
        evidence: { rule: 'python.dependency.poetry', file, ...(line ? { line } : {}), says: shown(`${name} = ${specifier}`, 200) },
      }
    })
}
