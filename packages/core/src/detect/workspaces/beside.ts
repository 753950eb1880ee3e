import type { Source } from '../../source/source.ts'
import { joined } from '../paths.ts'
import { readPackageJson } from '../node/package-json.ts'
import { isBuildError } from '../../failure/error.ts'
import { readToml, tableAt, textAt } from '../toml.ts'
import { treeOf, type Tree } from '../tree.ts'
import { isTsConfig, tsConfigsOf } from './tsconfigs.ts'

/** more is no list that a person wrote */
const most = 50

/** What of the source a unit names by a path and is not in it: directories of its manifest, and theirs; what its tsconfigs extend. */
export function namedBeside(source: Source, tree: Tree): readonly string[] {
  return [...directoriesNamed(source, tree), ...configsNamed(source, tree)]
}

/** `file:../shared`, `path = "../shared"`. */
function directoriesNamed(source: Source, tree: Tree): readonly string[] {
  const found = new Set([tree.unit])
  for (const each of found)
    for (const path of pathsOf(each === tree.unit ? tree : treeOf(source, each, tree.edition)))
      if (found.size < most && source.entry(path)?.kind === 'directory') found.add(path)
  return [...found].filter((path) => path !== tree.unit)
}

function configsNamed(source: Source, tree: Tree): readonly string[] {
  const own = tree.files.filter((path) => isTsConfig(path) && tree.text(path)?.includes('..'))
  if (tree.unit === '.' || own.length === 0) return []
  const whole = { tree: treeOf(source, '.', tree.edition), members: [] }
  return tsConfigsOf(
    whole,
    own.map((path) => tree.inSource(path)),
  ).files
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
