import { BuildError, shown } from '../../failure/error.ts'
import type { DeclaredDependency, Evidence } from '../detection.ts'
import { tomlLines, tomlTexts } from '../places.ts'
import { listAt, tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { normalName, parseRequirement, type Requirement } from './requirement.ts'

interface Place {
  readonly tree: Tree
  readonly file: string
}

/** Everything `[project]` and `[dependency-groups]` declare, by group. Throws `invalid_manifest` with the line. */
export function projectGroups(tree: Tree, pyproject: Table, file = 'pyproject.toml'): DeclaredDependency[] {
  const place = { tree, file }
  const dependencies = listAt(pyproject, 'project', 'dependencies')
  return [
    ...listed(place, { dependencies }, 'project', 'default'),
    ...listed(place, tableAt(pyproject, 'project', 'optional-dependencies'), 'project.optional-dependencies'),
    ...listed(place, tableAt(pyproject, 'dependency-groups'), 'dependency-groups'),
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

/** The lists of a table, each of which is a group by its key, unless one is given. */
function listed({ tree, file }: Place, lists: Table, table: string, group?: string): DeclaredDependency[] {
  const lineOf = tomlTexts(tree.text(file) ?? '', table)
  // an entry may include another group: `{ include-group = "test" }`
  const texts = Object.keys(lists).flatMap((key) =>
    listAt(lists, key).flatMap((text) => (typeof text === 'string' ? [{ key, text, line: lineOf(key, text) }] : [])),
  )
  return texts.map(({ key, text, line }) => projectDependency(file, text, line, group ?? key))
}

/** A requirement of `[project]`. Throws `invalid_manifest`. */
export function projectDependency(file: string, text: string, line: number | undefined, group: string): DeclaredDependency {
  const requirement = parseRequirement(text)
  if (!requirement)
    throw new BuildError('invalid_manifest', `${file}:${line ?? 1}: "${shown(text)}" is not a requirement`, { data: { file, line } })
  return declared(requirement, group, { rule: 'python.dependency.project', file, ...(line ? { line } : {}), says: shown(text, 200) })
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

function poetryTable({ tree, file }: Place, table: Table, at: string, group: string): DeclaredDependency[] {
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
