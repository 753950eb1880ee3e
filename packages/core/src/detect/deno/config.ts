import { joined } from '../paths.ts'
import { plainJson, readLooseJson } from '../../infer/loose-json.ts'
import { readPackageJson } from '../node/package-json.ts'
import { BuildError, shown } from '../../failure/error.ts'
import { readJson } from '../placed-json.ts'
import { lineOf } from '../places.ts'
import { tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { isWithin, within } from '../workspaces/directories.ts'

/** A `deno.json`; comments may stand in it. */
export interface DenoConfig {
  readonly file: string
  readonly value: Table
  /** a task's command: a text, or an object with one */
  task(name: string): { readonly text: string; readonly line?: number } | undefined
}

export const denoConfigFiles = ['deno.json', 'deno.jsonc'] as const

/** The Deno configuration of a unit, or of a directory of it, if there is one. Throws `invalid_manifest`. */
export function readDenoConfig(tree: Tree, directory?: string): DenoConfig | undefined {
  const file = denoConfigFiles.map((name) => (directory === undefined ? name : `${directory}/${name}`)).find((path) => tree.has(path))
  if (file === undefined) return undefined
  const text = tree.manifest(file)
  const table = readTable(tree, file)
  return {
    file,
    value: table,
    task(name) {
      const found = textAt(table, 'tasks', name) ?? textAt(table, 'tasks', name, 'command')
      if (found === undefined) return undefined
      const line = lineOf(text, `"${name}"`)
      return { text: found, ...(line === undefined ? {} : { line }) }
    },
  }
}

/** Whether packages of npm lie in `node_modules` beside the source rather than in Deno's own directory. */
export function hasNodeModules(tree: Tree, config: DenoConfig | undefined): boolean {
  const mode = config?.value['nodeModulesDir']
  if (mode !== undefined) return mode === true || mode === 'auto' || mode === 'manual'
  // with a package.json Deno does as npm does
  return tree.has('package.json')
}

/** An object of JSON with comments. Throws `invalid_manifest`. */
function readTable(tree: Tree, file: string): Table {
  const text = tree.manifest(file)
  const value = readLooseJson(text) ?? readJson(plainJson(text), file, 'invalid_manifest').value
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table
  throw new BuildError('invalid_manifest', `${shown(file)}:1 is no object`, { data: { file, line: 1 } })
}

const fromRegistry = /^(?:npm|jsr|https?):/

/** The names that a configuration and the `package.json` beside it have from registries or addresses. */
export function packagesOf(tree: Tree, config: DenoConfig | undefined, directory?: string): readonly string[] {
  const manifest = readPackageJson(tree, directory === undefined ? 'package.json' : `${directory}/package.json`)
  const declared = manifest?.dependencies.filter(({ group }) => group === 'default') ?? []
  return [...mapped(config?.value), ...declared.map(({ name }) => name)]
}

function mapped(value: Table | undefined): string[] {
  const tables = [tableAt(value, 'imports'), ...Object.keys(tableAt(value, 'scopes')).map((scope) => tableAt(value, 'scopes', scope))]
  return tables.flatMap((table) => Object.entries(table)).flatMap(([name, to]) => (fromRegistry.test(String(to)) ? [name] : []))
}

/** An import map in its own file, or at an address. */
export interface ImportMap {
  /** below the unit */
  readonly files: readonly string[]
  /** paths of the source, where it lies outside of the unit */
  readonly beside: readonly string[]
  readonly packages: readonly string[]
}

/** The import map that a configuration names, which Deno reads where it has no imports of its own. Throws `invalid_manifest`. */
export function importMapOf(tree: Tree, config: DenoConfig | undefined): ImportMap {
  const none = { files: [], beside: [], packages: [] }
  const named = textAt(config?.value, 'importMap')
  if (!config || named === undefined || 'imports' in config.value || 'scopes' in config.value) return none
  if (fromRegistry.test(named)) return { ...none, packages: [named] }
  const path = joined(tree.unit === '.' ? [] : tree.unit.split('/'), named)
  const whole = tree.unit === '.' ? tree : tree.at('.')
  if (path !== undefined && whole.has(path)) {
    const place = isWithin(tree.unit, path) ? { files: [within(tree.unit, path)] } : { beside: [path] }
    return { ...none, ...place, packages: mapped(readTable(whole, path)) }
  }
  const { file } = config
  const line = lineOf(tree.manifest(file), '"importMap"') ?? 1
  throw new BuildError('invalid_manifest', `${shown(file)}:${line}: importMap is ${shown(named)}, which is not in the source`, {
    data: { file, line },
  })
}
