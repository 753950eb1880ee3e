/**
 * A second opinion for round trips: a word of ENV, LABEL or COPY as Docker's shell lexer reads it (moby/buildkit
 * frontend/dockerfile/shell), without variables: an unescaped `$` throws.
 */
export function lexed(word: string): string {
  let out = ''
  let quote = ''
  for (let at = 0; at < word.length; at++) {
    const c = word[at]!
    if (quote === "'") {
      if (c === "'") quote = ''
      else out += c
    } else if (c === '\\') {
      const next = word[at + 1]
      if (next === undefined) throw new Error('ends in an escape')
      // between double quotes a backslash is itself unless one of these follows
      if (quote === '"' && !['"', '$', '\\'].includes(next)) out += c
      else {
        out += next
        at++
      }
    } else if (c === quote) quote = ''
    else if (quote === '' && (c === '"' || c === "'")) quote = c
    else if (c === '$') throw new Error(`a variable in ${word}`)
    else out += c
  }
  if (quote !== '') throw new Error(`an open quote in ${word}`)
  return out
}
