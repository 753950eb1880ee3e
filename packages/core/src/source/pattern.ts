import type { IgnoreLine } from './ignore-file.ts'
import { globOf, type Glob } from './glob.ts'

/**
 * One rule, sorted by how it is tested. Docker turns a pattern into one of four tests, and the differences are visible:
 * `**foo` ends like foo, but `**fo*` is a part of that name. Source: moby/patternmatcher, `Pattern.compile`.
 */
export type Test =
  /** the path itself, or parts of it one by one: no test of one part can match a `/` */
  | { readonly kind: 'parts'; readonly parts: readonly (string | Glob)[] }
  /** the last part alone, at any depth */
  | { readonly kind: 'name'; readonly name: string | Glob }
  | { readonly kind: 'prefix'; readonly start: string }
  | { readonly kind: 'suffix'; readonly end: string }
  | { readonly kind: 'path'; readonly glob: Glob }

export interface Pattern {
  readonly exclusion: boolean
  readonly test: Test
  /** what every matching path begins with */
  readonly literal: string
}

/** Throws `invalid_ignore_file` for a pattern that Docker refuses. */
export function compile(line: IgnoreLine): Pattern {
  const glob = globOf(line)
  const test = testOf(line.pattern, glob)
  return { exclusion: line.exclusion, test, literal: test.kind === 'prefix' ? test.start : literalOf(line.pattern) }
}

function testOf(pattern: string, glob: Glob): Test {
  const [special] = /\*\*?|[?[\]\\]/.exec(pattern) ?? []
  if (special === undefined) return { kind: 'parts', parts: pattern.split('/') }
  const rest = pattern.slice(2)
  if (pattern.startsWith('**') && !/[*?[\]\\]/.test(rest))
    return rest.lastIndexOf('/') === 0 ? { kind: 'name', name: rest.slice(1) } : { kind: 'suffix', end: rest }
  if (pattern.endsWith('**') && !/[*?[\]\\]/.test(pattern.slice(0, -2))) return { kind: 'prefix', start: pattern.slice(0, -2) }
  return byParts(glob) ?? { kind: 'path', glob }
}

function byParts(glob: Glob): Test | undefined {
  const anyDepth = glob.atoms[0]?.kind === 'folders'
  const parts = glob.without(anyDepth ? 1 : 0).split()
  if (parts === undefined || (anyDepth && parts.length > 1)) return undefined
  return anyDepth ? { kind: 'name', name: parts[0]! } : { kind: 'parts', parts }
}

function literalOf(pattern: string): string {
  const special = pattern.search(/[*?[\]\\^]/)
  return special < 0 ? pattern : pattern.slice(0, special)
}
