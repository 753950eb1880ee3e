import { readArguments, readDynamicImport, readValue, type Value } from './python-arguments.ts'
import { Blocks, judge, type Standing } from './python-blocks.ts'
import { readImport } from './python-imports.ts'
import { Lines } from './python-lines.ts'
import type { PythonAssignment, PythonCall, PythonImport, PythonScan } from './python-scan.ts'
import { isQuote, skipString } from './python-strings.ts'

export type { PythonImport, PythonScan } from './python-scan.ts'

/**
 * Reads one Python file in one pass: imports, and what tells how the program starts. Takes any text, never throws, and
 * needs time linear in its length. Strings, comments and brackets are exact (f- and t-strings too); in a broken file a line
 * that can only be an import statement ends an unclosed bracket.
 */
export function scanPython(text: string, file = ''): PythonScan {
  return new Lexer(text, file, true).run()
}

/** The imports of one Python file alone: what `scanPython` finds, faster. */
export function lexPython(text: string, file = ''): readonly PythonImport[] {
  return lexImports(text, file).imports
}

/** The same, with the line of a bracket or a text that shows that the file is broken. */
export function lexImports(text: string, file = ''): Pick<PythonScan, 'imports' | 'damaged'> {
  return new Lexer(text, file, false).run()
}

/** More finds than this in one file are generated data. */
const maxFinds = 10_000

interface Found {
  readonly module: string
  readonly names: readonly string[]
  readonly level: number
  readonly line: number
  readonly standing: Standing | undefined
}

class Lexer {
  readonly #text: string
  readonly #file: string
  /** also looks for assignments, functions and calls */
  readonly #whole: boolean
  readonly #blocks: Blocks
  readonly #lines: Lines
  readonly #found: Found[] = []
  readonly #assignments: PythonAssignment[] = []
  readonly #functions: PythonScan['functions'][number][] = []
  readonly #calls: PythonCall[] = []
  readonly #constants = new Map<string, Value>()
  #mainGuard: number | undefined
  #pos = 0
  #depth = 0
  /** where the outermost bracket was opened */
  #opened = 0
  /** the first bracket without its other half, or the text that never ends */
  #damaged: number | undefined
  /** the logical line began with a word that opens a block, so that a statement may follow its colon */
  #header = false

  constructor(text: string, file: string, whole: boolean) {
    this.#text = text
    this.#file = file
    this.#whole = whole
    this.#blocks = new Blocks(text)
    this.#lines = new Lines(text)
  }

  run(): PythonScan {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#pos = 1
    this.#startLine()
    this.#readAll()
    this.#blocks.close()
    if (this.#depth > 0) this.#damaged ??= this.#opened
    const found = this.#collect()
    // an offset before the last one needs lines of its own
    return this.#damaged === undefined ? found : { ...found, damaged: new Lines(this.#text).at(this.#damaged) }
  }

  #collect(): PythonScan {
    const { mainGuard, ...rest } = {
      imports: this.#found.map((found) => this.#finish(found)),
      assignments: this.#assignments,
      functions: this.#functions,
      calls: this.#calls,
      mainGuard: this.#mainGuard,
    }
    return mainGuard === undefined ? rest : { ...rest, mainGuard }
  }

  #readAll(): void {
    const text = this.#text
    const end = text.length
    while (this.#pos < end) {
      const code = text.charCodeAt(this.#pos)
      if (code > 127 || signs[code] === 0) this.#pos++
      else if (isQuote(code)) this.#literal()
      else this.#sign(code)
    }
  }

