import { joined } from '../paths.ts'
import { readLooseJson } from '../../infer/loose-json.ts'
import { readPackageJson } from '../node/package-json.ts'
import { BuildError, shown } from '../../failure/error.ts'
import { lineOf } from '../places.ts'
import { tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

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
  const value = readLooseJson(tree.manifest(file))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Table
  throw new BuildError('invalid_manifest', `${shown(file)} is no JSON object with comments`, { data: { file } })
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

/** The import map that a configuration names, which Deno reads where it has no imports of its own. Throws `invalid_manifest`. */
export function importMapOf(
  tree: Tree,
  config: DenoConfig | undefined,
): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const named = textAt(config?.value, 'importMap')
  if (!config || named === undefined || 'imports' in config.value || 'scopes' in config.value) return { files: [], packages: [] }
  if (fromRegistry.test(named)) return { files: [], packages: [named] }
  const file = joined([], named)
  if (file !== undefined && tree.has(file)) return { files: [file], packages: mapped(readTable(tree, file)) }
  throw new BuildError('invalid_manifest', `${config.file}: importMap is ${shown(named)}, which is not there`, {
    data: { file: config.file },
  })
}
