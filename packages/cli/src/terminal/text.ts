import { stripVTControlCharacters } from 'node:util'

// Log text is written by strangers: what reaches a terminal is letters and, where wanted, colours. Nothing that moves
// the cursor, changes the title, writes the clipboard, hides text or turns its direction.

// oxlint-disable-next-line no-control-regex
const sgr = /(\u001b\[[0-9;:]*m)/
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

/** One line without any escape or control character; a tab becomes spaces, of a line drawn over itself the last form is left. */
export function plainText(text: string): string {
  return lastDrawn(text)
    .split(sgr)
    .map((part, at) => (at % 2 === 1 ? '' : clean(part)))
    .join('')
}

/** The same with its colours, closed at the end. */
export function colouredText(text: string): string {
  const parts = lastDrawn(text).split(sgr)
  const shown = parts.map((part, at) => (at % 2 === 1 ? colourOnly(part) : clean(part))).join('')
  return shown.includes('\u001b') ? `${shown}\u001b[0m` : shown
}

function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\t', '    ').replace(controls, '')
}

/** Progress bars end a line with a carriage return and write it again. */
function lastDrawn(text: string): string {
  return text.includes('\r') ? (text.split('\r').findLast((part) => part.trim() !== '') ?? '') : text
}

/** Colours, bold, faint, italic, underline and their ends. Not: hidden, inverse, blinking. */
function colourOnly(sequence: string): string {
  const given = sequence.slice(2, -1).split(/[;:]/).map(Number)
  const kept: number[] = []
  for (let at = 0; at < given.length; at++) {
    const one = given[at]!
    if (one === 38 || one === 48) {
      const length = given[at + 1] === 5 ? 3 : given[at + 1] === 2 ? 5 : given.length
      if (at + length <= given.length) kept.push(...given.slice(at, at + length))
      at += length - 1
    } else if (isPlainColour(one)) kept.push(one)
  }
  return kept.length === 0 ? '' : `\u001b[${kept.join(';')}m`
}

function isPlainColour(one: number): boolean {
  return one <= 4 || (one >= 22 && one <= 24) || (one >= 30 && one <= 49 && one !== 38 && one !== 48) || (one >= 90 && one <= 107)
}

/** How many columns a text without escapes takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character.codePointAt(0)!)
  return width
}

/** A text without escapes, cut so that it takes at most `columns`. */
export function cutTo(text: string, columns: number): string {
  if (text.length * 2 <= columns || widthOf(text) <= columns) return text
  let [width, kept] = [0, '']
  for (const character of text) {
    width += columnsOf(character.codePointAt(0)!)
    if (width > columns - 1) break
    kept += character
  }
  return columns > 0 ? `${kept}…` : ''
}

const marks = /^[\p{Mn}\p{Me}\p{Cf}]$/u

// East Asian Width W and F, and emoji, as ranges: enough to cut a line in a terminal.
function columnsOf(point: number): number {
  if (point < 0x300) return 1
  if (marks.test(String.fromCodePoint(point))) return 0
  const wide =
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x1f300 && point <= 0x1faff) ||
    (point >= 0x20000 && point <= 0x3fffd)
  return wide ? 2 : 1
}
