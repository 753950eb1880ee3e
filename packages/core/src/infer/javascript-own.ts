import { classes, part, skipBlock, skipLine, skipRegex, skipSpace, skipString, skipTemplate, space } from './javascript-characters.ts'
import { Elements } from './javascript-elements.ts'
import {
  before,
  block,
  bracket,
  colon,
  container,
  control,
  controlParen,
  createParen,
  creation,
  dot,
  keyword,
  Nesting,
  newWord,
  object,
  operand,
  operator,
  paren,
  statement,
  template,
  tryBlock,
  tryWord,
} from './javascript-nesting.ts'
import { Words, type Found } from './javascript-words.ts'

/**
 * One pass over the characters: strings, comments, templates, regular expressions (by the token before) and JSX are passed over,
 * and what is imported is read at its word. Linear: every step back, from an element that was none, is counted.
 * `sound` is false for a text whose brackets, strings or elements do not end: what was found then is a guess.
 */
export function lexOwn(
  text: string,
  dialect: Dialect,
): {
  readonly found: readonly Found[]
  readonly sound: boolean
  readonly elements: boolean
} {
  const lexer = new Lexer(text, dialect)
  lexer.run()
  return lexer.answer()
}

/** What a file may hold, by its name: `<` begins an element where JSX is allowed, and where types are too it may be a type's. */
export interface Dialect {
  readonly jsx: boolean
  readonly typed: boolean
}

class Lexer {
  #sound = true
  readonly #text: string
  readonly #jsx: boolean
  readonly #nesting = new Nesting()
  readonly #words: Words
  readonly #elements: Elements
  #steps: number

  constructor(text: string, { jsx, typed }: Dialect) {
    this.#text = text
    this.#jsx = jsx
    this.#steps = 2 * text.length + 10_000
    this.#words = new Words(text, typed)
    this.#elements = new Elements(text, typed, this.#nesting, this.#words.found)
  }

  answer(): ReturnType<typeof lexOwn> {
    return { found: this.#words.found, sound: this.#sound, elements: this.#elements.seen }
  }

  run(): void {
    const text = this.#text
    const end = text.length
    const words = this.#words
    const elements = this.#elements
    let last = statement
    let created = 0
    let at = text.startsWith('#!') ? skipLine(text, 2) : 0
    for (;;) {
      if (at >= end) {
        const retry = this.#finish()
        if (retry < 0) return
        at = retry
        last = operator
      }
      const code = text.charCodeAt(at)
      const kind = classes[code]!
      if (kind === space) {
        at++
        continue
      }
      if (kind !== 0) {
        const start = at++
        while (at < end && (classes[text.charCodeAt(at)]! & part) !== 0) at++
        if (last === dot && at - start === 13 && text.startsWith('createRequire', start)) {
          last = creation
          created = start
        } else if (last === dot || code < 97 || code > 122 || at - start < 2) last = operand
        else {
          const said = words.read(start, at, last)
          last = said & 15
          if (last === creation) created = start
          if (said > 15) at = said >>> 4
        }
        continue
      }
      switch (code) {
        case 34:
        case 39: {
          const next = skipString(text, at + 1, code)
          if (next < 0) this.#sound = false
          at = Math.abs(next)
          last = operand
          break
        }
        case 96:
          at = this.#template(at + 1)
          last = text.charCodeAt(at - 1) === 96 ? operand : operator
          break
        case 47: {
          const next = text.charCodeAt(at + 1)
          if (next === 47) at = skipLine(text, at + 2)
          else if (next === 42) at = skipBlock(text, at + 2)
          else {
            const after = last <= before ? this.#regex(at + 1) : -1
            last = after < 0 ? operator : operand
            at = after < 0 ? at + 1 : after
          }
          break
        }
        case 40:
          if (last === creation) this.#nesting.push(createParen, created)
          else this.#push(last === control ? controlParen : paren)
          last = operator
          at++
          break
        case 91:
          this.#push(bracket)
          last = operator
          at++
          break
        case 123:
          last = this.#brace(last)
          at++
          break
        case 41:
        case 93:
          last = this.#close(code, at)
          at++
          break
        case 125: {
          const top = this.#closeBrace(at)
          at++
          if (top === template) {
            at = this.#template(at)
            last = text.charCodeAt(at - 1) === 96 ? operand : operator
          } else if (top === container) {
            ;[at, last] = elements.read(at)
          } else last = top === object ? operand : statement
          break
        }
        case 60:
          if (last <= before && last !== newWord && this.#jsx && elements.begins(at)) [at, last] = elements.read(at)
          else {
            last = operator
            at++
          }
          break
        case 46:
          if (text.charCodeAt(at + 1) === 46 && text.charCodeAt(at + 2) === 46) {
            at += 3
            last = operator
          } else {
            at++
            last = dot
          }
          break
        case 43:
        case 45:
          if (text.charCodeAt(at + 1) === code) at += 2
          else {
            at++
            last = operator
          }
          break
        case 61:
          if (text.charCodeAt(at + 1) === 62) {
            at += 2
            last = statement
          } else {
            at++
            last = operator
          }
          break
        case 33:
          // TypeScript's `a!` leaves an operand
          if (last !== operand || text.charCodeAt(at + 1) === 61 || this.#afterLineEnd(at)) last = operator
          at++
          break
        case 58:
          last = colon
          at++
          break
        case 59:
        case 62:
          last = statement
          at++
          break
        default:
          last = operator
          at++
      }
    }
  }

  #push(kind: number): void {
    this.#nesting.push(kind, this.#words.found.length)
  }

  #brace(last: number): number {
    const inExpression = this.#nesting.top() === object || this.#nesting.top() === paren || this.#nesting.top() === bracket
    if (last === tryWord) this.#push(tryBlock)
    else if (last === operator || last === keyword || last === newWord || (last === colon && inExpression)) this.#push(object)
    else this.#push(block)
    return this.#nesting.top() === object ? operator : statement
  }

  /** A `)` or `]`. */
  #close(code: number, at: number): number {
    const top = this.#nesting.top()
    const fits = code === 93 ? top === bracket : top >= 0 && top <= createParen
    if (!fits) {
      this.#sound = false
      return operand
    }
    const since = this.#nesting.pop()
    if (top === createParen) this.#words.call(since, at + 1, 'require')
    return top === controlParen ? statement : operand
  }

