import { describe, expect, test } from 'vitest'
import { colouredText, cutTo, plainText, widthOf } from '../src/terminal/text.ts'

const hostile: readonly [string, string, string][] = [
  ['colours', '\u001b[32mok\u001b[0m', 'ok'],
  ['the cursor', 'a\u001b[2Jb\u001b[10;10Hc\u001b[?1049h', 'abc'],
  ['the title', '\u001b]0;title\u0007x', 'x'],
  ['a link', '\u001b]8;;javascript:alert(1)\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['the clipboard', '\u001b]52;c;aGk=\u0007x', 'x'],
  ['an unfinished escape', 'a\u001b', 'a'],
  ['bells and backspaces', 'a\u0007b\u0008c', 'abc'],
  ['C1 controls', 'a\u0085b\u009bc', 'ab'],
  ['text turned around', 'a\u202eb\u2066c', 'abc'],
  ['lines drawn over', '10%\r50%\r100%\r', '100%'],
  ['tabs', 'a\tb', 'a    b'],
]

describe('a line of a log', () => {
  test.each(hostile)('loses %s', (_what, given, left) => {
    expect(plainText(given)).toBe(left)
    // oxlint-disable-next-line no-control-regex
    expect(plainText(given)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  })

  test('keeps its colours where they are wanted, and ends them', () => {
    expect(colouredText('\u001b[1;31mred\u001b[0m and \u001b[38;5;200mpink')).toBe(
      '\u001b[1;31mred\u001b[0m and \u001b[38;5;200mpink\u001b[0m',
    )
  })

  test('is never hidden, inverse or blinking', () => {
    expect(colouredText('\u001b[8mhidden\u001b[7minverse\u001b[5mblink')).toBe('hiddeninverseblink')
    expect(colouredText('\u001b[8;31mred')).toBe('\u001b[31mred\u001b[0m')
  })

  test('loses every other escape also where colours are kept', () => {
    expect(colouredText('\u001b[2J\u001b[31mx\u001b]0;t\u0007')).toBe('\u001b[31mx\u001b[0m')
  })
})

describe('width', () => {
  test('counts columns, not characters', () => {
    expect(widthOf('abc')).toBe(3)
    expect(widthOf('漢字')).toBe(4)
    expect(widthOf('é')).toBe(1)
    expect(widthOf('🔥')).toBe(2)
  })

  test('cutting never passes the columns', () => {
    expect(cutTo('abcdef', 6)).toBe('abcdef')
    expect(cutTo('abcdef', 5)).toBe('abcd…')
    expect(cutTo('漢字漢字', 5)).toBe('漢字…')
    expect(cutTo('abc', 0)).toBe('')
  })
})
