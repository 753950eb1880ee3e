/** The 1-based line of a character offset. */
function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/**
 * The line of a key in a TOML text, below a table header; of `value` when it stands on a later line of the same table.
 * The parser keeps no places, so this looks at lines; undefined rather than a wrong line.
 */
export function tomlLine(text: string, table: string, key: string, value?: string): number | undefined {
  const { start, body } = tableIn(text, table)
  const at = body.findIndex((line) => keyOf(line) === key)
  if (at === -1) return undefined
  const further = value === undefined ? -1 : body.slice(at).findIndex((line) => line.includes(value))
  return start + at + Math.max(further, 0) + 1
}

/** The lines of all keys of a table at once. */
export function tomlLines(text: string, table: string): ReadonlyMap<string | undefined, number> {
  const { start, body } = tableIn(text, table)
  // of a key that stands there twice the first
  return new Map(body.map((line, at) => [keyOf(line), start + at + 1] as const).toReversed())
}

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
  return /^\s*["']?([A-Za-z0-9_.-]+)["']?\s*=/.exec(line)?.[1]
}

/** The line of the first occurrence of a text, if there is one. */
export function lineOf(text: string, needle: string): number | undefined {
  const at = text.indexOf(needle)
  return at === -1 ? undefined : lineAt(text, at)
}
