import { goFrameworks } from './go/framework-names.ts'
import { nodeFrameworkNames } from './node/framework-names.ts'
import type { Language } from './project.ts'
import { pythonFrameworks } from './python/framework-names.ts'

/** The frameworks that the rules of each language know. */
export const frameworksOf: Readonly<Record<Language, readonly string[]>> = {
  python: pythonFrameworks,
  javascript: nodeFrameworkNames,
  typescript: nodeFrameworkNames,
  go: goFrameworks.map(({ name }) => name),
  static: [],
}

/** All of them, in alphabetical order. */
export const frameworkNames: readonly string[] = [...new Set(Object.values(frameworksOf).flat())].sort()
