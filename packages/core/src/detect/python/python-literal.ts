import { isQuote, skipString } from '../../infer/python-strings.ts'

/** A Python literal of texts, lists (tuples too) and dictionaries; `at` is where it begins, `end` the offset after it. */
export type PythonLiteral = { readonly at: number; readonly end: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly PythonLiteral[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [string, PythonLiteral])[] }
)

/** Deeper or longer ones are data, not settings. */
const maxDepth = 3
const maxItems = 1000

/** Reads the literal at `at`; undefined when there is none, or one with anything else in it. Nothing is evaluated. */
export function readLiteral(text: string, at: number, depth = 0): PythonLiteral | undefined {
  const start = skipBlank(text, at)
  if (depth > maxDepth) return undefined
  if (text[start] === '[' || text[start] === '(') return readList(text, start, depth)
  if (text[start] === '{') return readDict(text, start, depth)
  return readText(text, start)
}

/** The offset of what follows white space, line ends and comments. */
export function skipBlank(text: string, at: number): number {
  for (let pos = at; ; pos++) {
    const code = text.charCodeAt(pos)
    if (code === 35) while (pos < text.length && text.charCodeAt(pos + 1) !== 10) pos++
    else if (code !== 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) return pos
  }
}

/** One text, or several side by side, which Python joins: undefined with fields or escapes, which are no plain text. `end` is `at` without any. */
export function readTexts(text: string, at: number): { readonly text: string | undefined; readonly end: number } {
  let whole: string | undefined = ''
  let end = at
  for (let pos = at; ; pos = skipBlank(text, end)) {
    const quote = afterPrefix(text, pos)
    if (!isQuote(text.charCodeAt(quote))) return { text: whole, end }
    end = skipString(text, quote)
    const [, , body] = /^[rRuU]?("""|'''|["'])([^\\]*)\1$/.exec(text.slice(pos, end)) ?? []
    whole = whole === undefined || body === undefined ? undefined : whole + body
  }
}

/** `r`, `b`, `f`, `rb` and the like. */
function afterPrefix(text: string, at: number): number {
  let pos = at
  while (pos < at + 2 && /[a-zA-Z]/.test(text[pos] ?? '')) pos++
  return pos
}

function readText(text: string, start: number): PythonLiteral | undefined {
  const { text: whole, end } = readTexts(text, start)
  return whole === undefined || end === start ? undefined : { kind: 'text', text: whole, at: start, end }
}

function readList(text: string, start: number, depth: number): PythonLiteral | undefined {
  const close = text[start] === '[' ? ']' : ')'
  const items: PythonLiteral[] = []
  for (let pos = skipBlank(text, start + 1); items.length < maxItems;) {
    if (text[pos] === close) return { kind: 'list', items, at: start, end: pos + 1 }
    const item = readLiteral(text, pos, depth + 1)
    const next = item && afterItem(text, item.end, close)
    if (next === undefined) return undefined
    items.push(item!)
    pos = next
  }
  return undefined
}

function readDict(text: string, start: number, depth: number): PythonLiteral | undefined {
  const entries: (readonly [string, PythonLiteral])[] = []
  for (let pos = skipBlank(text, start + 1); entries.length < maxItems;) {
    if (text[pos] === '}') return { kind: 'dict', entries, at: start, end: pos + 1 }
    const key = readText(text, pos)
    const colon = key && skipBlank(text, key.end)
    if (key?.kind !== 'text' || text[colon!] !== ':') return undefined
    const value = readLiteral(text, colon! + 1, depth + 1)
    const next = value && afterItem(text, value.end, '}')
    if (next === undefined) return undefined
    entries.push([key.text, value!])
    pos = next
  }
  return undefined
}

/** Where the next item begins, or the closing bracket; undefined when something else follows. */
function afterItem(text: string, end: number, close: string): number | undefined {
  const pos = skipBlank(text, end)
  if (text[pos] === ',') return skipBlank(text, pos + 1)
  return text[pos] === close ? pos : undefined
}
