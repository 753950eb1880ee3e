import type { Project } from '../detect/project.ts'
import type { Tree } from '../detect/tree.ts'
import type { Inference } from '../infer/infer.ts'
import { inferredLanguages } from '../infer/languages.ts'
import type { Source } from '../source/source.ts'

/** What the imports of a project's files need. */
export function inferenceOf(source: Source, tree: Tree, { language, runtime }: Project): Inference {
  const known = inferredLanguages.find(({ languages }) => languages.includes(language.value))
  // a map of imports says what Deno loads, and Deno's own lock fixes it
  if (!known || runtime.name === 'deno') return { dependencies: [], unresolved: [], imports: [], notices: [] }
  const parts = runtime.version.value.split('.')
  return known.infer(source, { unit: tree.unit, version: parts.slice(0, runtime.name === 'python' ? 2 : 1).join('.') })
}
