import type { Json } from '../failure/error.ts'

/** A value of a `kiln.json` on one line, spaced as people write it. */
export function inlineJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => inlineJson(item as Json)).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${inlineJson(inner)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

/** Of what is JSON: an object, and no list. */
export function isObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
