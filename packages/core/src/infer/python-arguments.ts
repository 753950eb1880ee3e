import { isQuote, skipString } from './python-strings.ts'

export type Literal = string | number

/** What a call is given, as far as the text alone says it. */
export interface Arguments {
  /** positional arguments; a tuple's members stand in its place, undefined where the text does not say the value */
  readonly args: readonly (Literal | undefined)[]
  /** by keyword: literals, constants of the module, and the default of a variable of the environment */
  readonly keywords: Readonly<Record<string, Literal>>
  /** by keyword: the variable of the environment that decides it, such as `PORT` */
  readonly variables: Readonly<Record<string, string>>
}

/** Arguments longer than this are cut: they are data, not settings. */
const maxLength = 4000

/** Reads the arguments whose `(` is at `open`. */
export function readArguments(text: string, open: number, constants: ReadonlyMap<string, Value>): Arguments {
  const args: (Literal | undefined)[] = []
  const keywords: Record<string, Literal> = Object.create(null) as Record<string, Literal>
  const variables: Record<string, string> = Object.create(null) as Record<string, string>
  for (const item of split(text.slice(open + 1, open + 1 + maxLength))) {
    const [, keyword, expression] = /^([A-Za-z_]\w*)\s*=(?!=)\s*([^]*)$/.exec(item) ?? [undefined, undefined, item]
    if (keyword === undefined) args.push(...tuple(expression, constants))
    else assign(keyword, readValue(expression, constants), keywords, variables)
  }
  return { args, keywords, variables }
}

/** A value as the text says it: a literal, or a variable of the environment with its default. */
export interface Value {
  readonly literal?: Literal
  readonly variable?: string
}

/** Reads a literal, a constant's name, or `os.environ.get("NAME", default)`, also inside `int(…)` or `str(…)`. */
export function readValue(expression: string, constants: ReadonlyMap<string, Value>): Value {
  const bare = expression.trim()
  const known = constants.get(bare)
  if (known !== undefined) return known
  const wrapped = /^(int|str)\s*\(([^]*)\)$/.exec(bare)
  if (wrapped) return converted(readValue(wrapped[2]!, constants), wrapped[1] === 'int')
  const variable = environment.exec(bare)
  if (variable) return { variable: variable[1]!, ...optional(literal((variable[2] ?? '').trim())) }
  return optional(literal(bare))
}

const environment = /^(?:os\s*\.\s*)?(?:environ\s*\.\s*get\s*\(|getenv\s*\(|environ\s*\[)\s*["'](\w+)["']\s*(?:,([^]*))?[)\]]$/

function converted(value: Value, toNumber: boolean): Value {
  const { literal: found } = value
  if (!toNumber || typeof found !== 'string') return value
  return /^\d{1,9}$/.test(found) ? { ...value, literal: Number(found) } : value
}

function optional(found: Literal | undefined): Value {
  return found === undefined ? {} : { literal: found }
}

function literal(text: string): Literal | undefined {
  if (/^-?\d{1,9}(?:\.\d{1,9})?$/.test(text)) return Number(text)
  const string = /^[rRuU]?(?:"([^"\\\n]*)"|'([^'\\\n]*)')$/.exec(text)
  return string === null ? undefined : (string[1] ?? string[2])
}

function tuple(expression: string, constants: ReadonlyMap<string, Value>): readonly (Literal | undefined)[] {
  const inner = /^\(([^]*)\)$/.exec(expression.trim())
  const members = inner ? split(`${inner[1]!})`) : [expression]
  return members.map((member) => readValue(member, constants).literal)
}

function assign(keyword: string, value: Value, keywords: Record<string, Literal>, variables: Record<string, string>): void {
  if (value.literal !== undefined) keywords[keyword] = value.literal
  if (value.variable !== undefined) variables[keyword] = value.variable
}

/** The parts between commas up to the closing bracket, without comments. */
function split(text: string): readonly string[] {
  const items: string[] = []
  let item = ''
  let depth = 0
  let pos = 0
  while (pos < text.length) {
    const code = text.charCodeAt(pos)
    let next = pos + 1
    if (isQuote(code)) next = skipString(text, pos)
    else if (code === 35) while (next < text.length && text.charCodeAt(next) !== 10) next++
    else if (isOpening(code)) depth++
    else if (isClosing(code) && depth-- === 0) break
    if (code === 44 && depth === 0) {
      items.push(item.trim())
      item = ''
    } else if (code !== 35) item += text.slice(pos, next)
    pos = next
  }
  return item.trim() === '' ? items : [...items, item.trim()]
}

function isOpening(code: number): boolean {
  return code === 40 || code === 91 || code === 123
}

function isClosing(code: number): boolean {
  return code === 41 || code === 93 || code === 125
}

const importers = /(?:^|[^.\w])(?:importlib[ \t]*\.[ \t]*)?import_module[ \t]*$|(?:^|[^.\w])(?:builtins[ \t]*\.[ \t]*)?__import__[ \t]*$/

/** The module that a call of `import_module` or `__import__` names by a plain literal; `open` is its `(`. */
export function readDynamicImport(text: string, open: number): { readonly module: string; readonly level: number } | undefined {
  const last = text.charCodeAt(open - 1)
  if (last !== 101 && last !== 95 && last !== 32) return undefined
  if (!importers.test(text.slice(Math.max(0, open - 40), open))) return undefined
  const argument = /^\s{0,200}[rRuU]?(["'])([^"'\\\n]{1,300})\1\s{0,200}[,)]/.exec(text.slice(open + 1, open + 720))
  const dotted = argument === null ? null : /^(\.*)((?:[^\W\d]\w*\.)*[^\W\d]\w*)$/.exec(argument[2]!)
  return dotted === null ? undefined : { module: dotted[2]!, level: dotted[1]!.length }
}
