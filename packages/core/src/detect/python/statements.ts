import { isQuote, skipString } from '../../infer/python-strings.ts'

/** One logical line, or the part of it that a `;` ends. */
export interface Statement {
  readonly indent: number
  /** the offset of its first character */
  readonly at: number
  /** the offset after it: of its line end or `;` */
  readonly end: number
}

/** The statements of a Python text, in one pass; strings, comments and brackets are skipped as Python does. Never throws. */
export function* statements(text: string): Generator<Statement> {
  let pos = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (pos < text.length) {
    let indent = 0
    for (; ; pos++) {
      const code = text.charCodeAt(pos)
      if (code === 32) indent++
      else if (code === 9) indent = (indent | 7) + 1
      else if (code !== 12) break
    }
    for (let more = true; more;) {
      const end = endOf(text, pos)
      if (end > pos) yield { indent, at: pos, end }
      more = text.charCodeAt(end) === 59
      pos = end + 1
      if (more) pos = afterSpaces(text, pos)
    }
    while (pos <= text.length && !isLineEnd(text.charCodeAt(pos - 1)) && pos < text.length) pos++
  }
}

/** Where the statement ends: before a comment, at a line end or a `;` outside of brackets. */
function endOf(text: string, start: number): number {
  let depth = 0
  for (let pos = start; pos < text.length;) {
    const code = text.charCodeAt(pos)
    if (isQuote(code)) {
      pos = skipString(text, pos)
      continue
    }
    if (depth === 0 && (isLineEnd(code) || code === 59 || code === 35)) return pos
    if (code === 35) while (pos + 1 < text.length && !isLineEnd(text.charCodeAt(pos + 1))) pos++
    else if (code === 92) pos += text.startsWith('\r\n', pos + 1) ? 2 : 1
    else if (code === 40 || code === 91 || code === 123) depth++
    else if (code === 41 || code === 93 || code === 125) depth = Math.max(0, depth - 1)
    pos++
  }
  return text.length
}

function afterSpaces(text: string, at: number): number {
  let pos = at
  while (text.charCodeAt(pos) === 32 || text.charCodeAt(pos) === 9) pos++
  return pos
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13
}
