// Where Python's string literals end. Prefixes are read backwards from the quote. A backslash always protects the next
// character, in raw literals too; f- and t-strings hold fields, which hold literals again (PEP 701, PEP 750).

import { isNamePart } from './python-imports.ts'

const NEWLINE = 10
const RETURN = 13
const DOUBLE = 34
const HASH = 35
const SINGLE = 39
const COLON = 58
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125

/** Deeper literals inside literals are read as plain ones; CPython stops at 150. */
const maxNesting = 100

/** True for the codes of `'` and `"`. */
export function isQuote(code: number): boolean {
  return code === DOUBLE || code === SINGLE
}

/** The offset after the literal whose opening quote is at `at`; for an unterminated one the end of its line (or of the text). */
export function skipString(text: string, at: number, nesting = 0): number {
  const quote = text.charCodeAt(at)
  const triple = text.charCodeAt(at + 1) === quote && text.charCodeAt(at + 2) === quote
  const start = at + (triple ? 3 : 1)
  const prefix = prefixBefore(text, at)
  const literal: Literal = { text, quote, triple, raw: /r/i.test(prefix), nesting }
  return nesting < maxNesting && /[ft]/i.test(prefix) ? skipFields(literal, start) : skipPlain(literal, start)
}

interface Literal {
  readonly text: string
  readonly quote: number
  readonly triple: boolean
  readonly raw: boolean
  readonly nesting: number
}

/** The letters directly before a quote, when they are a prefix such as `rb` or `F`. */
function prefixBefore(text: string, quoteAt: number): string {
  let start = quoteAt
  while (start > 0 && quoteAt - start < 3 && isNamePart(text.charCodeAt(start - 1))) start--
  const run = text.slice(start, quoteAt)
  return run !== '' && /^[bBrRuUfFtT]{1,2}$/.test(run) ? run : ''
}

function skipPlain(literal: Literal, start: number): number {
  const { text, quote, triple } = literal
  let pos = start
  for (; pos < text.length; pos++) {
    const code = text.charCodeAt(pos)
    if (code === BACKSLASH) pos = protect(text, pos)
    else if (code === quote && closes(literal, pos)) return pos + (triple ? 3 : 1)
    else if (!triple && (code === NEWLINE || code === RETURN)) return pos
  }
  return Math.min(pos, text.length)
}

function skipFields(literal: Literal, start: number): number {
  const { text, quote, triple, raw } = literal
  let pos = start
  for (; pos < text.length; pos++) {
    const code = text.charCodeAt(pos)
    if (code === BACKSLASH) pos = protectInFields(text, pos, raw)
    else if (code === quote && closes(literal, pos)) return pos + (triple ? 3 : 1)
    else if (!triple && (code === NEWLINE || code === RETURN)) return pos
    else if (code === OPEN) pos = text.charCodeAt(pos + 1) === OPEN ? pos + 1 : skipField(literal, pos + 1) - 1
  }
  return Math.min(pos, text.length)
}

/** From after a field's `{` to after its `}`, or to where the literal itself ends without one. */
function skipField(literal: Literal, start: number): number {
  const { text } = literal
  let depth = 0
  let pos = start
  for (; pos < text.length; pos++) {
    const code = text.charCodeAt(pos)
    if (isQuote(code)) pos = skipString(text, pos, literal.nesting + 1) - 1
    else if (code === OPEN || code === 40 || code === 91) depth++
    else if (code === CLOSE && depth === 0) return pos + 1
    else if (code === CLOSE || code === 41 || code === 93) depth--
    else if (code === COLON && depth === 0) return skipSpecification(literal, pos + 1)
    else if (code === HASH) pos = lineEnd(text, pos) - 1
    else if (code === NEWLINE && !literal.triple && looksLikeImport(text, pos + 1)) return pos
  }
  return text.length
}

/** A format specification: quotes of the other kind are plain text in it, fields may nest. */
function skipSpecification(literal: Literal, start: number): number {
  const { text, quote, triple, raw } = literal
  if (literal.nesting > maxNesting) return text.length
  let pos = start
  for (; pos < text.length; pos++) {
    const code = text.charCodeAt(pos)
    if (code === OPEN) pos = skipField({ ...literal, nesting: literal.nesting + 1 }, pos + 1) - 1
    else if (code === CLOSE) return pos + 1
    else if (code === quote && closes(literal, pos)) return pos
    else if (!triple && (code === NEWLINE || code === RETURN)) return pos
    else if (code === BACKSLASH) pos = protectInFields(text, pos, raw)
  }
  return text.length
}

function closes({ text, quote, triple }: Literal, pos: number): boolean {
  return !triple || (text.charCodeAt(pos + 1) === quote && text.charCodeAt(pos + 2) === quote)
}

function protect(text: string, pos: number): number {
  return text.charCodeAt(pos + 1) === RETURN && text.charCodeAt(pos + 2) === NEWLINE ? pos + 2 : pos + 1
}

/** In a literal with fields a backslash does not protect braces, and `\N{NAME}` is no field. */
function protectInFields(text: string, pos: number, raw: boolean): number {
  const next = text.charCodeAt(pos + 1)
  if (next === OPEN || next === CLOSE) return pos
  if (raw || next !== 78 || text.charCodeAt(pos + 2) !== OPEN) return protect(text, pos)
  const name = text.slice(pos + 3, pos + 103).indexOf('}')
  return name < 0 ? pos + 1 : pos + 3 + name
}

function lineEnd(text: string, pos: number): number {
  while (pos < text.length && text.charCodeAt(pos) !== NEWLINE && text.charCodeAt(pos) !== RETURN) pos++
  return pos
}

const importLine = /[ \t\f]{0,200}(?:import[ \t]+\w|from[ \t]+[.\w]+[ \t]+import\b)/y

/** A line that can only be an import statement; valid code has none inside brackets or fields. */
function looksLikeImport(text: string, pos: number): boolean {
  importLine.lastIndex = pos
  return importLine.test(text)
}
