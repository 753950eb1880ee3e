import { classes, cooked, isPart, skipName, skipSpace, skipString, skipTemplate } from './javascript-characters.ts'

/** An `import` or `export … from`, read ahead of the lexer. */
export interface Clause {
  readonly module: string
  readonly typeOnly: boolean
  /** `import x = require("x")` */
  readonly require: boolean
  /** past it */
  readonly end: number
}

/** What stands between the parentheses of `require(…)` or `import(…)`. */
export interface Argument {
  readonly module: string
  /** a template that begins so and goes on with `${` */
  readonly open: boolean
  /** past what was read: the `)` or `,` after a literal */
  readonly end: number
}

/** The clause after the word `import`, which ended at `at`; undefined where it is none. */
export function readImport(text: string, at: number): Clause | undefined {
  let index = skipSpace(text, at)
  const code = text.charCodeAt(index)
  if (code === 34 || code === 39) return readFrom(text, index, false)
  if (code !== 123 && code !== 42 && (index === at || !isPart(code))) return undefined
  const kind = readKind(text, index)
  index = kind.at
  if (isPart(text.charCodeAt(index))) {
    index = skipSpace(text, skipName(text, index))
    if (text.charCodeAt(index) === 61) return readEquals(text, index + 1, kind.typeOnly)
    if (text.charCodeAt(index) === 44) return readNamed(text, skipSpace(text, index + 1), kind.typeOnly, true)
    return readWordFrom(text, index, kind.typeOnly)
  }
  return readNamed(text, index, kind.typeOnly, false)
}

/** The `… from "x"` after the word `export`, which ended at `at`. */
export function readExport(text: string, at: number): Clause | undefined {
  let index = skipSpace(text, at)
  let typeOnly = false
  if (text.charCodeAt(index) === 116 && text.startsWith('type', index)) {
    index = skipSpace(text, index + 4)
    typeOnly = true
  }
  const code = text.charCodeAt(index)
  return code === 123 || code === 42 ? readNamed(text, index, typeOnly, false) : undefined
}

/** The literal after a `(` at `at` (white space before it aside), when it is a whole argument. */
export function readArgument(text: string, at: number): Argument | undefined {
  const open = skipSpace(text, at)
  if (text.charCodeAt(open) !== 40) return undefined
  const start = skipSpace(text, open + 1)
  const quote = text.charCodeAt(start)
  if (quote === 34 || quote === 39) {
    const end = skipString(text, start + 1, quote)
    return end < 0 ? undefined : closed(text, start, end)
  }
  if (quote !== 96) return undefined
  const end = skipTemplate(text, start + 1)
  if (end < 0) return undefined
  return text.charCodeAt(end - 1) === 123 ? { module: cooked(text.slice(start + 1, end - 2)), open: true, end } : closed(text, start, end)
}

function closed(text: string, start: number, end: number): Argument | undefined {
  const after = skipSpace(text, end)
  const code = text.charCodeAt(after)
  return code === 41 || code === 44 ? { module: cooked(text.slice(start + 1, end - 1)), open: false, end: after } : undefined
}

/** `type`, `typeof` (Flow), `defer` and `source` before what is imported: each is also a name one may import. */
function readKind(text: string, at: number): { readonly at: number; readonly typeOnly: boolean } {
  const end = skipName(text, at)
  const word = text.slice(at, end)
  const none = { at, typeOnly: false }
  if (word !== 'type' && word !== 'typeof' && word !== 'defer' && word !== 'source') return none
  const next = skipSpace(text, end)
  const code = text.charCodeAt(next)
  const found = { at: next, typeOnly: word.startsWith('type') }
  if (code === 123 || code === 42) return found
  if (next === end || !isPart(code)) return none
  const nextEnd = skipName(text, next)
  if (text.slice(next, nextEnd) !== 'from') return found
  // `import type from "x"` names its default import `type`; `import type from from "x"` is a type called `from`
  return isPart(text.charCodeAt(skipSpace(text, nextEnd))) || text.charCodeAt(skipSpace(text, nextEnd)) === 61 ? found : none
}

/** `{ … } from "x"` and `* as x from "x"`. */
function readNamed(text: string, at: number, typeOnly: boolean, hasDefault: boolean): Clause | undefined {
  if (text.charCodeAt(at) === 42) {
    let index = skipSpace(text, at + 1)
    if (text.startsWith('as', index) && !isPart(text.charCodeAt(index + 2)))
      index = skipSpace(text, readWord(text, skipSpace(text, index + 2)))
    return readWordFrom(text, index, typeOnly)
  }
  if (text.charCodeAt(at) !== 123) return undefined
  const list = readList(text, at + 1)
  return list === undefined ? undefined : readWordFrom(text, skipSpace(text, list.end), typeOnly || (list.types && !hasDefault))
}

/** The names in braces; `types` when each is one. */
function readList(text: string, at: number): { readonly end: number; readonly types: boolean } | undefined {
  let names = 0
  let typed = 0
  for (let index = skipSpace(text, at); index < text.length;) {
    let words = 0
    let first = ''
    for (;;) {
      const code = text.charCodeAt(index)
      if (code !== 34 && code !== 39 && classes[code] !== 1) break
      const end = readWord(text, index)
      if (words++ === 0 && code === 116) first = text.slice(index, end)
      index = skipSpace(text, end)
    }
    if (words > 0) names++
    // `type`, `type as x` are names; `type x`, `type x as y` are types
    if ((words === 2 || words === 4) && (first === 'type' || first === 'typeof')) typed++
    const code = text.charCodeAt(index)
    if (code === 125) return { end: index + 1, types: names > 0 && typed === names }
    if (code !== 44) return undefined
    index = skipSpace(text, index + 1)
  }
  return undefined
}

/** Past a name or a string that stands for one. */
function readWord(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code === 34 || code === 39 ? Math.abs(skipString(text, at + 1, code)) : skipName(text, at)
}

function readWordFrom(text: string, at: number, typeOnly: boolean): Clause | undefined {
  return text.startsWith('from', at) && !isPart(text.charCodeAt(at + 4)) ? readFrom(text, skipSpace(text, at + 4), typeOnly) : undefined
}

function readFrom(text: string, at: number, typeOnly: boolean): Clause | undefined {
  const quote = text.charCodeAt(at)
  if (quote !== 34 && quote !== 39) return undefined
  const end = skipString(text, at + 1, quote)
  return end < 0 ? undefined : { module: cooked(text.slice(at + 1, end - 1)), typeOnly, require: false, end }
}

/** `= require("x")` */
function readEquals(text: string, at: number, typeOnly: boolean): Clause | undefined {
  const start = skipSpace(text, at)
  if (!text.startsWith('require', start) || isPart(text.charCodeAt(start + 7))) return undefined
  const argument = readArgument(text, start + 7)
  if (argument === undefined || argument.open || text.charCodeAt(argument.end) !== 41) return undefined
  return { module: argument.module, typeOnly, require: true, end: argument.end + 1 }
}
