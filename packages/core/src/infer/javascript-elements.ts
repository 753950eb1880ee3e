import { classes, isPart, part, skipName, skipSpace, skipString } from './javascript-characters.ts'
import { child, container, operand, operator, tag, type Nesting } from './javascript-nesting.ts'

interface Attempt {
  readonly at: number
  readonly open: number
  readonly names: number
  readonly found: number
}

/** Reads the elements of JSX between expressions; what turns out to be none is given up, and what was found in it. */
export class Elements {
  /** some element was read to its end */
  seen = false
  /** more was given up than there is time for */
  lost = false
  readonly #text: string
  readonly #typed: boolean
  readonly #nesting: Nesting
  readonly #found: unknown[]
  /** tag names of open elements */
  readonly #names: string[] = []
  /** outermost elements that may turn out to be none */
  readonly #attempts: Attempt[] = []
  #steps: number

  constructor(text: string, typed: boolean, nesting: Nesting, found: unknown[]) {
    this.#text = text
    this.#typed = typed
    this.#nesting = nesting
    this.#found = found
    this.#steps = 2 * text.length + 10_000
  }

  /** an element may still turn out to be none */
  get tries(): boolean {
    return this.#attempts.length > 0
  }

  /** Opens an element at a `<` where an operand is awaited; false for what can only be types or a comparison. */
  begins(at: number): boolean {
    const text = this.#text
    const next = skipSpace(text, at + 1)
    const code = text.charCodeAt(next)
    if (code !== 62 && classes[code] !== part) return false
    if (this.#typed && code !== 62 && isParameters(text, next)) return false
    this.#attempts.push({ at, open: this.#nesting.size, names: this.#names.length, found: this.#found.length })
    return true
  }

  /**
   * Goes on in an element, from the `<` that begins it or past the `}` of an expression in it, to the next expression or its end.
   * Gives the place and what stands before it.
   */
  read(from: number): [at: number, last: number] {
    const text = this.#text
    let at = from
    if (text.charCodeAt(at) === 60 && this.#nesting.top() < tag) at = this.#openTag(at)
    while (at >= 0 && at < text.length) {
      const top = this.#nesting.top()
      if (top < tag) {
        this.#attempts.pop()
        return [at, operand]
      }
      const code = text.charCodeAt(at)
      if (code === 123) {
        this.#nesting.push(container, 0)
        return [at + 1, operator]
      }
      at = top === tag ? this.#inTag(at, code) : this.#inText(at, code)
    }
    if (at >= 0 && this.#nesting.top() < tag) {
      this.#attempts.pop()
      return [at, operand]
    }
    return [at < 0 ? this.giveUp(-at) : at, operator]
  }

  /** One piece of a tag; negative where it cannot be one. */
  #inTag(at: number, code: number): number {
    const text = this.#text
    if (isPart(code)) return skipName(text, at)
    if (code === 62) {
      this.#nesting.turn(child)
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
      if (this.#typed && (one === 62 || one === 125)) return -index
    }
    return index
  }

  #openTag(at: number): number {
    const text = this.#text
    const start = skipSpace(text, at + 1)
    const end = skipTag(text, start)
    const code = text.charCodeAt(start)
    if (end === start && code !== 62) return -at
    this.#nesting.push(tag, 0)
    this.#names.push(text.slice(start, end))
    const next = skipSpace(text, end)
    return this.#typed && end > start && text.charCodeAt(next) === 60 ? skipTypes(text, next) : next
  }

  #closeTag(at: number): number {
    const end = skipTag(this.#text, at)
    const next = skipSpace(this.#text, end)
    if (this.#text.charCodeAt(next) !== 62 || this.#text.slice(at, end) !== this.#names.at(-1)) return -at
    this.#shut()
    return next + 1
  }

  #shut(): void {
    this.seen = true
    this.#nesting.pop()
    this.#names.pop()
  }

  /** Goes back to the `<` that was taken for an element, and reads it as an operator; negative where there is none, or no time. */
  giveUp(at: number): number {
    const attempt = this.#attempts.pop()
    this.#steps -= attempt === undefined ? 0 : at - attempt.at
    if (attempt === undefined || this.#steps < 0) {
      this.lost = true
      this.#nesting.cut(0)
      this.#attempts.length = 0
      return this.#text.length
    }
    this.#nesting.cut(attempt.open)
    this.#names.length = attempt.names
    this.#found.length = attempt.found
    return attempt.at + 1
  }
}

/** `<T,>`, `<T extends U>`, `<const T,>`, `<T = U>` begin a function, `<T>` an element. */
function isParameters(text: string, from: number): boolean {
  const constant = /^const\s+(?=[\w$])/.exec(text.slice(from, from + 20))
  const at = from + (constant?.[0].length ?? 0)
  const end = skipName(text, at)
  const next = skipSpace(text, end)
  const code = text.charCodeAt(next)
  if (code === 44 || code === 61) return true
  if (next === end || !text.startsWith('extends', next) || isPart(text.charCodeAt(next + 7))) return false
  const after = text.charCodeAt(skipSpace(text, next + 7))
  return after !== 61 && after !== 62 && after !== 47
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

/** Past the type arguments of a tag; the negative place where they cannot go on. */
function skipTypes(text: string, at: number): number {
  let depth = 0
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 60) depth++
    else if (code === 62 && text.charCodeAt(index - 1) !== 61 && --depth === 0) return index + 1
    else if (code === 34 || code === 39) index = Math.abs(skipString(text, index + 1, code)) - 1
    else if (code === 59) return -index
  }
  return -text.length
}
