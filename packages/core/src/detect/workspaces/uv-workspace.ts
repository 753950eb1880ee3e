import { joined } from '../paths.ts'
import { normalName } from '../python/requirement.ts'
import { projectGroups } from '../python/project-dependencies.ts'
import { listAt, readToml, tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { matchingDirectories, mostMembers } from './member-globs.ts'
import type { Member, Workspace } from './workspace.ts'

/** The workspace of uv whose root a tree is. */
export function uvWorkspace(tree: Tree): Workspace | undefined {
  if (!(tree.text('pyproject.toml') ?? '').includes('workspace')) return undefined
  const said = tableAt(readToml(tree, 'pyproject.toml'), 'tool', 'uv', 'workspace')
  if (!('members' in said)) return undefined
  const patterns = [...texts(said['members']), ...texts(said['exclude']).map((path) => `!${path}`)]
  const directories = tree.files.filter((path) => path.endsWith('/pyproject.toml')).map((path) => path.slice(0, -'/pyproject.toml'.length))
  const members = matchingDirectories(patterns, directories)
    .slice(0, mostMembers)
    .flatMap((directory) => memberAt(tree, directory))
  if (members.length === 0) return undefined
  const evidence = {
    rule: 'workspace.uv',
    file: tree.inSource('pyproject.toml'),
    line: lineOf(tree),
    says: 'tool.uv.workspace lists the members',
  }
  return { kind: 'uv', root: tree.unit, tree, members, evidence }
}

function lineOf(tree: Tree): number {
  const at = tree
    .manifest('pyproject.toml')
    .split('\n')
    .findIndex((line) => line.trim() === '[tool.uv.workspace]')
  return Math.max(at, 0) + 1
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** One that cannot be read is none: it may be nobody's business. */
function memberAt(tree: Tree, directory: string): Member[] {
  try {
    const file = `${directory}/pyproject.toml`
    const pyproject = readToml(tree, file)!
    return [
      {
        directory,
        name: normalName(textAt(pyproject, 'project', 'name') ?? ''),
        version: textAt(pyproject, 'project', 'version') ?? '',
        dependencies: projectGroups(tree, pyproject, file),
        paths: localPaths(pyproject, directory),
        starts: Object.keys(tableAt(pyproject, 'project', 'scripts')).length > 0,
      },
    ]
  } catch {
    return []
  }
}

function localPaths(pyproject: Table, directory: string): string[] {
  const sources = Object.values(tableAt(pyproject, 'tool', 'uv', 'sources')).flatMap((one) => (Array.isArray(one) ? one : [one]))
  return sources.flatMap((source) => {
    const path = textAt(source, 'path')
    const found = path === undefined ? undefined : joined(directory.split('/'), path)
    return found === undefined || found === '' ? [] : [found]
  })
}

/** Whether a member is installed: one without a build system is a directory that others import from. */
export function isPackage(tree: Tree, directory: string): boolean {
  const pyproject = readToml(tree, `${directory}/pyproject.toml`)
  const said = tableAt(pyproject, 'tool', 'uv')['package']
  return typeof said === 'boolean' ? said : listAt(pyproject, 'build-system', 'requires').length > 0 || 'build-system' in (pyproject ?? {})
}
