import type { DeclaredDependency } from '../detection.ts'
import type { Install } from '../install.ts'
import { projectGroups } from '../python/project-dependencies.ts'
import { listAt, readToml, tableAt, textAt, type Table } from '../toml.ts'
import { byText, type Tree } from '../tree.ts'
import { staleNotices, versionsOf } from './locked.ts'

/** uv from its lock. */
export function uv(tree: Tree, pyproject: Table): Install {
  const lock = readToml(tree, 'uv.lock')
  const packages = listAt(lock, 'package')
  const sources = packages.map((one) => tableAt(one, 'source'))
  const local = sources.some((source) => ['directory', 'path'].some((key) => key in source) || isMember(source))
  const dependencies: readonly DeclaredDependency[] = projectGroups(tree, pyproject)
  const locked = versionsOf(packages.map((one) => ({ name: textAt(one, 'name') ?? '', version: textAt(one, 'version') ?? '' })))
  return {
    manager: 'uv',
    evidence: { rule: 'python.manager.uv-lock', file: 'uv.lock', line: 1, says: 'uv.lock fixes the versions' },
    manifests: ['pyproject.toml', 'uv.lock', ...members(tree)],
    generated: [],
    dependencies,
    locked,
    ...(local
      ? { wholeSource: { rule: 'python.manager.local-source', file: 'uv.lock', says: 'a package of the source itself is installed' } }
      : {}),
    git: sources.some((source) => 'git' in source),
    toolchain: { name: 'uv', version: tree.edition.tools.uv },
    notices: staleNotices('uv.lock', locked, dependencies, 'uv lock'),
  }
}

// the unit itself is `virtual = "."` or `editable = "."`, and is not installed
function isMember(source: Table): boolean {
  return ['editable', 'virtual'].some((key) => key in source && source[key] !== '.')
}

function members(tree: Tree): string[] {
  const workspace = tableAt(readToml(tree, 'pyproject.toml'), 'tool', 'uv', 'workspace')
  if (!('members' in workspace)) return []
  return tree.files.filter((path) => path.endsWith('/pyproject.toml')).sort(byText)
}
