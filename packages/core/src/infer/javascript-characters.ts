// The classes of characters that the JavaScript lexer tells apart, and the skips that need no state.

/** One byte for each UTF-16 unit: what a token that begins with it may be. */
export const classes: Uint8Array = new Uint8Array(65_536)

export const part = 1
export const space = 2
/** a digit, which begins a number and goes on in a name */
const digit = 3

fill()

function fill(): void {
  classes.fill(part, 128)
  const names = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$#\\'
  for (let index = 0; index < names.length; index++) classes[names.charCodeAt(index)] = part
  for (let code = 48; code < 58; code++) classes[code] = digit
  for (let code = 0; code <= 32; code++) classes[code] = space
  for (let code = 0x2000; code <= 0x200a; code++) classes[code] = space
  for (const code of [0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff]) classes[code] = space
}

/** True for what a name or number goes on with. */
export function isPart(code: number): boolean {
  return (classes[code]! & part) !== 0
}

/** The end of the name or number that begins at `at`. */
export function skipName(text: string, at: number): number {
  let index = at
  while (index < text.length && (classes[text.charCodeAt(index)]! & part) !== 0) index++
  return index
}

/** Past white space and comments. */
export function skipSpace(text: string, at: number): number {
  let index = at
  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (classes[code] === space) index++
    else if (code === 47 && text.charCodeAt(index + 1) === 47) index = skipLine(text, index + 2)
    else if (code === 47 && text.charCodeAt(index + 1) === 42) index = skipBlock(text, index + 2)
    else break
  }
  return index
}

/** The line end after a `//`. */
export function skipLine(text: string, at: number): number {
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) return index
  }
  return text.length
}

/** Past the end of a block comment. */
export function skipBlock(text: string, at: number): number {
  const close = text.indexOf('*/', at)
  return close < 0 ? text.length : close + 2
}

/** Past the quote that closes the string opened before `at`; the negative place of the line end where there is none. */
export function skipString(text: string, at: number, quote: number): number {
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote) return index + 1
    if (code === 92) index += text.charCodeAt(index + 1) === 13 && text.charCodeAt(index + 2) === 10 ? 2 : 1
    else if (code === 10 || code === 13) return -index
  }
  return -text.length
}

/** Past the backtick or the `${` that ends this part of a template; the negative length where there is neither. */
export function skipTemplate(text: string, at: number): number {
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 96) return index + 1
    if (code === 92) index++
    else if (code === 36 && text.charCodeAt(index + 1) === 123) return index + 2
  }
  return -text.length
}

/** Past the flags of the regular expression opened before `at`; -1 where none can be: it would leave its line. */
export function skipRegex(text: string, at: number): number {
  let inClass = false
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 47 && !inClass) return skipName(text, index + 1)
    if (code === 92) index++
    else if (code === 91) inClass = true
    else if (code === 93) inClass = false
    else if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) return -1
  }
  return -1
}

/** The value of a string literal without its quotes. */
export function cooked(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replace(/\\(?:u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[^]))/gi, (_, point, unit, byte, one: string) => {
    const hex = (point ?? unit ?? byte) as string | undefined
    if (hex === undefined) return /[\r\n\u2028\u2029]/.test(one) ? '' : (short[one] ?? one)
    const code = Number.parseInt(hex, 16)
    return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code)
  })
}

const short: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' }
