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
  const lines = text.split('\n')
  const start = table === '' ? 0 : lines.findIndex((line) => headerOf(line) === table) + 1
  if (table !== '' && start === 0) return undefined
  const length = lines.slice(start).findIndex((line) => headerOf(line) !== undefined)
  const body = lines.slice(start, length === -1 ? undefined : start + length)
  const at = body.findIndex((line) => keyOf(line) === key)
  if (at === -1) return undefined
  const further = value === undefined ? -1 : body.slice(at).findIndex((line) => line.includes(value))
  return start + at + Math.max(further, 0) + 1
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
