import { isQuote, skipString } from './python-strings.ts'

/** What stands at an offset of a Python text. */
export type Region = 'code' | 'string' | 'comment'

/** Tells strings and comments (and documentation, which is a string that begins a line) of a text from its code; one pass, on the first question. */
export function regionsOf(text: string): (offset: number) => Region {
  let known: readonly Part[] | undefined
  return (offset) => {
    known ??= partsOf(text)
    let [low, high] = [0, known.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (known[middle]!.end <= offset) low = middle + 1
      else high = middle
    }
    const part = known[low]
    return part !== undefined && part.start <= offset ? part.region : 'code'
  }
}

interface Part {
  readonly start: number
  readonly end: number
  readonly region: Region
}

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    const start = at
    if (isQuote(code)) {
      at = skipString(text, at)
      parts.push({ start, end: at, region: isDocumentation(text, start) ? 'comment' : 'string' })
    } else if (code === 35) {
      while (at < text.length && text.charCodeAt(at) !== 10) at++
      parts.push({ start, end: at, region: 'comment' })
    } else at += code === 92 ? 2 : 1
  }
  return parts
}

/** A long string alone at the beginning of a line. */
function isDocumentation(text: string, quoteAt: number): boolean {
  if (text.charCodeAt(quoteAt + 1) !== text.charCodeAt(quoteAt) || text.charCodeAt(quoteAt + 2) !== text.charCodeAt(quoteAt)) return false
  let at = quoteAt - 1
  while (at >= 0 && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at--
  return at < 0 || text.charCodeAt(at) === 10
}
