import type { Literal } from '../../infer/python-arguments.ts'
import type { Expression } from './expression.ts'
import { definition } from './kinds.ts'
import type { PythonFiles } from './scans.ts'

/** A value as the text says it: a literal, or a variable of the environment with its default. */
export interface Value {
  readonly literal?: Literal
  readonly variable?: string
}

/** Reads a literal, `os.environ.get("NAME", default)`, or a name of the source that stands for one; what else it is stays unknown. */
export function valueOf(files: PythonFiles, file: string, expression: Expression | undefined, steps = 0): Value {
  if (expression === undefined || steps > 8) return {}
  switch (expression.kind) {
    case 'text':
      return { literal: expression.text }
    case 'number':
      return { literal: expression.number }
    case 'or': {
      const [left, right] = [valueOf(files, file, expression.left, steps + 1), valueOf(files, file, expression.right, steps + 1)]
      return { ...right, ...left }
    }
    case 'item':
      return variable(files, file, expression.of, expression.key)
    case 'call':
      return ofCall(files, file, expression, steps + 1)
    case 'name':
      return ofName(files, file, expression.dotted, steps + 1)
    case 'attribute':
    case 'list':
    case 'other':
      return {}
  }
}

/** `os.environ["PORT"]` */
function variable(files: PythonFiles, file: string, of: Expression, key: Expression): Value {
  const environ = of.kind === 'name' && files.module(file).qualified(of.dotted).includes('os.environ')
  return environ && key.kind === 'text' ? { variable: key.text } : {}
}

function ofCall(files: PythonFiles, file: string, { callee, args }: Extract<Expression, { kind: 'call' }>, steps: number): Value {
  if (callee.kind !== 'name') return {}
  const [first, second] = args
  if (callee.dotted === 'int' || callee.dotted === 'str') return converted(valueOf(files, file, first, steps), callee.dotted === 'int')
  const names = files.module(file).qualified(callee.dotted)
  if (!names.some((name) => name === 'os.getenv' || name === 'os.environ.get') || first?.kind !== 'text') return {}
  return { ...valueOf(files, file, second, steps), variable: first.text }
}

function ofName(files: PythonFiles, file: string, dotted: string, steps: number): Value {
  const place = definition(files, file, dotted)
  const found = place && files.module(place.file).assignments.findLast(({ name, of }) => name === place.name && of === undefined)
  return found === undefined ? {} : valueOf(files, place!.file, found.value, steps)
}

function converted(value: Value, toNumber: boolean): Value {
  const { literal } = value
  return toNumber && typeof literal === 'string' && /^\d{1,9}$/.test(literal) ? { ...value, literal: Number(literal) } : value
}

/** A number that may be a port; undefined for others. */
export function asPort(literal: Literal | undefined): number | undefined {
  const port = typeof literal === 'string' && /^\d{1,5}$/.test(literal) ? Number(literal) : literal
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}
