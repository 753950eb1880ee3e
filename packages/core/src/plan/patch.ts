import { readJson, type Placed, type Span } from '../detect/placed-json.ts'
import type { Json } from '../failure/error.ts'
import { withoutComments } from '../infer/loose-json.ts'
import { parseConfig, readConfig, type Config } from './config.ts'
import { inlineJson, isObject } from './inline-json.ts'

/**
 * The text of a `kiln.json` with a patch laid over it: single values are replaced, lists get what they lack at their end. Comments,
 * order and indentation of the rest stay. Without a text, a new file. Throws `invalid_config` for a text that is none.
 */
export function patchedConfig(text: string | undefined, patch: Config, file = 'kiln.json'): string {
  const wishes = parseConfig(patch) as { readonly [key: string]: Json }
  if (text === undefined || text.trim() === '') return fresh(wishes)
  readConfig(text, file)
  let patched = text
  for (const { path, value } of leaves(wishes, [])) patched = withValue(patched, path, value, file)
  readConfig(patched, file)
  return patched
}

function fresh(wishes: { readonly [key: string]: Json }): string {
  const members = Object.entries(wishes).map(([name, value]) => `  ${JSON.stringify(name)}: ${inlineJson(value)}`)
  return members.length === 0 ? '{}\n' : `{\n${members.join(',\n')}\n}\n`
}

interface Leaf {
  readonly path: readonly string[]
  readonly value: Json
}

function leaves(value: { readonly [key: string]: Json }, path: readonly string[]): readonly Leaf[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    isObject(inner) && path.length < 2 ? leaves(inner, [...path, name]) : [{ path: [...path, name], value: inner }],
  )
}

function withValue(text: string, path: readonly string[], value: Json, file: string): string {
  const bare = withoutComments(text)
  const mark = bare.startsWith('\uFEFF') ? 1 : 0
  const placed = readJson(bare, file, 'invalid_config')
  const whole: Text = { text: text.slice(mark), bare: bare.slice(mark), placed }
  return (
    text.slice(0, mark) +
    (Array.isArray(value) && placed.span(path) ? appended(whole, path, value as readonly Json[]) : set(whole, path, value))
  )
}

/** `bare` has spaces where `text` has comments. */
interface Text {
  readonly text: string
  readonly bare: string
  readonly placed: Placed
}

function set(whole: Text, path: readonly string[], value: Json): string {
  const { text, placed } = whole
  const there = placed.span(path)
  if (there) return text.slice(0, there.start) + JSON.stringify(value) + text.slice(there.end)
  const depth = path.findIndex((_, at) => !placed.span(path.slice(0, at + 1)))
  const nested = path.slice(depth + 1).reduceRight<Json>((inner, name) => ({ [name]: inner }), value)
  return inserted(whole, path.slice(0, depth), `${JSON.stringify(path[depth])}: ${inlineJson(nested)}`)
}

function appended(whole: Text, path: readonly string[], more: readonly Json[]): string {
  const has = new Set((valueAt(whole.placed.value, path) as readonly Json[]).map((item) => JSON.stringify(item)))
  const lacking = more.map((item) => JSON.stringify(item)).filter((item) => !has.has(item))
  return lacking.reduce((text, item) => {
    const bare = withoutComments(text)
    return inserted({ text, bare, placed: readJson(bare, '', 'invalid_config') }, path, item)
  }, whole.text)
}

/** Behind the last member of the object or list at `path`; on a line of its own where the others are. */
function inserted({ text, bare, placed }: Text, path: readonly (string | number)[], made: string): string {
  const { start, end } = placed.span(path)!
  const outer = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start) + 1))![0]
  const last = lastMember(placed, path)
  const lines = text.slice(start, end).includes('\n')
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  if (!last) {
    const inner = text.slice(start + 1, end - 1).trimEnd()
    const apart = lines || path.length === 0
    const [before, after] = apart ? [`${newline}${outer}  `, `${newline}${outer}`] : bare[start] === '{' ? [' ', ' '] : ['', '']
    return `${text.slice(0, start + 1)}${inner}${before}${made}${after}${text.slice(end - 1)}`
  }
  if (!lines) return `${text.slice(0, last.end)}, ${made}${text.slice(last.end)}`
  const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', last.key) + 1))![0]
  const at = endOfRemarks(bare, last.end, end - 1)
  return `${text.slice(0, last.end)},${text.slice(last.end, at)}${newline}${indent}${made}${text.slice(at)}`
}

/** A comment behind the last member, on its line, is about it. */
function endOfRemarks(bare: string, from: number, close: number): number {
  const line = bare.indexOf('\n', from)
  const end = line === -1 || line > close ? close : line
  return bare.slice(from, end).trim() === '' && end < close ? end - (bare[end - 1] === '\r' ? 1 : 0) : from
}

function lastMember(placed: Placed, path: readonly (string | number)[]): Span | undefined {
  const value = valueAt(placed.value, path)
  const keys: readonly (string | number)[] = Array.isArray(value) ? value.map((_, at) => at) : Object.keys(value as object)
  return keys.map((key) => placed.span([...path, key])!).toSorted((a, b) => b.end - a.end)[0]
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Readonly<Record<string | number, unknown>>)[key], value)
}
