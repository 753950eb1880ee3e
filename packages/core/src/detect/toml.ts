import { TomlError, parse } from 'smol-toml'
import { BuildError, shown } from '../failure/error.ts'
import type { Tree } from './tree.ts'

export type Table = { readonly [key: string]: unknown }

/** A TOML file of the tree, or undefined when it is not there. Throws `invalid_manifest` with file and line. */
export function readToml(tree: Tree, path: string): Table | undefined {
  if (!tree.has(path)) return undefined
  const known = read.get(tree) ?? new Map<string, Table>()
  read.set(tree, known)
  const table = known.get(path) ?? parsed(tree, path)
  known.set(path, table)
  return table
}

/** Several rules ask for the same file, and locks are long. */
const read = new WeakMap<Tree, Map<string, Table>>()

function parsed(tree: Tree, path: string): Table {
  try {
    return parse(tree.manifest(path))
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const why = cause.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')
    throw new BuildError('invalid_manifest', `${shown(path)}:${cause.line} is not valid TOML: ${shown(why, 200)}`, {
      data: { file: path, line: cause.line },
      cause,
    })
  }
}

/** A table at a path of keys; empty when something else is there. */
export function tableAt(value: unknown, ...keys: readonly string[]): Table {
  const found = valueAt(value, ...keys)
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Table) : {}
}

export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = valueAt(value, ...keys)
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: unknown, ...keys: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...keys)
  return Array.isArray(found) ? found : []
}

export function valueAt(value: unknown, ...keys: readonly string[]): unknown {
  let at = value
  for (const key of keys) at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Table)[key] : undefined
  return at
}
