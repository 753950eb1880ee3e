import { BuildError, shown } from '../failure/error.ts'

/** One rule as Docker understands the line: cleaned, without its `!`. */
export interface IgnoreLine {
  readonly pattern: string
  readonly exclusion: boolean
  /** 1-based */
  readonly line: number
  readonly file: string
}

const maxLines = 1_000
const maxPattern = 1_024

/**
 * The rules of a .dockerignore. Source: moby/patternmatcher, `ignorefile.ReadAll` and `New`. A UTF-8 byte order mark
 * is dropped, `#` only counts in the first column, white space around a pattern goes, paths are cleaned.
 */
export function readIgnoreFile(content: string | Uint8Array, file: string): readonly IgnoreLine[] {
  const lines = decode(content, file).split('\n')
  if (lines.length > maxLines + 1) throw refused(file, maxLines + 1, `more than ${maxLines.toLocaleString('en')} lines`)
  return lines.flatMap((text, at) => {
    const line = ruleOf(text.endsWith('\r') ? text.slice(0, -1) : text, at + 1, file)
    return line === undefined ? [] : [line]
  })
}

/** Rules that come from options instead of a file. */
export function readPatterns(patterns: readonly string[]): readonly IgnoreLine[] {
  return patterns.flatMap((text, at) => ruleOf(text, at + 1, 'the option keep') ?? [])
}

export function refused(file: string, line: number, why: string): BuildError {
  return new BuildError('invalid_ignore_file', `${shown(file)}, line ${line}: ${why}`, { data: { file, line } })
}

function decode(content: string | Uint8Array, file: string): string {
  if (typeof content === 'string') return content.startsWith('\u{feff}') ? content.slice(1) : content
  if (content.length > maxLines * (maxPattern + 2)) throw refused(file, 1, 'the file is larger than 1 MiB')
  const [first, second] = content
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw refused(file, 1, 'the file is UTF-16; save it as UTF-8')
  return new TextDecoder().decode(content)
}

function ruleOf(text: string, line: number, file: string): IgnoreLine | undefined {
  if (text.startsWith('#')) return undefined
  const trimmed = trim(text)
  if (trimmed === '') return undefined
  if (Buffer.byteLength(trimmed) > maxPattern) throw refused(file, line, 'the pattern is longer than 1,024 bytes')
  if (/[\0\u{fffd}]/u.test(trimmed)) throw refused(file, line, 'the pattern is not valid UTF-8 text')
  const inverted = trimmed.startsWith('!')
  // the second reading decides what is an exclusion: `/!a` and `./!a` are one for Docker too
  const read = cleanPath(trim(inverted ? `!${relative(trim(trimmed.slice(1)))}` : relative(trimmed)))
  if (read === '!') throw refused(file, line, '"!" alone excludes nothing')
  return read.startsWith('!') ? { pattern: read.slice(1), exclusion: true, line, file } : { pattern: read, exclusion: false, line, file }
}

function relative(pattern: string): string {
  const cleaned = cleanPath(pattern)
  return cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned
}

/** Lexical cleaning of a slash-separated path. Source: Go's path/filepath.Clean. Empty stays empty here. */
function cleanPath(path: string): string {
  if (path === '') return ''
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!rooted) parts.push('..')
  }
  const joined = parts.join('/')
  return rooted ? `/${joined}` : joined === '' ? '.' : joined
}

// Go's unicode.IsSpace; String.prototype.trim would also take U+FEFF and leave U+0085
const space =
  /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g

function trim(text: string): string {
  return text.replace(space, '')
}
