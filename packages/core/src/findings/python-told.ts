import { Lines } from '../infer/python-lines.ts'
import { isQuote, skipString } from '../infer/python-strings.ts'
import { longestText, mostTexts, type Told } from './told.ts'

/** The texts of a Python file in one pass, linear in its length. Takes anything, never throws. */
export function tellPython(text: string, file: string): readonly Told[] {
  return new Teller(text, file).run()
}

/** What is between two brackets. */
interface Frame {
  readonly kind: number
  readonly callee: string | undefined
  /** `name[…]`: what is in it is a key, not a value */
  readonly subscript: boolean
  slot: string | undefined
  role: string | undefined
}

const [openRound, openSquare, openCurly] = [40, 91, 123]
/** deeper brackets are not told apart */
const deepest = 1000

class Teller {
  readonly #text: string
  readonly #file: string
  readonly #lines: Lines
  readonly #told: Told[] = []
  readonly #frames: Frame[] = []
  #pos = 0
  /** the name that ended directly before `#pos`, blanks aside */
  #name: string | undefined
  /** the first name of the statement, and what it assigns */
  #first: string | undefined
  #variable: string | undefined
  #begins = true

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
    this.#lines = new Lines(text)
  }

  run(): readonly Told[] {
    const text = this.#text
    while (this.#pos < text.length && this.#told.length < mostTexts) {
      const code = text.charCodeAt(this.#pos)
      if (isQuote(code)) this.#literal()
      else if (isNameStart(code)) this.#word()
      else this.#sign(code)
    }
    return this.#told
  }

  #literal(): void {
    const [text, at] = [this.#text, this.#pos]
    const end = skipString(text, at)
    const triple = text.charCodeAt(at + 1) === text.charCodeAt(at) && text.charCodeAt(at + 2) === text.charCodeAt(at)
    const quotes = triple ? 3 : 1
    const value = text.slice(at + quotes, Math.min(Math.max(at + quotes, end - quotes), at + quotes + longestText))
    this.#pos = end
    const frame = this.#frames.at(-1)
    if (frame?.kind === openCurly && frame.slot === undefined && this.#next() === ':') {
      frame.slot = value
      this.#pos = text.indexOf(':', end) + 1
    } else this.#tell(value, at, frame)
    this.#name = undefined
    this.#begins = false
  }

  #tell(value: string, at: number, frame: Frame | undefined): void {
    if (frame?.slot === 'role') frame.role = value
    const callee = this.#frames.findLast((one) => one.callee !== undefined)?.callee
    const slot = this.#slot(frame)
    this.#told.push({
      text: value,
      file: this.#file,
      line: this.#lines.at(at),
      ...(slot !== undefined && { slot }),
      ...(callee !== undefined && { callee }),
      ...(this.#variable !== undefined && { variable: this.#variable }),
      ...(frame?.role !== undefined && { role: frame.role }),
      alone: this.#begins && frame === undefined,
    })
  }

  /** In a list it is that of the list. */
  #slot(frame: Frame | undefined): string | undefined {
    if (frame === undefined) return this.#variable
    if (frame.subscript) return undefined
    return frame.kind === openSquare ? (this.#frames.findLast(({ slot }) => slot !== undefined)?.slot ?? this.#variable) : frame.slot
  }

  #word(): void {
    const text = this.#text
    const start = this.#pos
    let pos = start + 1
    while (pos < text.length && (isNamePart(text.charCodeAt(pos)) || (text[pos] === '.' && isNameStart(text.charCodeAt(pos + 1))))) pos++
    this.#pos = pos
    // the letters before a text are no name
    if (pos - start <= 2 && isQuote(text.charCodeAt(pos))) return
    this.#name = text.slice(start, Math.min(pos, start + 200))
    this.#first ??= this.#frames.length === 0 ? this.#name : undefined
    this.#begins = false
  }

  #sign(code: number): void {
    const name = this.#name
    this.#pos++
    if (code === 32 || code === 9) return
    this.#name = undefined
    if (code === 10 || code === 13) return this.#frames.length === 0 ? this.#statement() : undefined
    if (code === 35) return this.#comment()
    if (code === 92) return void (this.#pos += 1)
    if (code === openRound || code === openSquare || code === openCurly) return this.#open(code, name)
    if (code === 41 || code === 93 || code === 125) return void this.#frames.pop()
    if (code === 59 && this.#frames.length === 0) return this.#statement()
    if (code === 61) return this.#equals(name)
    const frame = this.#frames.at(-1)
    if (code === 44 && frame) frame.slot = undefined
    this.#begins = false
  }

  #open(kind: number, name: string | undefined): void {
    this.#begins = false
    if (this.#frames.length >= deepest) this.#frames.length = 0
    const callee = kind === openRound && name !== undefined && !notCalled.has(name) ? name : undefined
    this.#frames.push({ kind, callee, subscript: kind === openSquare && name !== undefined, slot: undefined, role: undefined })
  }

  #equals(name: string | undefined): void {
    const text = this.#text
    if (text[this.#pos] === '=') return void (this.#pos += 1)
    if ('=!<>:+-*/%&|^@'.includes(text[this.#pos - 2] ?? ' ')) return
    const frame = this.#frames.at(-1)
    if (frame?.kind === openRound) frame.slot = name
    else if (frame === undefined) this.#variable ??= this.#first?.slice(this.#first.lastIndexOf('.') + 1)
  }

  #statement(): void {
    this.#first = this.#variable = undefined
    this.#begins = true
  }

  #comment(): void {
    const text = this.#text
    while (this.#pos < text.length && text[this.#pos] !== '\n' && text[this.#pos] !== '\r') this.#pos++
  }

  /** The next sign after blanks, of which a dictionary has few before its colon. */
  #next(): string | undefined {
    let at = this.#pos
    while (at < this.#pos + 20 && (this.#text[at] === ' ' || this.#text[at] === '\t')) at++
    return this.#text[at]
  }
}

const notCalled: ReadonlySet<string> = new Set(
  'if elif while for return not assert del with yield lambda raise except and or in is await print'.split(' '),
)

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || (code >= 48 && code <= 57)
}
