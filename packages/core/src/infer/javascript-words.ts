import { isPart, skipSpace } from './javascript-characters.ts'
import { readArgument, readExport, readImport } from './javascript-clauses.ts'
import { control, creation, keyword, newWord, operand, statement, tryWord } from './javascript-nesting.ts'

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

/** Reads the words that import something, ahead of the lexer, and tells what the others say of the token after them. */
export class Words {
  readonly found: Found[] = []
  readonly #text: string
  readonly #typed: boolean
  readonly #creators: ReadonlySet<string>

  constructor(text: string, typed: boolean) {
    this.#text = text
    this.#typed = typed
    this.#creators = creators(text)
  }

  /** What a word of small letters is; with the place to go on at, shifted by 4, where it was read ahead. */
  read(start: number, at: number, last: number): number {
    const text = this.#text
    if (this.#creators.size > 0 && this.#creators.has(text.slice(start, at))) this.call(start, at, 'created')
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
        return is('createRequire') && text.charCodeAt(skipSpace(text, at)) === 40 ? creation : operand
      default:
        return operand
    }
  }

  #import(start: number, at: number): number {
    const text = this.#text
    const next = skipSpace(text, at)
    const code = text.charCodeAt(next)
    if (code === 40) {
      this.call(start, at, 'dynamic')
      return operand
    }
    if (code === 46) {
      const phase = /^\.\s*(?:defer|source)(?=\s*\()/.exec(text.slice(next, next + 40))
      if (phase) this.call(start, next + phase[0].length, 'dynamic')
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
    if (text.charCodeAt(next) !== 46) return this.call(start, at, 'require')
    const member = skipSpace(text, next + 1)
    if (text.startsWith('resolve', member) && !isPart(text.charCodeAt(member + 7))) this.call(start, member + 7, 'resolve')
  }

  #mock(start: number, at: number): void {
    const member = /^\s*\.\s*(?:mock|doMock|unmock|requireActual|importActual|requireMock|importMock)(?=\s*\()/.exec(
      this.#text.slice(at, at + 60),
    )
    if (member) this.call(start, at + member[0].length, 'mock')
  }

  /** The literal in the parentheses after `at`. */
  call(start: number, at: number, kind: Found['kind']): void {
    const argument = readArgument(this.#text, at)
    if (argument === undefined) return
    const typeOnly = kind === 'dynamic' && this.#typed && !argument.open && this.#isType(start, argument.end)
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
