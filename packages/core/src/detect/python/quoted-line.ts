import type { LogicalLine } from './requirements-file.ts'
import { parseRequirement } from './requirement.ts'

/** A line of a requirements file as it is copied from a command line, where a shell takes the quotes away: `"uvicorn[standard]"`. */
export interface QuotedLine {
  /** 1-based */
  readonly line: number
  /** with its quotes, without comment */
  readonly text: string
  /** what stands between them: one requirement */
  readonly bare: string
}

/** The requirement of a line that, as a whole, stands between a pair of equal quotes; undefined for every other line. */
export function requirementInQuotes({ text, line, joined }: LogicalLine): QuotedLine | undefined {
  const quote = text[0]!
  const bare = text.slice(1, -1).trim()
  const whole = (quote === '"' || quote === "'") && text.length > 1 && text.endsWith(quote) && !joined && !bare.includes(quote)
  return whole && (isNamed(bare) || address.test(bare)) ? { line, text, bare } : undefined
}

/** `a.whl` can be read as a name, but means a file, as `./a` does. */
function isNamed(bare: string): boolean {
  const requirement = parseRequirement(bare)
  return requirement !== undefined && (requirement.url !== undefined || !archive.test(bare.split(';')[0]!.trim()))
}

const archive = /\.(?:whl|zip|tar|t?gz|tbz2?|bz2|tlz|lzma|txz|xz)\s*(?:\[[^\]]*\])?$/i

const address = /^(?:git\+)?https?:\/\/\S+$/i

/** The file without the quotes; all else of it, and the places of its lines, are as they were. */
export function withoutQuotes(text: string, quoted: readonly QuotedLine[]): string {
  if (quoted.length === 0) return text
  const lines = text.split(/\r\n|\r|\n/)
  for (const one of quoted) lines[one.line - 1] = lines[one.line - 1]!.replace(one.text, () => one.bare)
  return lines.join('\n')
}
