import { Lines } from '../../infer/python-lines.ts'
import { isQuote, skipString } from '../../infer/python-strings.ts'
import { readExpression, type Expression } from './expression.ts'
import { skipBlank } from './python-literal.ts'
import { statements, type Statement } from './statements.ts'

/** What tells how a file starts, by names as the file itself has them. Lines are 1-based; everything in source order. */
export interface PythonModule {
  readonly imports: readonly ImportedName[]
  /** `name = value`, also below `if`, `try` and `with … as name`, and in functions */
  readonly assignments: readonly Assigned[]
  readonly functions: readonly FunctionHead[]
  readonly classes: readonly { readonly name: string; readonly bases: readonly Expression[]; readonly line: number }[]
  /** what is decorated by nothing but a name, or by a call */
  readonly decorators: readonly { readonly value: Expression; readonly line: number }[]
  /** calls that are statements of their own, also awaited or returned ones */
  readonly calls: readonly CallStatement[]
  /** what functions give back */
  readonly returns: readonly { readonly of: string; readonly value: Expression }[]
  /** the dotted names that a name of the file may stand for, with the packages they are from: `gr.Blocks` is `gradio.Blocks` */
  qualified(dotted: string): readonly string[]
}

/** `local` is what the file calls it; `name` is absent for a module, `*` for all its names. */
export interface ImportedName {
  readonly local: string
  readonly module: string
  readonly level: number
  readonly name?: string
  readonly line: number
}

export interface Assigned {
  readonly name: string
  readonly value: Expression
  readonly line: number
  /** the function it stands in; absent at the top level */
  readonly of?: string
}

export interface FunctionHead {
  readonly name: string
  readonly line: number
  readonly async: boolean
  /** parameters without a default */
  readonly required: number
  /** of what it says to give back: `-> FastAPI` */
  readonly gives?: string
}

export interface CallStatement {
  readonly call: Extract<Expression, { kind: 'call' }>
  readonly line: number
  /** the function it stands in; absent at the top level, also below the main guard */
  readonly of?: string
}

/** More of anything in one file is generated data. */
const maxFinds = 2000

/** Reads one Python file. Takes any text, never throws. */
export function readModule(text: string): PythonModule {
  const reader = new ModuleReader(text)
  for (const statement of statements(text)) reader.read(statement)
  return reader
}

class ModuleReader implements PythonModule {
  readonly imports: ImportedName[] = []
  readonly assignments: Assigned[] = []
  readonly functions: FunctionHead[] = []
  readonly classes: PythonModule['classes'][number][] = []
  readonly decorators: PythonModule['decorators'][number][] = []
  readonly calls: CallStatement[] = []
  readonly returns: PythonModule['returns'][number][] = []
  readonly #text: string
  readonly #lines: Lines
  /** the outermost function or class around */
  #around: { readonly indent: number; readonly name?: string } | undefined
  #finds = 0
  #inlined = 0
  /** once all is read */
  #index: { readonly imported: ReadonlyMap<string, readonly ImportedName[]>; readonly own: ReadonlySet<string> } | undefined

  constructor(text: string) {
    this.#text = text
    this.#lines = new Lines(text)
  }

