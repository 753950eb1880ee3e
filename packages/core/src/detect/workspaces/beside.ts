import type { Source } from '../../source/source.ts'
import { joined } from '../paths.ts'
import { readPackageJson } from '../node/package-json.ts'
import { isBuildError } from '../../failure/error.ts'
import { readToml, tableAt, textAt } from '../toml.ts'
import { treeOf, type Tree } from '../tree.ts'

/** more is no list that a person wrote */
const most = 50

/** The directories of the source that a unit's manifest names by a path (`file:../shared`, `path = "../shared"`), and theirs. */
export function directoriesNamed(source: Source, tree: Tree): readonly string[] {
  const found = new Set([tree.unit])
  for (const each of found)
    for (const path of pathsOf(each === tree.unit ? tree : treeOf(source, each, tree.edition)))
      if (found.size < most && source.entry(path)?.kind === 'directory') found.add(path)
  return [...found].filter((path) => path !== tree.unit)
}

/** What a manifest names by a path, as paths of the source. */
function pathsOf(tree: Tree): string[] {
  try {
    return [...ofNode(tree), ...ofPython(tree)].flatMap((path) => joined(tree.unit === '.' ? [] : tree.unit.split('/'), path) ?? [])
  } catch (error) {
    if (isBuildError(error)) return []
    throw error
  }
}

function ofNode(tree: Tree): string[] {
  const all = readPackageJson(tree)?.dependencies ?? []
  return all.flatMap(({ specifier }) => /^(?:file:|link:|portal:)?(\.{1,2}\/.*)$/.exec(specifier)?.[1] ?? [])
}

function ofPython(tree: Tree): string[] {
  const pyproject = readToml(tree, 'pyproject.toml')
  const groups = Object.values(tableAt(pyproject, 'tool', 'poetry', 'group')).map((group) => tableAt(group, 'dependencies'))
  const tables = [tableAt(pyproject, 'tool', 'uv', 'sources'), tableAt(pyproject, 'tool', 'poetry', 'dependencies'), ...groups]
  return tables.flatMap((table) => Object.values(table).flatMap((one) => textAt(one, 'path') ?? []))
}
