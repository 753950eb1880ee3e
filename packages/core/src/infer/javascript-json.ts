import { readText, type Readable } from './files.ts'
import { readLooseJson } from './loose-json.ts'

export type Json = Readonly<Record<string, unknown>>

/** JSON as people write it: comments and trailing commas allowed; {} where it cannot be read. */
export function readJson(source: Readable, path: string): Json {
  try {
    return parseJson(readText(source, path)) ?? {}
  } catch {
    return {}
  }
}

/** The object a text of JSON holds, `{}` for another value; undefined where it cannot be read. */
export function parseJson(text: string): Json | undefined {
  const value = readLooseJson(text)
  if (value === undefined) return undefined
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

/** All strings of a value, in order, at any depth up to 5. */
export function stringsOf(value: unknown, depth = 0): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null && depth < 5 ? Object.values(value).flatMap((one) => stringsOf(one, depth + 1)) : []
}
