import type { Grade, InferredDependency, Notice, Unresolved } from '../detect/detection.ts'

/** One import as a lexer found it. */
export interface Import {
  /** as written, dotted for Python (`a.b`), the specifier for JavaScript (`@x/y/z`) */
  readonly module: string
  /** names of a `from module import names`; empty otherwise */
  readonly names: readonly string[]
  /** Python's leading dots; 0 for absolute */
  readonly level: number
  readonly file: string
  /** 1-based */
  readonly line: number
  /** the program runs without it: in a `try` that catches ImportError, below TYPE_CHECKING, or a type-only import */
  readonly optional: boolean
}

/** What inference has to say of a source (or of one unit of it). */
export interface Inference {
  readonly dependencies: readonly InferredDependency[]
  readonly unresolved: readonly Unresolved[]
  /** every import outside the standard library and the source itself, for explain and the APIs */
  readonly imports: readonly Import[]
  /** files that were left out, with the reason */
  readonly notices: readonly Notice[]
}

/** What inference has to know besides the source. */
export interface InferOptions {
  /** the directory that is inferred; `.` for the whole source */
  readonly unit: string
  /** version of the language's runtime, such as `3.11` or `24`: it decides what the standard library holds */
  readonly version: string
  /** only these files, such as those the entry point reaches; default: all of the unit that are part of the program */
  readonly files?: readonly string[]
  /** the least sure grade that becomes a dependency; default D, so all there are */
  readonly accept?: Grade
}
