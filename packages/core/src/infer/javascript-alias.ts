import { isPart, skipName, skipSpace, skipString } from './javascript-characters.ts'

/** The aliases a bundler's file writes as literals: `alias: { '@': …, react: 'preact/compat' }`, `{ find: '~', replacement: … }`. */
export function readAliasLiterals(text: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = []
  for (const { index, 0: word } of [...text.matchAll(/\balias['"]?\s{0,20}:\s{0,20}\{/g)].slice(0, 20))
    readKeys(text, index + word.length, found)
  for (const [, find, target] of text.matchAll(
    /\bfind['"]?\s{0,20}:\s{0,20}['"]([^'"\n]{1,200})['"]\s{0,20},\s{0,20}replacement\s{0,20}:\s{0,20}(?:['"]([^'"\n]{1,200})['"])?/g,
  ))
    add(find!, target, found)
  return found
}

/** Keys at the top of the object that begins at `at`, each with its value where that is a literal. */
function readKeys(text: string, at: number, found: (readonly [string, string])[]): void {
  let depth = 0
  for (let index = skipSpace(text, at); index < text.length && found.length < 500; index = skipSpace(text, index)) {
    const code = text.charCodeAt(index)
    if (code === 125 && depth === 0) return
    if (code === 34 || code === 39 || isPart(code)) {
      const end = isPart(code) ? skipName(text, index) : Math.abs(skipString(text, index + 1, code))
      const key = isPart(code) ? text.slice(index, end) : text.slice(index + 1, end - 1)
      const after = skipSpace(text, end)
      if (depth === 0 && text.charCodeAt(after) === 58) add(key, literalAt(text, skipSpace(text, after + 1)), found)
      index = Math.max(end, index + 1)
      continue
    }
    if (code === 40 || code === 91 || code === 123) depth++
    else if (code === 41 || code === 93 || code === 125) depth--
    index++
  }
}

function literalAt(text: string, at: number): string | undefined {
  const quote = text.charCodeAt(at)
  const end = quote === 34 || quote === 39 ? skipString(text, at + 1, quote) : -1
  const next = end < 0 ? '' : text[skipSpace(text, end)]
  return next === ',' || next === '}' ? text.slice(at + 1, end - 1) : undefined
}

/** An alias stands for itself and all below it; `x$` for itself alone. A path, or what is computed, is the source's own. */
function add(key: string, target: string | undefined, found: (readonly [string, string])[]): void {
  const to = target === undefined || /^[./]/.test(target) ? './' : target
  const exact = key.endsWith('$') && key.length > 1
  if (exact) found.push([key.slice(0, -1), to])
  else if (!key.startsWith('[')) found.push([key, to], [key.endsWith('/') ? `${key}*` : `${key}/*`, to === './' ? to : `${to}/*`])
}
