import { isNamePart } from '../../infer/python-imports.ts'
import { isQuote, skipString } from '../../infer/python-strings.ts'
import { readTexts, skipBlank } from './python-literal.ts'

/** A Python expression, as far as the start of a program needs it. Nothing is evaluated. */
export type Expression =
  /** `a.b.c` */
  | { readonly kind: 'name'; readonly dotted: string }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[]; readonly keywords: Keywords }
  /** an attribute of what is no plain name: `f().b` */
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  /** `a["b"]` */
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  /** also of a tuple, a set, or the values of a dictionary */
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'other' }

export type Keywords = ReadonlyMap<string, Expression>

interface Read {
  readonly expression: Expression
  readonly end: number
}

const other: Expression = { kind: 'other' }
/** Deeper or longer ones are data, not the program. */
const maxDepth = 12
const maxItems = 200
const maxTrailers = 200

/** Reads the expression at `at`, inside brackets or where a statement's value begins; `end` is the offset after what was understood. */
export function readExpression(text: string, at: number, bracketed = false, depth = 0): Read {
  const start = skipBlank(text, at)
  if (depth > maxDepth) return { expression: other, end: start }
  const word = wordAt(text, start)
  if (word === 'await') return readExpression(text, start + word.length, bracketed, depth + 1)
  const first = readTrailers(text, readPrimary(text, start, word, depth), bracketed, depth)
  const next = bracketed ? skipBlank(text, first.end) : skipSpaces(text, first.end)
  if (wordAt(text, next) !== 'or') return first
  const right = readExpression(text, next + 2, bracketed, depth + 1)
  return { expression: { kind: 'or', left: first.expression, right: right.expression }, end: right.end }
}

function readPrimary(text: string, at: number, word: string, depth: number): Read {
  const code = text.charCodeAt(at)
  if (isQuote(code) || (word.length > 0 && word.length < 3 && isQuote(text.charCodeAt(at + word.length))))
    return ofTexts(readTexts(text, at))
  if (code > 47 && code < 58) return readNumber(text, at, word)
  if (word !== '' && !notNames.has(word)) return { expression: { kind: 'name', dotted: word }, end: at + word.length }
  if (code === 40 || code === 91 || code === 123) return readItems(text, at, depth)
  return { expression: other, end: at }
}

const notNames: ReadonlySet<string> = new Set('lambda not yield if else for in is and or from import class def return'.split(' '))

function wordAt(text: string, at: number): string {
  let end = at
  while (isNamePart(text.charCodeAt(end))) end++
  return text.slice(at, end)
}

function readNumber(text: string, at: number, word: string): Read {
  const plain = /^\d{1,9}$/.test(word) && text.charCodeAt(at + word.length) !== 46
  return { expression: plain ? { kind: 'number', number: Number(word) } : other, end: at + word.length }
}

function ofTexts({ text, end }: ReturnType<typeof readTexts>): Read {
  return { expression: text === undefined ? other : { kind: 'text', text }, end }
}

function readItems(text: string, at: number, depth: number): Read {
  const { args, end, commas } = readArguments(text, at, depth)
  const inner = text[at] === '(' && args.length === 1 && !commas ? args[0]! : undefined
  return { expression: inner ?? { kind: 'list', items: args }, end }
}

function readTrailers(text: string, first: Read, bracketed: boolean, depth: number): Read {
  const skip = bracketed ? skipBlank : skipSpaces
  let { expression, end } = first
  for (let count = 0; count < maxTrailers && expression.kind !== 'other'; count++) {
    const pos = skip(text, end)
    const sign = text[pos]
    if (sign === '.') {
      const from = skip(text, pos + 1)
      const name = wordAt(text, from)
      if (name === '') break
      end = from + name.length
      expression =
        expression.kind === 'name' ? { kind: 'name', dotted: `${expression.dotted}.${name}` } : { kind: 'attribute', of: expression, name }
    } else if (sign === '(') {
      const { args, keywords, end: after } = readArguments(text, pos, depth)
      expression = { kind: 'call', callee: expression, args, keywords }
      end = after
    } else if (sign === '[') {
      const { args, end: after } = readArguments(text, pos, depth)
      expression = { kind: 'item', of: expression, key: args[0] ?? other }
      end = after
    } else break
  }
  return { expression, end }
}

interface Arguments {
  readonly args: readonly Expression[]
  readonly keywords: Keywords
  readonly commas: boolean
  readonly end: number
}

/** What stands between the bracket at `open` and its other half. */
function readArguments(text: string, open: number, depth: number): Arguments {
  const args: Expression[] = []
  const keywords = new Map<string, Expression>()
  let commas = false
  let pos = skipBlank(text, open + 1)
  for (let count = 0; pos < text.length && !isClosing(text.charCodeAt(pos)); count++) {
    const name = wordAt(text, pos)
    const equals = skipBlank(text, pos + name.length)
    const keyword = name !== '' && text[equals] === '=' && text[equals + 1] !== '=' ? name : undefined
    const read =
      count < maxItems
        ? readItem(text, keyword === undefined ? pos : equals + 1, text[open] === '{', depth + 1)
        : { expression: other, end: pos }
    const rest = restOfItem(text, read.end)
    const value = rest.empty ? read.expression : other
    if (keyword === undefined) args.push(value)
    else keywords.set(keyword, value)
    pos = rest.end
    if (text[pos] !== ',') break
    commas = true
    pos = skipBlank(text, pos + 1)
  }
  return { args, keywords, commas, end: Math.min(text.length, pos + 1) }
}

/** One item; of a dictionary, its value. */
function readItem(text: string, at: number, inBraces: boolean, depth: number): Read {
  const read = readExpression(text, at, true, depth)
  const next = inBraces ? skipBlank(text, read.end) : -1
  return text[next] === ':' ? readExpression(text, next + 1, true, depth) : read
}

/** Where the item ends: at its comma, or at the closing bracket. */
function restOfItem(text: string, at: number): { end: number; empty: boolean } {
  let depth = 0
  let empty = true
  for (let pos = skipBlank(text, at); pos < text.length;) {
    const code = text.charCodeAt(pos)
    if (depth === 0 && (code === 44 || isClosing(code))) return { end: pos, empty }
    empty = false
    if (isQuote(code)) {
      pos = skipString(text, pos)
      continue
    }
    if (code === 35) {
      pos = skipBlank(text, pos)
      continue
    }
    if (code === 40 || code === 91 || code === 123) depth++
    else if (isClosing(code)) depth--
    pos++
  }
  return { end: text.length, empty: false }
}

function isClosing(code: number): boolean {
  return code === 41 || code === 93 || code === 125
}

/** Spaces and joined lines, as between the parts of one statement. */
function skipSpaces(text: string, at: number): number {
  let pos = at
  for (;;) {
    const code = text.charCodeAt(pos)
    if (code === 32 || code === 9) pos++
    else if (code === 92 && text[pos + 1] === '\n') pos += 2
    else if (code === 92 && text.startsWith('\r\n', pos + 1)) pos += 3
    else return pos
  }
}
