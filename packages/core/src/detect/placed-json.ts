import { BuildError, shown } from '../failure/error.ts'
import type { ErrorCode } from '../failure/codes.ts'

/** JSON together with the places of its parts. */
export interface Placed {
  readonly file: string
  readonly value: unknown
  /** The 1-based line of a key (of a value, for a list), or of its nearest parent that is there. */
  line(path: readonly (string | number)[]): number
  /** Where a part stands in the text; undefined when it is not there. */
  span(path: readonly (string | number)[]): Span | undefined
  /** The 1-based line and column of an offset. */
  place(offset: number): { readonly line: number; readonly column: number }
}

/** Offsets: of the key (of the value, in a list, and for the whole), and the value's own. */
export interface Span {
  readonly key: number
  readonly start: number
  readonly end: number
}

/** Parses JSON. Throws `code` with file and line when it is none. */
export function readJson(text: string, file: string, code: ErrorCode): Placed {
  const bare = text.replace(/^\uFEFF/, '')
  try {
    const value: unknown = JSON.parse(bare)
    return placed(bare, file, value)
  } catch (cause) {
    const line = errorLine(bare, cause)
    throw new BuildError(code, `${shown(file)}:${line} is not valid JSON: ${shown((cause as Error).message, 200)}`, {
      data: { file, line },
      cause,
    })
  }
}

function placed(text: string, file: string, value: unknown): Placed {
  const partsOf = remembered((open: number) => (text[open] === '{' ? membersOf(text, open) : itemsOf(text, open)))
  const lines = remembered(() => lineEnds(text))
  const place = (offset: number): { line: number; column: number } => {
    const line = lineOf(lines(0), offset)
    return { line, column: offset - (line === 1 ? -1 : lines(0)[line - 2]!) }
  }
  return {
    file,
    value,
    line: (path) => lineOf(lines(0), offsetOf(text, partsOf, path)),
    span: (path) => spanOf(text, partsOf, path),
    place,
  }
}

/** A manifest may have thousands of lines asked for. */
function remembered<T>(make: (at: number) => T): (at: number) => T {
  const known = new Map<number, T>()
  return (at) => {
    if (!known.has(at)) known.set(at, make(at))
    return known.get(at)!
  }
}

function lineEnds(text: string): readonly number[] {
  const ends: number[] = []
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) ends.push(end)
  return ends
}

function lineOf(ends: readonly number[], offset: number): number {
  let [low, high] = [0, ends.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ends[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low + 1
}

type Parts = ReadonlyMap<string, { readonly shown: number; readonly value: number }>

// The text was parsed before, so that it is valid JSON and only places are to be found. A YAML parser finds them as well,
// but took 26 of the 120 ms that importing this package took.
function offsetOf(text: string, partsOf: (open: number) => Parts, path: readonly (string | number)[]): number {
  let offset = 0
  let value = afterSpace(text, 0)
  for (const part of path) {
    const found = text[value] === '{' || text[value] === '[' ? partsOf(value).get(String(part)) : undefined
    if (!found) break
    offset = found.shown
    value = found.value
  }
  return offset
}

function spanOf(text: string, partsOf: (open: number) => Parts, path: readonly (string | number)[]): Span | undefined {
  let key = afterSpace(text, 0)
  let start = key
  for (const part of path) {
    const found = text[start] === '{' || text[start] === '[' ? partsOf(start).get(String(part)) : undefined
    if (!found) return undefined
    key = found.shown
    start = found.value
  }
  return { key, start, end: afterValue(text, start) }
}

/** Of a key that is there twice the last one counts, as in what was parsed. */
function membersOf(text: string, open: number): Parts {
  const found = new Map<string, { readonly shown: number; readonly value: number }>()
  for (let key = afterSpace(text, open + 1); text[key] !== '}';) {
    const end = afterString(text, key)
    const value = afterSpace(text, afterSpace(text, end) + 1)
    found.set(JSON.parse(text.slice(key, end)) as string, { shown: key, value })
    key = afterComma(text, afterValue(text, value))
  }
  return found
}

function itemsOf(text: string, open: number): Parts {
  const found = new Map<string, { readonly shown: number; readonly value: number }>()
  for (let item = afterSpace(text, open + 1); text[item] !== ']'; item = afterComma(text, afterValue(text, item)))
    found.set(String(found.size), { shown: item, value: item })
  return found
}

/** Without recursion: hostile files nest deeply. */
function afterValue(text: string, start: number): number {
  let depth = 0
  let at = start
  do {
    const char = text[at]!
    if (char === '"') at = afterString(text, at)
    else at++
    if (char === '{' || char === '[') depth++
    if (char === '}' || char === ']') depth--
  } while (depth > 0 || (at < text.length && !/[\s,\]}]/.test(text[at]!)))
  return at
}

function afterString(text: string, open: number): number {
  let at = open + 1
  for (; text[at] !== '"'; at++) if (text[at] === '\\') at++
  return at + 1
}

function afterComma(text: string, end: number): number {
  const at = afterSpace(text, end)
  return text[at] === ',' ? afterSpace(text, at + 1) : at
}

function afterSpace(text: string, start: number): number {
  let at = start
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return at
}

// V8 says either a line or a position; at an early end it says neither.
function errorLine(text: string, cause: unknown): number {
  const { message } = cause as Error
  const line = /\(line (\d+) column \d+\)/.exec(message)?.[1]
  if (line !== undefined) return Number(line)
  const position = /at position (\d+)/.exec(message)?.[1]
  return text.slice(0, position === undefined ? text.trimEnd().length : Number(position)).split('\n').length
}
