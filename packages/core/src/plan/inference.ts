import type { Tree } from '../detect/tree.ts'
import type { Project } from '../detect/project.ts'
import type { Inference } from '../infer/infer.ts'
import type { Source } from '../source/source.ts'

const nothing: Inference = { dependencies: [], unresolved: [], imports: [] }

/** What the imports of a project need. */
export function inferenceOf(_source: Source, _tree: Tree, _project: Project): Inference {
  return nothing
}
