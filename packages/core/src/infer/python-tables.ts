import { decodeFronted } from './tables/fronted.ts'
import { pypiImports } from './tables/pypi-imports.ts'

/** The table of imports, decoded once, on first use. */
export interface PythonTables {
  /** an import and the requirement that provides it; `-` for none on purpose */
  readonly providers: ReadonlyMap<string, string>
  /** an import, or a name of one, and the requirements its code needs besides, separated by spaces; `[x]`: an extra of its own package */
  readonly companions: ReadonlyMap<string, string>
  /** the names of all packages that the table gives */
  readonly names: readonly string[]
}

/** Rows are `import requirement` and `import +requirement requirement`. */
export function pythonTables(): PythonTables {
  return (tables ??= read(decodeFronted(pypiImports)))
}

let tables: PythonTables | undefined

function read(rows: readonly string[]): PythonTables {
  const providers = new Map<string, string>()
  const companions = new Map<string, string>()
  const names = new Set<string>()
  for (const row of rows) {
    const space = row.indexOf(' ')
    const says = row.slice(space + 1)
    if (says.startsWith('+')) companions.set(row.slice(0, space), says.slice(1))
    else providers.set(row.slice(0, space), says)
    for (const requirement of says.replace(/^[+-]/, '').split(' ')) {
      const name = /^[^[<>=]*/.exec(requirement)![0]
      if (name !== '') names.add(name)
    }
  }
  return { providers, companions, names: [...names] }
}

/** The longest beginning of a dotted name that a table has, with what the table says of it. */
export function longestPrefix<T>(
  table: ReadonlyMap<string, T>,
  module: string,
): { readonly says: T; readonly matched: string } | undefined {
  for (let prefix = module.split('.', maxParts).join('.'); prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))) {
    const says = table.get(prefix)
    if (says !== undefined) return { says, matched: prefix }
  }
  return undefined
}

/** The longest rows have eight. */
const maxParts = 12
