import { chooseFiles, defaultBudget, readText, type Chosen, type Readable } from './files.ts'
import type { InferOptions } from './infer.ts'
import { lexPython } from './python-lexer.ts'
import { localModules } from './python-local.ts'
import { ownFiles } from './python-mentions.ts'

/** The given files, or all of the unit that belong to the program; notebooks where there is no other program. */
export function pythonFiles(source: Readable, { unit, files }: InferOptions): Chosen {
  if (files !== undefined) {
    const given = new Set(files)
    return chooseFiles(source, '.', (path) => given.has(path))
  }
  let chosen: Chosen = { files: [], notices: [] }
  for (const wanted of program) {
    chosen = chooseFiles(source, unit, wanted)
    if (chosen.files.length > 0) break
  }
  return chosen
}

/** Files of a project that are no part of its program. */
const beside = /\/(?:tests?|testing|docs?|examples?|scripts|benchmarks?)\/|\/(?:test_[^/]*|[^/]*_test|tests|conftest|noxfile|setup)\.py$/
/** Copies of other people's files. */
const elsewhere = /\/(?:\.[^/]+|__pycache__|node_modules|site-packages|v?env|virtualenv)\//

/** Which files of a unit, the first that are there. */
const program: readonly ((path: string) => boolean)[] = [
  (path) => path.endsWith('.py') && !beside.test(`/${path}`) && !elsewhere.test(`/${path}`),
  (path) => path.endsWith('.ipynb') && !elsewhere.test(`/${path}`),
  (path) => path.endsWith('.py') && !elsewhere.test(`/${path}`),
]

/** Files beside the program that say how it starts, where its database is, and what reads them; none is large. */
export function saidBeside(source: Readable, unit: string): readonly string[] {
  const said = /^(?:Procfile|(?:\.?env\.(?:example|sample|template))|\.env\.dist|(?:start|run|entrypoint|serve)\.sh)$/
  const wanted = (path: string): boolean => said.test(path) || Object.hasOwn(ownFiles, path)
  return chooseFiles(source, unit, wanted, { file: 65_536, total: 2 ** 20, files: 20 }).files
}

/** The files that the program reaches from `entry` by imports that lead to files of the source, itself first. */
export function reachablePython(source: Readable, unit: string, entry: string): readonly string[] {
  const local = localModules(source, unit)
  const readable = new Set(source.entries.flatMap((one) => (one.kind === 'file' && one.size <= defaultBudget.file ? [one.path] : [])))
  const reached = new Set([entry])
  for (const file of reached) {
    if (!readable.has(file)) continue
    for (const { module, names, level } of lexPython(readText(source, file), file))
      for (const next of level > 0 ? local.relative(level, module, names, file) : (local.find(module, names, file)?.files ?? []))
        if (next.endsWith('.py')) reached.add(next)
  }
  return [...reached]
}
