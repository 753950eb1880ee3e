import { BuildError, shown } from '../failure/error.ts'

/** One instruction as it stands in the file, continuations joined, comments out. */
export interface LogicalLine {
  /** 1-based, of its first line */
  readonly line: number
  readonly endLine: number
  readonly text: string
  readonly heredocs: readonly Heredoc[]
}

export interface Heredoc {
  readonly name: string
  /** variables in it are expanded: its name was not quoted */
  readonly expand: boolean
  readonly text: string
}

export interface Directive {
  readonly value: string
  readonly line: number
}

export interface Scanned {
  /** decoded, without a byte order mark */
  readonly text: string
  readonly directives: ReadonlyMap<string, Directive>
  readonly lines: readonly LogicalLine[]
}

/** more is no Dockerfile; BuildKit stops at the same order of size */
const largest = 2 ** 20

/** Bytes to logical lines, by the rules of https://docs.docker.com/reference/dockerfile/#format. Throws `invalid_dockerfile`. */
export function scan(input: string | Uint8Array): Scanned {
  const text = decoded(input)
  const lines = text.split('\n').map((each) => each.replace(/\r$/, ''))
  const nul = lines.findIndex((each) => each.includes('\0'))
  if (nul !== -1) throw invalid('has a NUL byte', nul + 1)
  const directives = directivesOf(lines)
  return { text, directives, lines: logicalLines(lines, escapeOf(directives)) }
}

/** An error that names the line: the one door for complaints about a Dockerfile. */
export function invalid(what: string, line?: number): BuildError {
  return new BuildError('invalid_dockerfile', `Dockerfile${line === undefined ? '' : ` line ${line}`}: ${what}`, {
    data: { line },
    ...(line === undefined ? { hint: 'A Dockerfile is UTF-8 text that begins with FROM.' } : {}),
  })
}

function decoded(input: string | Uint8Array): string {
  if (input.length > largest) throw invalid(`is larger than ${largest} bytes`, 1)
  if (typeof input === 'string') return input.replace(/^\uFEFF/, '')
  const [first, second] = input
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw invalid('is UTF-16: save it as UTF-8', 1)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input)
  } catch {
    throw invalid('is not UTF-8', lineOfBadBytes(input))
  }
}

function lineOfBadBytes(input: Uint8Array): number {
  const lines = new TextDecoder('latin1').decode(input).split('\n')
  const bad = lines.findIndex((each) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(each, (c) => c.charCodeAt(0)))
      return false
    } catch {
      return true
    }
  })
  return bad + 1
}

/** The `# key=value` lines at the top. A `//` comment is read too, since BuildKit looks for a frontend in it. */
function directivesOf(lines: readonly string[]): Map<string, Directive> {
  const found = new Map<string, Directive>()
  for (const [at, text] of lines.entries()) {
    if (at === 0 && text.startsWith('#!')) continue
    const match = /^(?:#|\/\/)\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*)$/.exec(text)
    if (!match) break
    const key = match[1]!.toLowerCase()
    // not the end for BuildKit, against what its documentation says
    if (!['syntax', 'escape', 'check'].includes(key)) continue
    if (found.has(key)) throw invalid(`"# ${key}=" is given twice`, at + 1)
    found.set(key, { value: match[2]!.trim(), line: at + 1 })
  }
  return found
}

function escapeOf(directives: ReadonlyMap<string, Directive>): '\\' | '`' {
  const escape = directives.get('escape')
  if (escape && escape.value !== '\\' && escape.value !== '`')
    throw invalid(`"# escape=" must be \\ or \`, not "${shown(escape.value)}"`, escape.line)
  return escape?.value === '`' ? '`' : '\\'
}

function logicalLines(lines: readonly string[], escape: '\\' | '`'): LogicalLine[] {
  const result: LogicalLine[] = []
  let at = 0
  while (at < lines.length) {
    const first = at
    const parts: string[] = []
    let open = false
    do {
      const text = lines[at]!
      at++
      // comments and empty lines do not end a continued instruction
      if (/^[ \t]*(#|$)/.test(text)) continue
      open = isContinued(text, escape)
      parts.push(open ? text.slice(0, text.trimEnd().length - 1) : text)
    } while (open && at < lines.length)
    const text = parts.join('').trim()
    if (text === '') continue
    const line = firstContent(lines, first) + 1
    const { heredocs, next } = takeHeredocs(text, lines, at)
    result.push({ line, endLine: Math.max(next, line), text, heredocs })
    at = next
  }
  return result
}

/** The escape character last, and not itself escaped. */
function isContinued(text: string, escape: string): boolean {
  const end = text.trimEnd()
  return end.endsWith(escape) && (end.length === 1 || end.at(-2) !== escape)
}

function firstContent(lines: readonly string[], from: number): number {
  let at = from
  while (/^[ \t]*(#|$)/.test(lines[at]!)) at++
  return at
}

function takeHeredocs(
  text: string,
  lines: readonly string[],
  from: number,
): { readonly heredocs: readonly Heredoc[]; readonly next: number } {
  const heredocs: Heredoc[] = []
  let next = from
  for (const { name, expand, chomp } of heredocNames(text)) {
    const body: string[] = []
    const ends = (each: string): boolean => (chomp ? each.replace(/^\t+/, '') : each) === name
    while (next < lines.length && !ends(lines[next]!)) body.push(lines[next++]!)
    if (next >= lines.length) throw invalid(`the heredoc "${shown(name)}" has no end`, from)
    next++
    heredocs.push({ name, expand, text: body.map((each) => `${each}\n`).join('') })
  }
  return { heredocs, next }
}

interface HeredocName {
  readonly name: string
  readonly expand: boolean
  readonly chomp: boolean
}

/** Words `<<NAME`, `<<-NAME`, `3<<'NAME'` of the instructions that can have a heredoc; not within quotes. */
function heredocNames(text: string): HeredocName[] {
  if (!/^(ONBUILD[ \t]+)?(RUN|COPY|ADD)[ \t]/i.test(text) || !text.includes('<<')) return []
  return shellWords(text).flatMap((word) => {
    const match = /^\d*<<(-?)(?!<)(["']?)([^\s<"']+)\2$/.exec(word)
    return match ? [{ name: match[3]!, expand: match[2] === '', chomp: match[1] === '-' }] : []
  })
}

/** Words as a shell parts them, quotes kept. */
export function shellWords(text: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!
    if (quote === '' && /\s/.test(c)) {
      if (word !== '') words.push(word)
      word = ''
      continue
    }
    if (c === '\\' && quote !== "'") {
      word += c + (text[++at] ?? '')
      continue
    }
    if (quote === '' ? c === '"' || c === "'" : c === quote) quote = quote === '' ? c : ''
    word += c
  }
  return word === '' ? words : [...words, word]
}
