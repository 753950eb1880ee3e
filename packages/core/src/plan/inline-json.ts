export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A value of a `kiln.json` on one line, spaced as people write it. */
export function inlineJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => inlineJson(item as Json)).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${inlineJson(inner)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