  /** A `}`: what it closed. Brackets without their other half are given up. */
  #closeBrace(at: number): number {
    let top = this.#nesting.top()
    if (top < block) {
      this.#sound = false
      const brace = this.#nesting.findLast(block)
      if (brace < 0) return block
      this.#nesting.cut(brace + 1)
      top = this.#nesting.top()
    }
    const since = this.#nesting.pop()
    if (top === tryBlock && since < this.#words.found.length) {
      const next = skipSpace(this.#text, at + 1)
      if (this.#text.startsWith('catch', next)) this.#guard(since)
    }
    return top
  }

  /** What begins like a regular expression and never ends is looked at for a line each, so that is counted too. */
  #regex(at: number): number {
    if (this.#steps < 0) return -1
    const after = skipRegex(this.#text, at)
    if (after < 0) {
      const end = skipLine(this.#text, at)
      this.#steps -= end - at
    }
    return after
  }

  /** Blocks in blocks mark the same ones again, which is counted. */
  #guard(since: number): void {
    const { found } = this.#words
    for (let index = since; index < found.length && this.#steps-- > 0; index++) found[index]!.guarded = true
  }

  #template(at: number): number {
    const next = skipTemplate(this.#text, at)
    if (next < 0) {
      this.#sound = false
      return -next
    }
    if (this.#text.charCodeAt(next - 1) === 123) this.#push(template)
    return next
  }

  #afterLineEnd(at: number): boolean {
    let index = at - 1
    for (; index >= 0 && classes[this.#text.charCodeAt(index)] === space; index--) if (this.#text.charCodeAt(index) === 10) return true
    return false
  }

  /** At the end: negative, or the place to go back to. */
  #finish(): number {
    if (this.#elements.tries) {
      const at = this.#elements.giveUp(this.#text.length)
      if (at < this.#text.length) return at
    }
    if (this.#nesting.size > 0 || this.#elements.lost) this.#sound = false
    return -1
  }
}
