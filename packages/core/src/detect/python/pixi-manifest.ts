import { tomlLines } from '../places.ts'
import { listAt, readToml, tableAt, valueAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

/** A package of a pixi manifest, with its place: a range of versions, or a table that says more. */
export interface PixiItem {
  readonly name: string
  readonly said: unknown
  readonly line: number
}

export interface PixiManifest {
  /** `pixi.toml`, or `pyproject.toml` for `[tool.pixi]` */
  readonly file: string
  /** packages of conda's channels */
  readonly conda: readonly PixiItem[]
  readonly pypi: readonly PixiItem[]
  /** each `[pypi-options]` that counts */
  readonly options: readonly Table[]
}

/**
 * What pixi's environment `default` has on Linux. Throws `invalid_manifest` for a file that is no TOML.
 * Source: https://pixi.prefix.dev/latest/reference/pixi_manifest/
 */
export function readPixi(tree: Tree): PixiManifest | undefined {
  const file = tree.has('pixi.toml') ? 'pixi.toml' : 'pyproject.toml'
  const whole = readToml(tree, file)
  const prefix = file === 'pixi.toml' ? [] : ['tool', 'pixi']
  const root = tableAt(whole, ...prefix)
  if (Object.keys(root).length === 0) return undefined
  const tables = features(root).flatMap((feature) => platforms.map((platform) => [...feature, ...platform]))
  const items = (kind: string): PixiItem[] => merged(tables.flatMap((path) => itemsOf(tree, file, whole, [...prefix, ...path, kind])))
  return {
    file,
    conda: items('dependencies'),
    pypi: items('pypi-dependencies'),
    options: ['workspace', 'project', '']
      .map((table) => tableAt(root, ...(table === '' ? [] : [table]), 'pypi-options'))
      .filter((table) => Object.keys(table).length > 0),
  }
}

/** What is said for one platform goes over what is said for all. */
const platforms: readonly (readonly string[])[] = [[], ['target', 'unix'], ['target', 'linux'], ['target', 'linux-64']]

/** Of the environment `default`: what stands at the top, and features that it is said to have. */
function features(root: Table): readonly (readonly string[])[] {
  const said = valueAt(root, 'environments', 'default')
  const names = Array.isArray(said) ? said : listAt(said, 'features')
  const own = valueAt(said, 'no-default-feature') === true ? [] : [[]]
  return [...own, ...names.flatMap((name) => (typeof name === 'string' ? [['feature', name]] : []))]
}

function itemsOf(tree: Tree, file: string, whole: Table | undefined, path: readonly string[]): PixiItem[] {
  const entries = Object.entries(tableAt(whole, ...path))
  if (entries.length === 0) return []
  const lines = tomlLines(tree.manifest(file), path.join('.'))
  return entries.map(([name, said]) => ({ name, said, line: lines.get(name) ?? 1 }))
}

function merged(items: readonly PixiItem[]): PixiItem[] {
  return [...new Map(items.map((item) => [item.name, item])).values()]
}
