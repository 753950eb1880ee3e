import { BuildError, shown } from '../../failure/error.ts'
import { readJson, type Placed } from '../placed-json.ts'
import type { DeclaredDependency } from '../detection.ts'
import { tableAt, textAt, valueAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

/** A package.json, with the lines of its fields. */
export interface PackageJson {
  readonly value: Table
  line(...path: readonly string[]): number
  text(...path: readonly string[]): string | undefined
  readonly dependencies: readonly DeclaredDependency[]
}

/** The package.json of a unit, if it has one. Throws `invalid_manifest` with file and line. */
export function readPackageJson(tree: Tree, path = 'package.json'): PackageJson | undefined {
  if (!tree.has(path)) return undefined
  const placed = readJson(tree.manifest(path), path, 'invalid_manifest')
  if (typeof placed.value !== 'object' || placed.value === null || Array.isArray(placed.value)) throw wrong(placed, [], 'must be an object')
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'scripts', 'engines']) checkTexts(placed, field)
  const value = placed.value as Table
  return {
    value,
    line: (...at) => placed.line(at),
    text: (...at) => textAt(value, ...at),
    dependencies: [
      ...declared(placed, 'dependencies', 'default'),
      ...declared(placed, 'optionalDependencies', 'default'),
      ...declared(placed, 'devDependencies', 'dev'),
    ],
  }
}

function declared(placed: Placed, field: string, group: string): DeclaredDependency[] {
  return Object.entries(tableAt(placed.value, field)).map(([name, specifier]) => ({
    origin: 'declared',
    ecosystem: 'npm',
    name,
    specifier: String(specifier),
    group,
    evidence: {
      rule: 'node.dependency.package-json',
      file: placed.file,
      line: placed.line([field, name]),
      says: `${field}: ${shown(`${name} ${String(specifier)}`, 200)}`,
    },
  }))
}

function checkTexts(placed: Placed, field: string): void {
  const found = valueAt(placed.value, field)
  if (found === undefined || found === null) return
  if (typeof found !== 'object') throw wrong(placed, [field], 'must be an object of texts')
  const bad = Object.entries(found).find(([, value]) => typeof value !== 'string')
  if (bad || Array.isArray(found))
    throw wrong(placed, bad ? [field, bad[0]] : [field], Array.isArray(found) ? 'must be an object' : 'must be a text')
}

function wrong(placed: Placed, path: readonly string[], why: string): BuildError {
  const line = placed.line(path)
  return new BuildError(
    'invalid_manifest',
    `${shown(placed.file)}:${line}: ${path.length > 0 ? `"${shown(path.join('.'))}" ` : 'it '}${why}`,
    {
      data: { file: placed.file, line },
    },
  )
}
