import { classes, isPart, part, skipBlock, skipLine, skipName, skipRegex, skipSpace, skipString, skipTemplate, space } from './javascript-characters.ts'
import { readArgument, readExport, readImport } from './javascript-clauses.ts'

/** One specifier of a JavaScript or TypeScript file, as our own lexer finds it. */
export interface Found {
  readonly module: string
  /** offset of the word that begins it */
  readonly at: number
  readonly kind: 'static' | 'dynamic' | 'require' | 'resolve' | 'created' | 'prefix' | 'mock'
  /** nothing of it is left at run time */
  readonly typeOnly: boolean
  /** in a `try` that has a handler */
  guarded: boolean
}

/** What a file may hold, by its name: `<` begins an element where JSX is allowed, and where types are too it may be a type's. */
export interface Dialect {
  readonly jsx: boolean
  readonly typed: boolean
}

/**
 * One pass over the characters: strings, comments, templates, regular expressions (by the token before) and JSX are passed over,
 * and what is imported is read at its word. Linear: every step back, from an element that was none, is counted.
 * `sound` is false for a text whose brackets, strings or elements do not end: what was found then is a guess.
 */
export function lexOwn(text: string, dialect: Dialect): { readonly found: readonly Found[]; readonly sound: boolean } {
  const lexer = new Lexer(text, dialect)
  lexer.run()
  return { found: lexer.found, sound: lexer.sound }
}

// What stood before, as far as the next token asks. Up to `before` an operand is awaited: there `/` begins a regular expression.
const operator = 0
const keyword = 1
const colon = 2
/** `else`, `do`, `=>`, `;`, `>`, a closed block, `)` of an `if`: a brace after it is a block */
const statement = 3
/** `if`, `while`, `for`, `with` */
const control = 4
const tryWord = 5
const newWord = 6
const before = 6
const operand = 7
const dot = 8

// What is open. Elements of JSX are last.
const paren = 0
const controlParen = 1
const createParen = 2
const bracket = 3
const block = 4
const tryBlock = 5
const object = 6
const template = 7
const container = 8
const tag = 9
const child = 10

interface Attempt {
  readonly at: number
  readonly open: number
  readonly names: number
  readonly found: number
}

class Lexer {
  readonly found: Found[] = []
  sound = true
  readonly #text: string
  readonly #dialect: Dialect
  /** kinds of what is open, and for each the number of finds when it was opened */
  readonly #open: number[] = []
  readonly #since: number[] = []
  /** tag names of open elements */
  readonly #names: string[] = []
  /** outermost elements that may turn out to be none */
  readonly #attempts: Attempt[] = []
  readonly #creators: ReadonlySet<string>
  #steps: number

  constructor(text: string, dialect: Dialect) {
    this.#text = text
    this.#dialect = dialect
    this.#steps = 2 * text.length + 10_000
    this.#creators = creators(text)
  }

