/** Arguments that BuildKit sets by itself; the classic builder does not know them. */
export const platformArguments: readonly string[] = [
  ...['BUILDPLATFORM', 'BUILDOS', 'BUILDARCH', 'BUILDVARIANT'],
  ...['TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT', 'TARGETSTAGE'],
]

/** Puts values of arguments into a word: `$X`, `${X}`, `${X:-default}`, `${X:+other}`. Undefined where one has no value. */
export function expand(word: string, values: ReadonlyMap<string, string>): string | undefined {
  let known = true
  const text = word.replace(/\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+])([^{}]*))?\})/g, (...match: unknown[]) => {
    const [, plain, braced, operator, other] = match as (string | undefined)[]
    const value = values.get(plain ?? braced!)
    const set = operator?.startsWith(':') === false ? value !== undefined : value !== undefined && value !== ''
    if (operator?.endsWith('-')) return set ? value! : other!
    if (operator?.endsWith('+')) return set ? other! : ''
    known &&= value !== undefined
    return value ?? ''
  })
  // what is left is a form we do not read, or a variable in a default
  return known && !text.includes('$') ? text : undefined
}
