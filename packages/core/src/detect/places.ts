/** The 1-based line of a character offset. */
function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/**
 * The line of a key in a TOML text, below a table header. The parser keeps no places, so this looks at lines; undefined rather
 * than a wrong line.
 */
export function tomlLine(text: string, table: string, key: string): number | undefined {
  return tomlLines(text, table).get(key)
}

/** The lines of all keys of a table at once. */
export function tomlLines(text: string, table: string): ReadonlyMap<string | undefined, number> {
  const { start, body } = tableIn(text, table)
  // of a key that stands there twice the first
  return new Map(body.map((line, at) => [keyOf(line), start + at + 1] as const).toReversed())
}

/** The lines of all texts in quotes at once, by the key they belong to; that of the key, where one is not found. */
export function tomlTexts(text: string, table: string): (key: string, value: string) => number | undefined {
  const { start, body } = tableIn(text, table)
  const keys = new Map<string, { readonly line: number; readonly texts: Map<string, number> }>()
  let last = { line: 0, texts: new Map<string, number>() }
  for (const [at, content] of body.entries()) {
    const line = start + at + 1
    const key = keyOf(content)
    if (key !== undefined) keys.set(key, (last = { line, texts: new Map() }))
    for (const [, double, single] of content.matchAll(inQuotes)) {
      const found = double ?? single ?? ''
      if (!last.texts.has(found)) last.texts.set(found, line)
    }
  }
  return (key, value) => keys.get(key)?.texts.get(value) ?? keys.get(key)?.line
}

const inQuotes = /"([^"\\]*)"|'([^']*)'/g

/** The lines below a header, up to the next one; none where there is no such table. */
function tableIn(text: string, table: string): { readonly start: number; readonly body: readonly string[] } {
  const lines = text.split('\n')
  const start = table === '' ? 0 : lines.findIndex((line) => headerOf(line) === table) + 1
  if (table !== '' && start === 0) return { start, body: [] }
  const length = lines.slice(start).findIndex((line) => headerOf(line) !== undefined)
  return { start, body: lines.slice(start, length === -1 ? undefined : start + length) }
}

function headerOf(line: string): string | undefined {
  const header = /^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(?:#.*)?$/.exec(line)?.[1]
  return header?.replaceAll(/["'\s]/g, '')
}

function keyOf(line: string): string | undefined {
  const [, double, single, bare] = /^\s*(?:"([\w.-]+)"|'([\w.-]+)'|([\w.-]+))\s*=/.exec(line) ?? []
  return double ?? single ?? bare
}

/** The line of the first occurrence of a text, if there is one. */
export function lineOf(text: string, needle: string): number | undefined {
  const at = text.indexOf(needle)
  return at === -1 ? undefined : lineAt(text, at)
}
