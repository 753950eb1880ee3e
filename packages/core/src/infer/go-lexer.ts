/** One token of Go: enough to read packages, imports, texts and calls. Comments are gone. */
export interface GoToken {
  readonly kind: 'name' | 'text' | 'number' | 'sign'
  /** the value of a text without its quotes, escapes as written; one character for a sign */
  readonly text: string
  /** 1-based */
  readonly line: number
}

export interface GoFile {
  readonly package: string
  /** expressions of `//go:build` before the package clause */
  readonly constraints: readonly string[]
  readonly imports: readonly { readonly path: string; readonly line: number }[]
  readonly tokens: readonly GoToken[]
}

/** larger files are generated data */
const mostTokens = 200_000

/** Reads a file in one pass, linear in its length. Takes anything, never throws. */
export function readGo(text: string): GoFile {
  const { tokens, constraints } = tokensOf(text)
  return { package: packageOf(tokens), constraints, imports: importsOf(tokens), tokens }
}

function tokensOf(text: string): { tokens: GoToken[]; constraints: string[] } {
  const tokens: GoToken[] = []
  const constraints: string[] = []
  let [at, line] = [0, 1]
  while (at < text.length && tokens.length < mostTokens) {
    const char = text[at]!
    const start = at
    if (char === '\n') [at, line] = [at + 1, line + 1]
    else if (char === ' ' || char === '\t' || char === '\r') at++
    else if (char === '/' && text[at + 1] === '/') {
      at = endOf(text, '\n', at)
      if (tokens.length === 0 && text.startsWith('//go:build ', start)) constraints.push(text.slice(start + 11, Math.min(at, start + 500)))
    } else if (char === '/' && text[at + 1] === '*') {
      at = Math.min(text.length, endOf(text, '*/', at + 2) + 2)
      line += linesIn(text, start, at)
    } else if (char === '`') {
      const end = endOf(text, '`', at + 1)
      tokens.push({ kind: 'text', text: text.slice(at + 1, end), line })
      line += linesIn(text, at, end)
      at = end + 1
    } else if (char === '"' || char === "'") {
      at = quoted(text, at, char)
      if (char === '"') tokens.push({ kind: 'text', text: text.slice(start + 1, Math.max(start + 1, at - 1)), line })
    } else if (isNameStart(char)) {
      while (at < text.length && isNamePart(text[at]!)) at++
      tokens.push({ kind: 'name', text: text.slice(start, at), line })
    } else if (char >= '0' && char <= '9') {
      while (at < text.length && (isNamePart(text[at]!) || text[at] === '.')) at++
      tokens.push({ kind: 'number', text: text.slice(start, at), line })
    } else {
      tokens.push({ kind: 'sign', text: char, line })
      at++
    }
  }
  return { tokens, constraints }
}

function endOf(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from)
  return at === -1 ? text.length : at
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** After the quote that ends it; a text that is not closed ends with its line. */
function quoted(text: string, open: number, quote: string): number {
  let at = open + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return text[at] === quote ? at + 1 : Math.min(at, text.length)
}

function isNameStart(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_' || char > '\x7f'
}

function isNamePart(char: string): boolean {
  return isNameStart(char) || (char >= '0' && char <= '9')
}

function packageOf(tokens: readonly GoToken[]): string {
  return tokens[0]?.text === 'package' && tokens[1]?.kind === 'name' ? tokens[1].text : ''
}

/** Imports stand between the package clause and the first declaration. */
function importsOf(tokens: readonly GoToken[]): GoFile['imports'] {
  const found: { path: string; line: number }[] = []
  let bracket = false
  for (const { kind, text, line } of tokens.slice(2)) {
    if (kind === 'name' && ['func', 'var', 'const', 'type'].includes(text)) break
    if (kind === 'sign' && (text === '(' || text === ')')) bracket = text === '('
    else if (kind === 'text') found.push({ path: text, line })
    else if (kind !== 'name' && text !== '.' && text !== ';' && !bracket) break
  }
  return found
}
