import type { Readable } from './files.ts'
import type { Inference, InferOptions } from './infer.ts'
import { inferJavaScript } from './javascript.ts'
import { inferPython } from './python.ts'

/** A language whose imports can be turned into packages. */
export interface InferredLanguage {
  /** its names, as a Plan has them */
  readonly languages: readonly string[]
  readonly infer: (source: Readable, options: InferOptions) => Inference
}

/** Every language that inference knows; a new one is a file and a line. */
export const inferredLanguages: readonly InferredLanguage[] = [
  { languages: ['python'], infer: inferPython },
  { languages: ['javascript', 'typescript'], infer: inferJavaScript },
]
