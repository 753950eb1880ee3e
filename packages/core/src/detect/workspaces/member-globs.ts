import { byText } from '../tree.ts'

/** more are no workspace that a person keeps */
export const mostMembers = 10_000
/** more than this is no list that a person wrote */
const most = 200

/**
 * The directories that patterns such as `apps/*`, `libs/**` and `!apps/old` name. Every part of a pattern may have stars; `**` stands
 * for any number of parts.
 */
export function matchingDirectories(patterns: readonly string[], directories: readonly string[]): string[] {
  const all = patterns.slice(0, most).map((text) => text.trim())
  const wanted = all.filter((text) => !text.startsWith('!')).map(partsOf)
  const unwanted = all.filter((text) => text.startsWith('!')).map((text) => partsOf(text.slice(1)))
  const fits = (list: readonly (readonly string[])[], path: string): boolean => list.some((parts) => matches(parts, path.split('/')))
  return directories.filter((path) => fits(wanted, path) && !fits(unwanted, path)).sort(byText)
}

function partsOf(pattern: string): string[] {
  return pattern.split('/').filter((part) => part !== '' && part !== '.')
}

/** Which parts of the pattern may be reached, one part of the path after another: no backtracking. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  let reached = skipping(pattern, new Set([0]))
  for (const part of path) {
    const next = new Set<number>()
    for (const at of reached) {
      if (pattern[at] === '**') next.add(at)
      else if (at < pattern.length && matchesPart(pattern[at]!, part)) next.add(at + 1)
    }
    reached = skipping(pattern, next)
    if (reached.size === 0) return false
  }
  return reached.has(pattern.length)
}

/** `**` may stand for nothing. */
function skipping(pattern: readonly string[], reached: Set<number>): Set<number> {
  for (const at of reached) if (pattern[at] === '**') reached.add(at + 1)
  return reached
}

/** `{a,b}` and stars; the texts between stars must come one after another. */
function matchesPart(pattern: string, part: string): boolean {
  const braces = /^([^{}]*)\{([^{}]*)\}([^{}]*)$/.exec(pattern)
  if (braces)
    return braces[2]!
      .split(',')
      .slice(0, most)
      .some((one) => matchesPart(braces[1]! + one + braces[3]!, part))
  const texts = pattern.split('*')
  if (texts.length === 1) return pattern === part
  const [first, last] = [texts[0]!, texts.at(-1)!]
  if (part.length < first.length + last.length || !part.startsWith(first) || !part.endsWith(last)) return false
  let at = first.length
  for (const text of texts.slice(1, -1)) {
    const found = part.indexOf(text, at)
    if (found === -1 || found + text.length > part.length - last.length) return false
    at = found + text.length
  }
  return true
}
