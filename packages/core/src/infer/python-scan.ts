import type { Import } from './infer.ts'
import type { Arguments } from './python-arguments.ts'
import type { Place } from './python-blocks.ts'

/** An import of Python, with the other ways the source has to get the same thing. */
export interface PythonImport extends Import {
  /** Set on the members of a `try: import a` / `except ImportError: import b`: one arm of the group is enough, the first that works. */
  readonly alternative?: { readonly group: number; readonly arm: number }
}

/** What one pass over a Python file finds; lines are 1-based, everything stands in source order. */
export interface PythonScan {
  readonly imports: readonly PythonImport[]
  /** `name = Callee(…)` and `name: T = Callee(…)` at the top level */
  readonly assignments: readonly PythonAssignment[]
  /** functions at the top level */
  readonly functions: readonly { readonly name: string; readonly line: number; readonly async: boolean }[]
  /** the line of `if __name__ == "__main__":` */
  readonly mainGuard?: number
  /** calls that are statements of their own, also awaited ones, such as `uvicorn.run(app, port=8000)` */
  readonly calls: readonly PythonCall[]
  /** the line of the first bracket without its other half, or of the text that never ends: the file is no valid Python */
  readonly damaged?: number
}

export interface PythonCall extends Arguments {
  /** dotted, as written */
  readonly callee: string
  readonly line: number
  readonly place: Place
}

export interface PythonAssignment extends Arguments {
  readonly name: string
  readonly callee: string
  readonly line: number
}
