import type { Expression } from './expression.ts'
import { isCallOf } from './facts.ts'
import type { PythonFiles } from './scans.ts'

/** The variables without which a value of a file ends the program: `os.environ["SECRET_KEY"]` does when it is not set. */
export function requiredVariables(files: PythonFiles, file: string, value: Expression): readonly string[] {
  if (value.kind === 'list') return value.items.flatMap((one) => requiredVariables(files, file, one))
  if (value.kind === 'call') {
    const [first] = value.args
    const given = value.args.length === 1 && first?.kind === 'text' && !value.keywords.has('default') ? first.text : undefined
    if (given !== undefined && /^\w+$/.test(given) && insists(files, file, value.callee)) return [given]
    return [...value.args, ...value.keywords.values()].flatMap((one) => requiredVariables(files, file, one))
  }
  if (value.kind !== 'item' || value.of.kind !== 'name' || value.key.kind !== 'text') return []
  return files.module(file).qualified(value.of.dotted).includes('os.environ') && /^\w+$/.test(value.key.text) ? [value.key.text] : []
}

/** `config("NAME")` of decouple, `env("NAME")` of environ */
function insists(files: PythonFiles, file: string, callee: Expression): boolean {
  if (callee.kind !== 'name') return false
  const module = files.module(file)
  const made = module.assignments.find(({ name }) => name === callee.dotted)?.value
  return module.qualified(callee.dotted).includes('decouple.config') || (made !== undefined && isCallOf(module, made, ['environ.Env']))
}
