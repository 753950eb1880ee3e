import type { Readable } from './files.ts'
import type { Inference, InferOptions } from './infer.ts'
import { concludePython } from './python-conclude.ts'
import { readBeside, readFacts } from './python-facts.ts'
import { pythonFiles, saidBeside } from './python-files.ts'
import { localModules } from './python-local.ts'

/**
 * The packages that the Python files of a unit need. Read are the given files, or all of the unit that belong to the program:
 * not tests, documentation, examples, scripts, benchmarks and packaging, unless there is nothing else. Only names on the shipped
 * lists become dependencies, and what a script block or a pip line declares; optional imports are listed and not installed.
 */
export function inferPython(source: Readable, options: InferOptions): Inference {
  const { files, notices } = pythonFiles(source, options)
  const facts = [
    ...files.map((file) => readFacts(source, file)),
    ...saidBeside(source, options.unit).map((file) => readBeside(source, file)),
  ]
  const found = concludePython(facts, localModules(source, options.unit), options)
  return { ...found, notices: [...notices, ...found.notices] }
}