  #literal(): void {
    const [at, text] = [this.#pos, this.#text]
    this.#pos = skipString(text, at)
    // one that is open where the text ends would take more of it
    if (this.#pos === text.length && skipString(`${text} `, at) > text.length) this.#damaged ??= at
  }

  #sign(code: number): void {
    switch (code) {
      case 10:
      case 13:
        return this.#endLine()
      case 35:
        return this.#skipComment()
      case 40:
        this.#dynamicImport()
        this.#open()
        break
      case 91:
      case 123:
        this.#open()
        break
      case 41:
      case 93:
      case 125:
        if (this.#depth > 0) this.#depth--
        else this.#damaged ??= this.#pos
        break
      case 58:
        return this.#colon()
      case 59:
        this.#pos++
        if (this.#depth === 0) this.#statement('next')
        return
      case 92:
        this.#pos += this.#text.charCodeAt(this.#pos + 1) === 13 && this.#text.charCodeAt(this.#pos + 2) === 10 ? 3 : 2
        return
    }
    this.#pos++
  }

  #open(): void {
    if (this.#depth++ === 0) this.#opened = this.#pos
  }

  #endLine(): void {
    this.#pos++
    if (this.#depth > 0) {
      if (!this.#recovers()) return
      this.#damaged ??= this.#opened
    }
    this.#depth = 0
    this.#startLine()
  }

  /** Inside brackets: the next line is a whole import statement, which no valid code has there. */
  #recovers(): boolean {
    const text = this.#text
    let at = this.#pos
    while (isBlank(text.charCodeAt(at))) at++
    const code = text.charCodeAt(at)
    if (code !== 105 && code !== 102) return false
    return readImport(text, at)?.complete === true
  }

  /** At the beginning of a physical line outside brackets: measures its indent and reads what the line begins with. */
  #startLine(): void {
    const text = this.#text
    let indent = 0
    for (;;) {
      const code = text.charCodeAt(this.#pos)
      if (code === 32) indent++
      else if (code === 9) indent = (indent | 7) + 1
      else if (code === 12) indent = 0
      else break
      this.#pos++
    }
    const code = text.charCodeAt(this.#pos)
    if (isEmpty(code)) return
    this.#blocks.line(this.#pos, indent)
    this.#header = match(headers, text, this.#pos) !== null
    if (this.#whole && indent === 0) this.#topLevel()
    this.#statement('first')
  }

  #colon(): void {
    this.#pos++
    if (this.#depth > 0) return
    if (this.#text.charCodeAt(this.#pos) === 61) this.#pos++
    else this.#statement(this.#header ? 'body' : 'other')
  }

  /** A statement may begin here; `other`: after a colon that opens no block. */
  #statement(where: 'first' | 'next' | 'body' | 'other'): void {
    const text = this.#text
    while (isBlank(text.charCodeAt(this.#pos))) this.#pos++
    const at = this.#pos
    const code = text.charCodeAt(at)
    if (isEmpty(code)) return
    const statement = code === 105 || code === 102 ? readImport(text, at) : undefined
    if (where !== 'other') this.#blocks.statement(at, statement !== undefined)
    if (statement !== undefined) {
      for (const { module, names, level } of statement.modules) this.#add(module, names, level, at)
      this.#pos = statement.end
    } else if (this.#whole && where !== 'other') this.#call(at)
  }

  #add(module: string, names: readonly string[], level: number, at: number): void {
    this.#found.push({ module, names, level, line: this.#lines.at(at), standing: this.#blocks.standing() })
  }

  #finish({ standing, ...found }: Found): PythonImport {
    return { ...found, file: this.#file, ...(standing === undefined ? { optional: false } : judge(standing)) }
  }

  #dynamicImport(): void {
    const found = readDynamicImport(this.#text, this.#pos)
    if (found === undefined) return
    this.#blocks.imported()
    this.#add(found.module, [], found.level, this.#pos)
  }

  #topLevel(): void {
    const at = this.#pos
    const made = match(assignment, this.#text, at)
    if (made) return this.#assignment(made, at)
    const code = this.#text.charCodeAt(at)
    const defined = code === 97 || code === 100 ? match(definition, this.#text, at) : null
    if (defined) this.#functions.push({ name: defined[2]!, line: this.#lines.at(at), async: defined[1] !== undefined })
    else if (code === 105 && this.#blocks.place() === 'main') this.#mainGuard ??= this.#lines.at(at)
  }

  #assignment([whole, name, callee]: RegExpExecArray, at: number): void {
    const rest = at + whole.length
    const line = lineOf(this.#text, rest)
    if (callee === undefined || /^(?:int|str|os\.getenv|os\.environ\.get|getenv)$/.test(callee))
      this.#constants.set(
        name!,
        readValue(`${callee ?? ''}${callee === undefined ? '' : '('}${line.replace(/\s+#[^"']*$/, '')}`, this.#constants),
      )
    else this.#constants.delete(name!)
    if (callee === undefined || this.#assignments.length >= maxFinds) return
    this.#assignments.push({ name: name!, callee, line: this.#lines.at(at), ...readArguments(this.#text, rest - 1, this.#constants) })
  }

  #call(at: number): void {
    if (this.#calls.length >= maxFinds) return
    const found = match(calling, this.#text, at)
    if (found === null || notCalled.has(found[1]!)) return
    const callee = found[1]!.replace(/[ \t]+/g, '')
    const open = at + found[0].length - 1
    this.#calls.push({ callee, line: this.#lines.at(at), place: this.#blocks.place(), ...readArguments(this.#text, open, this.#constants) })
  }

  #skipComment(): void {
    const text = this.#text
    let pos = this.#pos
    for (let code = 35; pos < text.length && code !== 10 && code !== 13; code = text.charCodeAt(pos)) pos++
    this.#pos = pos
  }
}

/** 1 for the codes that mean something outside names: line ends, quotes, `#`, brackets, `:`, `;` and the backslash. */
const signs: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => ('\n\r"\'#()[]{}:;\\'.includes(String.fromCharCode(code)) ? 1 : 0))

const headers = /(?:if|elif|else|try|except|finally|for|while|with|def|class|async|match|case)\b/y
const assignment =
  /([A-Za-z_]\w{0,100})[ \t]*(?::[^=\n;#]{0,200})?=(?!=)[ \t]*(?:(?:await[ \t]+)?([A-Za-z_]\w{0,100}(?:\.\w{1,100}){0,20})[ \t]*\(|(?=["'\d]|(?:os\.)?environ\[))/y
const definition = /(?:(async)[ \t]+)?def[ \t]+(\w+)/y
const calling = /(?:await[ \t]+)?([A-Za-z_]\w{0,100}(?:[ \t]{0,20}\.[ \t]{0,20}\w{1,100}){0,20})[ \t]{0,20}\(/y
const notCalled: ReadonlySet<string> = new Set(
  'print if elif while for return not assert del with yield lambda raise except super and or in is await async class def'.split(' '),
)

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** True where only a comment, the line's end or nothing follows. */
function isEmpty(code: number): boolean {
  return code === 10 || code === 13 || code === 35 || Number.isNaN(code)
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 12
}

function lineOf(text: string, at: number): string {
  const part = text.slice(at, at + 300)
  return part.slice(0, Math.max(0, `${part}\n`.search(/[\r\n]/)))
}
