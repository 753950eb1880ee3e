import { shown } from '@kiln/core'
import { Refused } from '../../refusal.ts'

/** bytes */
const largest = 2 ** 20

/**
 * Refuses what would make pip read or ask something else than the index of its builder: options, direct references, paths, variables.
 * Throws `disallowed_requirement`, and `invalid_input` for a text that is too long or no text.
 */
export function checkRequirements(text: string): void {
  if (Buffer.byteLength(text) > largest) throw invalid(`has more than ${largest} bytes`)
  if (text.includes('\0')) throw invalid('has a NUL')
  const lines = text.replace(/^\uFEFF/, '').split(ends)
  for (const line of lines.slice(0, 2)) checkEncoding(line)
  for (const { requirement, line } of logical(lines)) {
    const why = disallowed(requirement)
    if (why !== undefined) throw new Refused('disallowed_requirement', `requirements: line ${line} ${why}: "${shown(requirement, 60)}"`)
  }
}

/** Where Python's `splitlines`, which pip uses, ends a line. */
// oxlint-disable-next-line no-control-regex -- these are the ones
const ends = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/

/** Lines as pip joins them: a backslash at the end goes on, in a comment too when one is before it; then comments go. */
function logical(lines: readonly string[]): readonly { readonly requirement: string; readonly line: number }[] {
  const found: { requirement: string; line: number }[] = []
  let [open, begun] = ['', 0]
  for (const [at, line] of lines.entries()) {
    if (open === '') begun = at + 1
    if (line.endsWith('\\') && !/(?:^|\s)#/.test(line)) {
      open += line.slice(0, -1)
      if (at < lines.length - 1) continue
    }
    const whole = line.endsWith('\\') ? open || line : open + line
    open = ''
    const requirement = whole.replace(/(?:^|\s)#.*$/, '').trim()
    if (requirement !== '') found.push({ requirement, line: begun })
  }
  return found
}

function disallowed(requirement: string): string | undefined {
  if (requirement.startsWith('-')) return 'is an option'
  // hashes only make an answer of the index surer
  const plain = requirement.replace(/\s--hash[= ]\s{0,5}[A-Za-z0-9:]{1,200}/g, '')
  if (/\s-/.test(plain)) return 'has an option'
  if (/\$\{/.test(plain)) return 'has a variable'
  const [what = ''] = plain.split(';')
  if (what.includes('@') || what.includes('://')) return 'is a direct reference'
  if (/[/\\]/.test(what) || what.startsWith('.') || isArchive(what.trim())) return 'is a path'
  return undefined
}

const archive = /\.(?:whl|zip|tar|t?gz|tbz2?|bz2|tlz|lzma|txz|xz)(\[|$)/gi

/** `a.whl` and `a.whl[extra]`, in one pass: one pattern for both would look to the end of the line again at every ".whl[". */
function isArchive(what: string): boolean {
  const extras = what.endsWith(']')
  return what.matchAll(archive).some(([, behind]) => behind === '' || extras)
}

/** pip reads a file in the encoding that a comment of its first two lines names. */
function checkEncoding(line: string): void {
  const [, encoding] = /^#.{0,500}?coding[:=]\s{0,20}([-\w.]{1,40})/.exec(line) ?? []
  if (encoding !== undefined && !/^utf[-_]?8$/i.test(encoding))
    throw new Refused('disallowed_requirement', `requirements: the text is UTF-8, not ${shown(encoding)}`)
}

function invalid(why: string): Refused {
  return new Refused('invalid_input', `requirements: ${why}`)
}
