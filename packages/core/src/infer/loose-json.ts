/** JSON as people write it, with comments and commas behind the last one; undefined where it cannot be read. */
export function readLooseJson(text: string): unknown {
  const bare = text.replace(/^\uFEFF/, '')
  // most files are plain JSON, which is read many times faster
  return parsed(bare) ?? parsed(plainJson(bare))
}

/** Without comments and commas behind the last one; every line stays. */
export function plainJson(text: string): string {
  return withoutLastCommas(withoutComments(text))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// By hand: an expression that steps over texts looks for the end of an open one again and again.
function withoutLastCommas(text: string): string {
  const parts: string[] = []
  let [from, comma] = [0, -1]
  for (let at = 0; at < text.length;) {
    const char = text[at]!
    if ((char === ']' || char === '}') && comma !== -1) {
      parts.push(text.slice(from, comma))
      from = comma + 1
    }
    if (char === ',') comma = at
    else if (!/\s/.test(char)) comma = -1
    at = char === '"' ? afterString(text, at) : at + 1
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(from)
}

/** JSON with `//` and `/* *\/` comments as JSON: each comment becomes as many spaces, so that every offset, line and column stays. */
export function withoutComments(text: string): string {
  const parts: string[] = []
  let from = 0
  const lastEnd = text.lastIndexOf('*/') // asked once: a text of open comments would be searched for each of them
  for (let at = 0; at < text.length;) {
    const char = text[at]
    if (char === '"') {
      at = afterString(text, at)
      continue
    }
    const end = char === '/' ? endOfComment(text, at, lastEnd) : undefined
    if (end === undefined) {
      at++
      continue
    }
    parts.push(text.slice(from, at), text.slice(at, end).replaceAll(/[^\r\n]/g, ' '))
    at = from = end
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(from)
}

/** undefined where none begins, or where it has no end: the parser of JSON then says where. */
function endOfComment(text: string, at: number, lastEnd: number): number | undefined {
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at)
    return end === -1 ? text.length : end
  }
  return text[at + 1] === '*' && lastEnd >= at + 2 ? text.indexOf('*/', at + 2) + 2 : undefined
}

function afterString(text: string, open: number): number {
  let at = open + 1
  while (at < text.length && text[at] !== '"' && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
