import { shown } from '@kiln/core'
import { Refused } from '../refusal.ts'

/** What the lines before a part's bytes say. */
export interface PartHead {
  readonly name: string
  /** it has a file name, or a type that is no text; the name itself is not used for anything */
  readonly isFile: boolean
}

/** Throws `invalid_input` for anything that readers could understand in two ways. */
export function parseHead(bytes: Buffer): PartHead {
  const headers = headersOf(bytes.toString('utf8'))
  const disposition = headers.get('content-disposition')
  if (disposition === undefined) throw wrongForm('a part has no Content-Disposition')
  if (!/^(7bit|8bit|binary)$/i.test(headers.get('content-transfer-encoding') ?? 'binary')) throw wrongForm('a part has a transfer encoding')
  const given = parametersOf(disposition)
  return { name: checkedName(given.get('name')), isFile: given.has('filename') || given.has('filename*') || !isText(headers) }
}

function headersOf(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const [name, value] = split(line, line.indexOf(':'))
    // a lone CR or LF is a line end to some
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n]/.test(value)) throw wrongForm('a part has a line that is no header')
    if (headers.has(name.toLowerCase())) throw wrongForm(`a part has two ${shown(name)}`)
    headers.set(name.toLowerCase(), value)
  }
  return headers
}

/** The value without the blanks around it. By hand: a pattern looks at a run of blanks once for each of them. */
function split(line: string, colon: number): readonly [name: string, value: string] {
  let [from, to] = [colon + 1, line.length]
  while (line[from] === ' ' || line[from] === '\t') from += 1
  while (to > from && (line[to - 1] === ' ' || line[to - 1] === '\t')) to -= 1
  return colon < 0 ? ['', ''] : [line.slice(0, colon), line.slice(from, to)]
}

/** `form-data; name="a"; filename="b \" c"`: quotes are escaped by a backslash or, by browsers, as %22. */
function parametersOf(disposition: string): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  if (!/^form-data\s*(;|$)/i.test(disposition)) throw wrongForm('a part is not form-data')
  const rest = disposition.slice('form-data'.length).trimEnd()
  const parameter = /\s*;\s*([A-Za-z0-9_-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/y
  while (parameter.lastIndex < rest.length) {
    const found = parameter.exec(rest)
    const name = found?.[1]?.toLowerCase()
    if (!found || name === undefined || given.has(name)) throw wrongForm('a part has a Content-Disposition that cannot be read')
    given.set(name, found[2]?.replace(/\\(["\\])/g, '$1') ?? found[3]!)
  }
  return given
}

/** Names become keys: those that every object has are refused. */
function checkedName(name: string | undefined): string {
  if (name === undefined || name === '') throw wrongForm('a part has no name')
  if (!/^[\x21-\x7e]{1,100}$/.test(name) || name in Object.prototype) throw wrongForm(`a part is called "${shown(name)}"`, shown(name))
  return name
}

function isText(headers: ReadonlyMap<string, string>): boolean {
  return /^(text\/|application\/(json|x-www-form-urlencoded)\b|$)/i.test(headers.get('content-type') ?? '')
}

export function wrongForm(why: string, field?: string): Refused {
  const where = field === undefined ? ['body'] : ['body', field]
  return new Refused('invalid_input', `The form is malformed: ${why}.`, { faults: [{ where, message: why, kind: 'invalid_form' }] })
}
