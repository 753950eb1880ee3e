import { readLooseJson } from '../node/package-json.ts'
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

/** The Deno configuration of a unit, if it has one. Throws `invalid_manifest`. */
export function readDenoConfig(tree: Tree): DenoConfig | undefined {
  const file = ['deno.json', 'deno.jsonc'].find((path) => tree.has(path))
  if (file === undefined) return undefined
  const text = tree.manifest(file)
  const value = readLooseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BuildError('invalid_manifest', `${shown(file)} is no JSON object with comments`, { data: { file } })
  const table = value as Table
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

/** Imports that the configuration maps to packages of registries, or to addresses. */
export function mapped(config: DenoConfig | undefined): readonly string[] {
  return Object.values(tableAt(config?.value, 'imports')).filter(
    (one): one is string => typeof one === 'string' && /^(?:npm|jsr|https?):/.test(one),
  )
}
