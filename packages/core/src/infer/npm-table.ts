import { decodeFronted } from './tables/fronted.ts'
import { npmCompanions } from './tables/npm-companions.ts'
import { npmMore, npmTyped } from './tables/npm-more.ts'
import { npmNames } from './tables/npm-names.ts'

/** The shipped names on npm: the generated list, what the rules name beside it, and the packages of types. */
export function npmTable(): readonly string[] {
  const named = [...npmCompanions].flatMap(([name, needs]) => [name, ...needs.map((need) => need.replace('+', ''))])
  return [...new Set([...decodeFronted(npmNames), ...npmMore, ...named, ...npmTyped.map(typesName), '@types/node', '@types/bun'])]
}

/** `@types/x` for an `x` without types of its own. */
export function typesPackage(name: string): string | undefined {
  return typed.has(name) ? typesName(name) : undefined
}

const typed: ReadonlySet<string> = new Set(npmTyped)

/** DefinitelyTyped writes `@s/x` as `@types/s__x`. */
function typesName(name: string): string {
  return `@types/${name.startsWith('@') ? name.slice(1).replace('/', '__') : name}`
}
