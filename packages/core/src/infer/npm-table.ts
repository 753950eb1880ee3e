import { decodeFronted } from './tables/fronted.ts'
import { npmCompanions } from './tables/npm-companions.ts'
import { npmNames } from './tables/npm-names.ts'

/** The shipped names on npm: the generated list, what the rules name beside it, and the packages of types. */
export function npmTable(): readonly string[] {
  const named = [...npmCompanions].flatMap(([name, needs]) => [name, ...needs.map((need) => need.replace('+', ''))])
  const { names, typed } = decoded()
  return [...new Set([...names, ...named, ...[...typed].map(typesName), '@types/node', '@types/bun'])]
}

/** `@types/x` for an `x` without types of its own. */
export function typesPackage(name: string): string | undefined {
  return decoded().typed.has(name) ? typesName(name) : undefined
}

interface Decoded {
  readonly names: readonly string[]
  readonly typed: ReadonlySet<string>
}

let table: Decoded | undefined

/** A `!` after a name: its types are in a package of their own. */
function decoded(): Decoded {
  if (table !== undefined) return table
  const entries = decodeFronted(npmNames)
  const typed = entries.filter((entry) => entry.endsWith('!')).map((entry) => entry.slice(0, -1))
  table = { names: entries.map((entry) => entry.replace('!', '')), typed: new Set(typed) }
  return table
}

/** DefinitelyTyped writes `@s/x` as `@types/s__x`. */
function typesName(name: string): string {
  return `@types/${name.startsWith('@') ? name.slice(1).replace('/', '__') : name}`
}