  qualified(dotted: string): readonly string[] {
    const [first = '', ...rest] = dotted.split('.')
    this.#index ??= {
      imported: Map.groupBy(this.imports, ({ local }) => local),
      own: new Set([...this.assignments, ...this.functions, ...this.classes].map(({ name }) => name)),
    }
    const { imported, own } = this.#index
    const found = imported.get(first) ?? (own.has(first) ? [] : (imported.get('*') ?? []))
    return found.map(({ module, level, name }) =>
      [`${'.'.repeat(level)}${module}`, ...(name === undefined ? [] : name === '*' ? [first] : [name]), ...rest].join('.'),
    )
  }

  read({ indent, at, end }: Statement): void {
    if (this.#around && indent <= this.#around.indent) this.#around = undefined
    if (this.#finds++ > maxFinds * 10) return
    const [, word] = match(firstWord, this.#text, at) ?? []
    if (this.#text[at] === '@' && this.decorators.length < maxFinds)
      this.decorators.push({ value: readExpression(this.#text, at + 1).expression, line: this.#lines.at(at) })
    else if (word === 'import' || word === 'from') this.#import(this.#text.slice(at, Math.min(end, at + 20_000)), at)
    else if (word === 'def' || word === 'async' || word === 'class') this.#block(at, indent)
    else if (word === 'with') this.#with(at, end)
    else if (word === 'if' || word === 'else' || word === 'try') this.#inline(at, end, indent)
    else if (word === 'return') this.#return(at + 6)
    else this.#simple(at)
  }

  #place(): { readonly of?: string } {
    return this.#around ? { of: this.#around.name ?? '' } : {}
  }

  #import(statement: string, at: number): void {
    const bare = statement.replaceAll(/#[^\n\r]*/g, '').replaceAll(/\\\r?\n|[()\r\n]/g, ' ')
    const line = this.#lines.at(at)
    const [, dots = '', module = '', names] = /^from[ \t]*([. \t]*)([\w.]*)[ \t]+import[ \t]([^]*)$/.exec(bare) ?? []
    for (const part of (names ?? bare.replace(/^import\b/, '')).split(',', 500)) {
      const [name = '', as = '', local = ''] = part.trim().split(/\s+/)
      if (name === '' || !/^[^\W\d][\w.]*$|^\*$/u.test(name)) continue
      const called = as === 'as' && local !== '' ? local : undefined
      if (names !== undefined) this.#imported({ local: called ?? name, module, level: dots.replaceAll(/\s/g, '').length, name, line })
      else this.#imported({ local: called ?? name.split('.')[0]!, module: called ? name : name.split('.')[0]!, level: 0, line })
    }
  }

  #imported(one: ImportedName): void {
    if (this.imports.length < maxFinds) this.imports.push(one)
  }

  #block(at: number, indent: number): void {
    const text = this.#text
    const [head, async, kind, name] = match(blockHead, text, at) ?? []
    if (head === undefined || name === undefined) return
    if (this.#around) return
    const line = this.#lines.at(at)
    this.#around = { indent, ...(kind === 'def' ? { name } : {}) }
    const open = skipBlank(text, at + head.length)
    const { items, end } = text[open] === '(' ? parameters(text, open) : { items: [], end: open }
    if (kind === 'class') {
      const bases = items.map((item) => readExpression(item, 0, true).expression)
      if (this.classes.length < maxFinds) this.classes.push({ name, bases, line })
      return
    }
    const [, gives] = match(givesBack, text, end) ?? []
    const required = items.filter((item) => !/^[*/]/.test(item) && !hasDefault(item)).length
    if (this.functions.length < maxFinds)
      this.functions.push({ name, line, async: async !== undefined, required, ...(gives ? { gives } : {}) })
  }

  /** `with gr.Blocks() as demo:` */
  #with(at: number, end: number): void {
    const { expression, end: after } = readExpression(this.#text, at + 4)
    const [, name] = match(asName, this.#text, skipBlank(this.#text, after)) ?? []
    if (name !== undefined && after < end) this.#assign(name, expression, at)
  }

  /** A statement after the colon of its header. */
  #inline(at: number, end: number, indent: number): void {
    const head = match(guardHead, this.#text, at)
    const body = head ? skipSpaces(this.#text, at + head[0].length) : end
    // Python has one statement there; a chain of heads is no Python
    if (body >= end || this.#inlined > 2) return
    this.#inlined++
    this.read({ indent: indent + 1, at: body, end })
    this.#inlined--
  }

  #return(at: number): void {
    if (this.#around?.name === undefined || this.returns.length > maxFinds) return
    this.returns.push({ of: this.#around.name, value: readExpression(this.#text, at).expression })
  }

  #simple(at: number): void {
    const text = this.#text
    const [head, name, annotated, more] = match(target, text, at) ?? []
    if (head !== undefined && name !== undefined) {
      const from = at + head.length
      // inside of functions only what is made by a call says something
      if (this.#around && !match(callHead, text, skipSpaces(text, from))) return
      const chained = match(target, text, skipSpaces(text, from))
      const value = readExpression(
        text,
        chained && annotated === undefined && more === undefined ? skipSpaces(text, from) + chained[0].length : from,
      )
      this.#assign(name, value.expression, at)
      return
    }
    if (this.calls.length > maxFinds || !match(callHead, text, at)) return
    const { expression } = readExpression(text, at)
    if (expression.kind === 'call') this.calls.push({ call: expression, line: this.#lines.at(at), ...this.#place() })
  }

  #assign(name: string, value: Expression, at: number): void {
    if (this.assignments.length < maxFinds) this.assignments.push({ name, value, line: this.#lines.at(at), ...this.#place() })
  }
}

const firstWord = /([a-z]+)\b/y
const blockHead = /(?:(async)[ \t]+)?(def|class)[ \t]+([^\W\d]\w{0,200})[ \t]*(?:\[[^\]\n]{0,200}\][ \t]*)?/uy
const givesBack = /[ \t]*->[ \t]*["']?([A-Za-z_][\w.]{0,200})/y
const asName = /as[ \t]+([A-Za-z_]\w{0,200})/y
const guardHead = /(?:if\b[^:\n]{0,500}|else|try)[ \t]*:/y
/** what may be a call, or stands in brackets */
const callHead = /\(|[A-Za-z_][\w.]{0,300}[ \t]*[(\\]|await\b/y
const target = /([A-Za-z_]\w{0,200})[ \t]*(:[^=\n;#]{1,200})?((?:,[ \t]*[A-Za-z_]\w{0,200}[ \t]*)*,?)?=(?!=)/y

/** The texts of the parameters (or bases) whose `(` is at `open`, and the offset after the `)`. */
function parameters(text: string, open: number): { readonly items: readonly string[]; readonly end: number } {
  const items: string[] = []
  let depth = 0
  let item = ''
  for (let pos = open + 1; pos < text.length && items.length < 200;) {
    const code = text.charCodeAt(pos)
    const next = isQuote(code) ? skipString(text, pos) : code === 35 ? skipBlank(text, pos) : pos + 1
    const closing = code === 41 || code === 93 || code === 125
    if (closing && depth-- === 0) return { items: item.trim() === '' ? items : [...items, item.trim()], end: next }
    if (code === 40 || code === 91 || code === 123) depth++
    if (code === 44 && depth === 0) {
      items.push(item.trim())
      item = ''
    } else if (code !== 35) item += text.slice(pos, next)
    pos = next
  }
  return { items, end: text.length }
}

function hasDefault(parameter: string): boolean {
  return parameter.includes('=')
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function skipSpaces(text: string, at: number): number {
  let pos = at
  while (text.charCodeAt(pos) === 32 || text.charCodeAt(pos) === 9) pos++
  return pos
}
