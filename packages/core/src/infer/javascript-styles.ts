import { cooked } from './javascript-characters.ts'

/** A package that a style sheet names. */
export interface StyleImport {
  readonly module: string
  readonly line: number
  /** a single word may be a file beside it */
  readonly word: boolean
}

/** `@import "tailwindcss"`, `@plugin "x"`, `@use "pkg:x"`, `@import "~x/y"`: what names a package; relative paths and addresses do not. */
export function readStyles(text: string): readonly StyleImport[] {
  const found: StyleImport[] = []
  const plain = text.replace(/\/\*[^]*?(?:\*\/|$)/g, (comment) => '\n'.repeat(comment.split('\n').length - 1))
  const rule =
    /@(import|use|forward|plugin|reference)\s{1,9}(?:\([^()\n]{0,40}\)\s{1,9})?(?:url\(\s{0,9})?(["'])((?:[^"'\\\n]|\\.){1,300})\2/g
  for (const [index, line] of plain.split('\n').entries())
    for (const [, , , raw] of line.matchAll(rule)) {
      const module = cooked(raw!).replace(/^(?:~|pkg:)/, '')
      if (!/^(?:\.{0,2}\/|[a-z]+:|@\/|#)/.test(module)) found.push({ module, line: index + 1, word: /^[^@/]+$/.test(raw!) })
    }
  const directive = plain.search(/@tailwind\s{1,9}(?:base|components|utilities)\b/)
  if (directive >= 0) found.push({ module: 'tailwindcss', line: plain.slice(0, directive).split('\n').length, word: false })
  return found
}