  run(): void {
    const text = this.#text
    const end = text.length
    let last = statement
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
        if (last === dot || code < 97 || code > 122 || at - start < 2) last = operand
        else {
          const said = this.#word(start, at, last)
          last = said & 15
          if (said > 15) at = said >>> 4
        }
        continue
      }
      switch (code) {
        case 34:
        case 39: {
          const next = skipString(text, at + 1, code)
          if (next < 0) this.sound = false
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
            const after = last <= before ? skipRegex(text, at + 1) : -1
            last = after < 0 ? operator : operand
            at = after < 0 ? at + 1 : after
          }
          break
        }
        case 40:
          this.#push(last === control ? controlParen : paren)
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
            ;[at, last] = this.#jsx(at)
          } else last = top === object ? operand : statement
          break
        }
        case 60:
          if (last <= before && last !== newWord && this.#dialect.jsx && this.#element(at)) [at, last] = this.#jsx(at)
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

  /** What a word of small letters is; with the place to go on at, shifted by 4, where it was read ahead. */
  #word(start: number, at: number, last: number): number {
    const text = this.#text
    if (this.#creators.size > 0 && this.#creators.has(text.slice(start, at))) this.#call(start, at, 'created')
    const is = (word: string): boolean => text.startsWith(word, start)
    switch (at - start) {
      case 2:
        if (is('if')) return control
        if (is('do')) return statement
        if (is('vi')) this.#mock(start, at)
        return is('in') || is('of') ? keyword : operand
      case 3:
        return is('for') ? control : is('new') ? newWord : is('try') ? tryWord : operand
      case 4:
        if (is('jest')) this.#mock(start, at)
        return is('else') ? statement : is('case') || is('void') ? keyword : is('with') ? control : operand
      case 5:
        return is('while') ? control : is('await') || is('yield') || is('throw') ? keyword : operand
      case 6:
        if (is('import')) return this.#import(start, at)
        if (is('export')) return this.#export(start, at)
        return is('return') || is('typeof') || is('delete') ? keyword : operand
      case 7:
        if (is('require') && last !== newWord) this.#require(start, at)
        return is('default') ? keyword : is('finally') ? statement : operand
      case 10:
        return is('instanceof') ? keyword : operand
      case 13:
        if (is('createRequire') && text.charCodeAt(skipSpace(text, at)) === 40) {
          this.#push(createParen)
          this.#since[this.#since.length - 1] = start
          return ((skipSpace(text, at) + 1) << 4) | operator
        }
        return operand
      default:
        return operand
    }
  }

  #import(start: number, at: number): number {
    const text = this.#text
    const next = skipSpace(text, at)
    const code = text.charCodeAt(next)
    if (code === 40) {
      this.#call(start, at, 'dynamic')
      return operand
    }
    if (code === 46) {
      const phase = /^\.\s*(?:defer|source)(?=\s*\()/.exec(text.slice(next, next + 40))
      if (phase) this.#call(start, next + phase[0].length, 'dynamic')
      return operand
    }
    const clause = readImport(text, at)
    if (clause === undefined) return operand
    this.#add(clause.module, start, clause.require ? 'require' : 'static', clause.typeOnly)
    return (clause.end << 4) | statement
  }

  #export(start: number, at: number): number {
    const clause = readExport(this.#text, at)
    if (clause === undefined) return operand
    this.#add(clause.module, start, 'static', clause.typeOnly)
    return (clause.end << 4) | statement
  }

  #require(start: number, at: number): void {
    const text = this.#text
    const next = skipSpace(text, at)
    if (text.charCodeAt(next) !== 46) return this.#call(start, at, 'require')
    const member = skipSpace(text, next + 1)
    if (text.startsWith('resolve', member) && !isPart(text.charCodeAt(member + 7))) this.#call(start, member + 7, 'resolve')
  }

  #mock(start: number, at: number): void {
    const member = /^\s*\.\s*(?:mock|doMock|unmock|requireActual|importActual|requireMock|importMock)(?=\s*\()/.exec(this.#text.slice(at, at + 60))
    if (member) this.#call(start, at + member[0].length, 'mock')
  }

  #call(start: number, at: number, kind: Found['kind']): void {
    const argument = readArgument(this.#text, at)
    if (argument === undefined) return
    const typeOnly = kind === 'dynamic' && this.#dialect.typed && !argument.open && this.#isType(start, argument.end)
    if (!argument.open) this.#add(argument.module, start, kind, typeOnly)
    else if (kind === 'dynamic') this.#add(argument.module, start, 'prefix', false)
  }

  /** `typeof import("x")` and `import("x").Name`: a module as a value is awaited, and has but the members of a promise. */
  #isType(start: number, end: number): boolean {
    const text = this.#text
    if (/\btypeof\s*$/.test(text.slice(Math.max(0, start - 20), start))) return true
    const after = text.charCodeAt(end) === 41 ? skipSpace(text, end + 1) : end
    return text.charCodeAt(after) === 46 && !/^\.\s*(?:then|catch|finally)\b/.test(text.slice(after, after + 20))
  }

  #add(module: string, at: number, kind: Found['kind'], typeOnly: boolean): void {
    this.found.push({ module, at, kind, typeOnly, guarded: false })
  }

  #push(kind: number): void {
    this.#open.push(kind)
    this.#since.push(this.found.length)
  }

  #top(): number {
    return this.#open[this.#open.length - 1] ?? -1
  }

  #brace(last: number): number {
    const inExpression = this.#top() === object || this.#top() === paren || this.#top() === bracket
    if (last === tryWord) this.#push(tryBlock)
    else if (last === operator || last === keyword || last === newWord || (last === colon && inExpression)) this.#push(object)
    else this.#push(block)
    return this.#top() === object ? operator : statement
  }

  /** A `)` or `]`. */
  #close(code: number, at: number): number {
    const top = this.#top()
    const fits = code === 93 ? top === bracket : top >= 0 && top <= createParen
    if (!fits) {
      this.sound = false
      return operand
    }
    this.#open.pop()
    const since = this.#since.pop()!
    if (top === createParen) this.#call(since, at + 1, 'require')
    return top === controlParen ? statement : operand
  }

  /** A `}`: what it closed. Brackets without their other half are given up. */
  #closeBrace(at: number): number {
    let top = this.#top()
    if (top < block) {
      this.sound = false
      const brace = this.#open.findLastIndex((kind) => kind >= block)
      if (brace < 0) return block
      this.#open.length = this.#since.length = brace + 1
      top = this.#top()
    }
    this.#open.pop()
    const since = this.#since.pop()!
    if (top === tryBlock && since < this.found.length) {
      const next = skipSpace(this.#text, at + 1)
      if (this.#text.startsWith('catch', next)) for (const one of this.found.slice(since)) one.guarded = true
    }
    return top
  }

  #template(at: number): number {
    const next = skipTemplate(this.#text, at)
    if (next < 0) {
      this.sound = false
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

  /** Opens an element at a `<` where an operand is awaited; false for what can only be types or a comparison. */
  #element(at: number): boolean {
    const text = this.#text
    const next = skipSpace(text, at + 1)
    const code = text.charCodeAt(next)
    if (code !== 62 && classes[code] !== part) return false
    if (this.#dialect.typed && code !== 62 && isParameters(text, next)) return false
    this.#attempts.push({ at, open: this.#open.length, names: this.#names.length, found: this.found.length })
    return true
  }

  /**
   * Goes on in an element, from the `<` that begins it or past the `}` of an expression in it, to the next expression or its end.
   * Gives the place and what stands before it.
   */
  #jsx(from: number): [at: number, last: number] {
    const text = this.#text
    let at = from
    if (text.charCodeAt(at) === 60 && this.#top() < tag) at = this.#openTag(at)
    while (at >= 0 && at < text.length) {
      const top = this.#top()
      if (top < tag) {
        this.#attempts.pop()
        return [at, operand]
      }
      const code = text.charCodeAt(at)
      if (code === 123) {
        this.#push(container)
        return [at + 1, operator]
      }
      at = top === tag ? this.#inTag(at, code) : this.#inText(at, code)
    }
    if (at >= 0 && this.#top() < tag) {
      this.#attempts.pop()
      return [at, operand]
    }
    return [at < 0 ? this.#giveUp(-at) : at, operator]
  }

  /** One piece of a tag; negative where it cannot be one. */
  #inTag(at: number, code: number): number {
    const text = this.#text
    if (isPart(code)) return skipName(text, at)
    if (code === 62) {
      this.#open[this.#open.length - 1] = child
      return at + 1
    }
    if (code === 60) return this.#openTag(at)
    if (code === 34 || code === 39) {
      const close = text.indexOf(text[at]!, at + 1)
      return close < 0 ? -text.length : close + 1
    }
    if (code === 47 && text.charCodeAt(at + 1) === 62) {
      this.#shut()
      return at + 2
    }
    if (code === 61 || code === 45 || code === 58) return at + 1
    const next = skipSpace(text, at)
    return next > at ? next : -at
  }

  /** Text between tags, up to the next tag or expression. */
  #inText(at: number, code: number): number {
    const text = this.#text
    if (code === 60) {
      const next = skipSpace(text, at + 1)
      return text.charCodeAt(next) === 47 ? this.#closeTag(skipSpace(text, next + 1)) : this.#openTag(at)
    }
    let index = at
    for (; index < text.length; index++) {
      const one = text.charCodeAt(index)
      if (one === 60 || one === 123) break
      // In text they have to be escaped; so this is a function's arrow, or the end of a block.
      if (this.#dialect.typed && (one === 62 || one === 125)) return -index
    }
    return index
  }

  #openTag(at: number): number {
    const text = this.#text
    const start = skipSpace(text, at + 1)
    const end = skipTag(text, start)
    const code = text.charCodeAt(start)
    if (end === start && code !== 62) return -at
    this.#push(tag)
    this.#names.push(text.slice(start, end))
    const next = skipSpace(text, end)
    return this.#dialect.typed && end > start && text.charCodeAt(next) === 60 ? skipTypes(text, next) : next
  }

  #closeTag(at: number): number {
    const end = skipTag(this.#text, at)
    const next = skipSpace(this.#text, end)
    if (this.#text.charCodeAt(next) !== 62 || this.#text.slice(at, end) !== this.#names.at(-1)) return -at
    this.#shut()
    return next + 1
  }

  #shut(): void {
    this.#open.pop()
    this.#since.pop()
    this.#names.pop()
  }

  /** Goes back to the `<` that was taken for an element, and reads it as an operator; negative where there is none, or no time. */
  #giveUp(at: number): number {
    const attempt = this.#attempts.pop()
    this.#steps -= attempt === undefined ? 0 : at - attempt.at
    if (attempt === undefined || this.#steps < 0) {
      this.sound = false
      this.#open.length = this.#since.length = 0
      this.#attempts.length = 0
      return this.#text.length
    }
    this.#open.length = this.#since.length = attempt.open
    this.#names.length = attempt.names
    this.found.length = attempt.found
    return attempt.at + 1
  }

  /** At the end: negative, or the place to go back to. */
  #finish(): number {
    if (this.#attempts.length > 0) {
      const at = this.#giveUp(this.#text.length)
      if (at < this.#text.length) return at
    }
    if (this.#open.length > 0) this.sound = false
    return -1
  }
}

/** `<T,>`, `<T extends U>`, `<const T,>`, `<T = U>` begin a function, `<T>` an element. */
function isParameters(text: string, at: number): boolean {
  const end = skipName(text, at)
  const next = skipSpace(text, end)
  const code = text.charCodeAt(next)
  if (code === 44 || code === 61) return true
  if (next === end || !isPart(code)) return false
  if (text.startsWith('extends', next)) {
    const after = text.charCodeAt(skipSpace(text, next + 7))
    return !isPart(text.charCodeAt(next + 7)) && after !== 61 && after !== 62 && after !== 47
  }
  return text.slice(at, end) === 'const' && isParameters(text, next)
}

/** The name of a tag: `a`, `a.b`, `a:b`, `a-b`. */
function skipTag(text: string, at: number): number {
  let index = at
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isPart(code) && code !== 45 && code !== 46 && code !== 58) break
  }
  return index
}

/** Past the type arguments of a tag. */
function skipTypes(text: string, at: number): number {
  let depth = 0
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 60) depth++
    else if (code === 62 && text.charCodeAt(index - 1) !== 61 && --depth === 0) return index + 1
    else if (code === 34 || code === 39) index = Math.abs(skipString(text, index + 1, code)) - 1
    else if (code === 59) break
  }
  return -at
}

const noNames: ReadonlySet<string> = new Set()

/** Names of variables that hold what `createRequire` gave. */
function creators(text: string): ReadonlySet<string> {
  if (!text.includes('createRequire')) return noNames
  const names = new Set<string>()
  for (const [, name] of text.matchAll(/\b(?:const|let|var)\s{1,9}([a-z][\w$]{0,60})\s{0,9}=\s{0,9}(?:\w{1,60}\.)?createRequire\s{0,9}\(/g))
    if (name !== 'require') names.add(name!)
  return names
}

