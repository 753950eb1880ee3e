/**
 * The texts of a list below a key at the top of a YAML file, as people write them: one on a line after a dash, or in brackets.
 * No YAML parser is loaded for the few files that need no more.
 */
export function yamlList(text: string, key: string): { readonly values: readonly string[]; readonly line: number } | undefined {
  const lines = text.split(/\r?\n/)
  const at = lines.findIndex((line) => line.startsWith(`${key}:`))
  if (at === -1) return undefined
  const rest = bare(lines[at]!.slice(key.length + 1))
  if (rest.startsWith('[')) return { values: inBrackets(lines, at, key.length + 1), line: at + 1 }
  const values: string[] = []
  for (const line of lines.slice(at + 1)) {
    const content = bare(line)
    if (content === '') continue
    if (!content.startsWith('-')) break
    values.push(unquoted(content.slice(1).trim()))
  }
  return { values, line: at + 1 }
}

function inBrackets(lines: readonly string[], at: number, from: number): string[] {
  const all = [lines[at]!.slice(from), ...lines.slice(at + 1, at + 200)].map(bare).join(' ')
  const inner = all.slice(all.indexOf('[') + 1, all.includes(']') ? all.indexOf(']') : undefined)
  return inner
    .split(',')
    .map((one) => unquoted(one.trim()))
    .filter((one) => one !== '')
}

/** Without a comment, which begins at a `#` after a space. */
function bare(line: string): string {
  const at = line.startsWith('#') ? 0 : line.indexOf(' #')
  return (at === -1 ? line : line.slice(0, at)).trim()
}

function unquoted(text: string): string {
  const quote = text[0]
  return (quote === '"' || quote === "'") && text.endsWith(quote) && text.length > 1 ? text.slice(1, -1) : text
}
