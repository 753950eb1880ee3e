import { BuildError } from '../failure/error.ts'
import type { Budget, Glob, States } from './glob.ts'
import type { IgnoreLine } from './ignore-file.ts'
import { compile, type Pattern } from './pattern.ts'
import { both, endsAt, none, tablesOf, type Node, type Tables } from './tables.ts'

/** Steps that patterns with several wildcards may take in all, a few seconds: bounds hostile rules, not honest ones. */
const steps = 5e8

/**
 * The compiled rules of one ignore file. A walk carries a Cursor: what the folder it is in already decided is handed
 * down, so that a name costs a few look-ups however many rules there are.
 */
export class Rules {
  readonly patterns: readonly Pattern[]
  readonly tables: Tables
  readonly budget: Budget = { steps }

  constructor(lines: readonly IgnoreLine[]) {
    this.patterns = lines.map(compile)
    this.tables = tablesOf(this.patterns)
  }

  get root(): Cursor {
    const { parts, prefixes, paths } = this.tables
    const nodes = parts.names.size + parts.globs.length > 0 ? [parts] : none
    return new Cursor(
      this,
      '',
      { nodes, prefixes, paths: paths.map(([glob, index]) => ({ glob, index, states: glob.start() })) },
      false,
      none,
    )
  }
}

/** How far the rules that look at more than the last part of a path have got in a folder; those that fell out are gone. */
interface Reach {
  readonly nodes: readonly Node[]
  /** what is left of the texts a path has to begin with; all of it is there when nothing is left */
  readonly prefixes: readonly (readonly [rest: string, index: number])[]
  readonly paths: readonly { readonly glob: Glob; readonly index: number; readonly states: States }[]
}

const nothing: Reach = { nodes: none, prefixes: none, paths: none }

/** Where a walk stands: one folder, what is decided there, and how far the rules have got. */
export class Cursor {
  /** whether the rules leave this folder out */
  readonly ignored: boolean
  readonly #rules: Rules
  readonly #path: string
  readonly #reach: Reach
  /** the rules that matched this folder, ascending: they match everything below it too */
  readonly #matched: readonly number[]

  constructor(rules: Rules, path: string, reach: Reach, ignored: boolean, matched: readonly number[]) {
    this.#rules = rules
    this.#path = path
    this.#reach = reach
    this.ignored = ignored
    this.#matched = matched
  }

  /** Whether a name in this folder is left out: the last rule that matches it or a folder above it decides. */
  leavesOut(name: string): boolean {
    const hits = this.hits(name)
    return hits.length === 0 ? this.ignored : this.#decide(hits).ignored
  }

  /** Into a folder, with what the rules say of it. */
  enter(name: string): Cursor {
    if (this.#rules.patterns.length === 0) return this
    const hits = this.hits(name)
    if (hits.length === 0) return this.step(name)
    const { ignored, matched } = this.#decide(hits)
    return new Cursor(this.#rules, this.#full(name), this.#further(name), ignored, matched)
  }

  /** Into a folder, for those who only ask for hits. */
  step(name: string): Cursor {
    if (this.#rules.patterns.length === 0) return this
    return new Cursor(this.#rules, this.#full(name), this.#further(name), this.ignored, this.#matched)
  }

  /** Whether a `!` rule could bring something back that lies in this folder. */
  reincludesBelow(): boolean {
    const above = this.#matched.at(-1) ?? -1
    const { patterns, tables } = this.#rules
    if (tables.lastExclusion <= above) return false
    const { nodes, prefixes, paths } = this.#reach
    const could = (index: number): boolean => index > above && patterns[index]!.exclusion
    return (
      nodes.some((node) => node.exclusionBelow > above) ||
      prefixes.some(([, index]) => could(index)) ||
      paths.some(({ index }) => could(index)) ||
      patterns.some(({ test, exclusion }, index) => exclusion && index > above && (test.kind === 'name' || test.kind === 'suffix'))
    )
  }

  /** Whether a rule says in plain letters that it means something in this folder. */
  namesBelow(): boolean {
    const inside = `${this.#path}/`
    return this.#rules.patterns.some(({ literal }) => literal.startsWith(inside) && literal !== inside)
  }

  /** What the last rule that matches this very name says. */
  lastHit(name: string): 'ignore' | 'keep' | undefined {
    const last = this.hits(name).at(-1)
    if (last === undefined) return undefined
    return this.#rules.patterns[last]!.exclusion ? 'keep' : 'ignore'
  }

  /** The rules that match this very name (not a folder above it), ascending. */
  hits(name: string): readonly number[] {
    const { tables, budget } = this.#rules
    const { nodes, prefixes, paths } = this.#reach
    let hits = tables.names.hits(name, budget)
    for (const node of nodes) hits = both(hits, endsAt(node, name, budget))
    for (const [rest, index] of prefixes) if (name.startsWith(rest)) hits = both(hits, [index])
    for (const [end, index] of tables.endings) if (name.endsWith(end)) hits = both(hits, [index])
    if (tables.tails.size > 0) hits = both(hits, this.#tailHits(name))
    if (paths.length > 0) hits = both(hits, this.#pathHits(name))
    if (budget.steps < 0) throw new BuildError('invalid_ignore_file', 'the ignore rules take too long to apply: use fewer wildcards')
    return hits.length < 2 ? hits : hits.toSorted((a, b) => a - b)
  }

  #tailHits(name: string): readonly number[] {
    const tails = this.#rules.tables.tails.get(name)
    if (tails === undefined) return none
    // `**` before a slash is nothing at all at the root, so that `/a/b` ends the path `a/b` too
    const path = `/${this.#path}`
    return tails.filter(([before]) => (before.startsWith('/') ? path : this.#path).endsWith(before)).map(([, index]) => index)
  }

  #pathHits(name: string): readonly number[] {
    const { budget } = this.#rules
    let hits: readonly number[] = none
    for (const { glob, index, states } of this.#reach.paths) {
      if (!couldEnd(name, glob.ending)) continue
      if (glob.accepts(glob.advance(states, name, budget))) hits = both(hits, [index])
    }
    return hits
  }

  /**
   * Docker goes through the rules in order and asks only those that could change the answer so far. A rule it did not
   * ask counts as no match for everything below, even where it would have matched. Source: MatchesUsingParentResults.
   */
  #decide(hits: readonly number[]): { readonly ignored: boolean; readonly matched: readonly number[] } {
    const { patterns } = this.#rules
    const inherited = this.#matched
    const matched: number[] = []
    let ignored = false
    for (let h = 0, i = 0; h < hits.length || i < inherited.length;) {
      const index = Math.min(hits[h] ?? Infinity, inherited[i] ?? Infinity)
      const fromAbove = inherited[i] === index
      if (fromAbove) i++
      while (hits[h] === index) h++
      const { exclusion } = patterns[index]!
      if (!fromAbove && exclusion !== ignored) continue
      matched.push(index)
      ignored = !exclusion
    }
    return { ignored, matched }
  }

  #further(name: string): Reach {
    const { nodes, prefixes, paths } = this.#reach
    if (nodes.length === 0 && prefixes.length === 0 && paths.length === 0) return nothing
    const { budget } = this.#rules
    const inside = `${name}/`
    return {
      nodes: nodes.length === 0 ? none : nodes.flatMap((node) => nodesBelow(node, name, budget)),
      prefixes: prefixes.flatMap(([rest, index]) => {
        if (inside.startsWith(rest)) return [['', index] as const]
        return rest.startsWith(inside) ? [[rest.slice(inside.length), index] as const] : []
      }),
      paths: paths.flatMap(({ glob, index, states }) => {
        const next = glob.advance(states, inside, budget)
        return next.length === 0 ? [] : [{ glob, index, states: next }]
      }),
    }
  }

  #full(name: string): string {
    return this.#path === '' ? name : `${this.#path}/${name}`
  }
}

function nodesBelow(node: Node, name: string, budget: Budget): readonly Node[] {
  const named = node.names.get(name)
  const below = named === undefined ? [] : [named]
  for (const [glob, next] of node.globs) if (glob.matchesName(name, budget)) below.push(next)
  return below
}

/** Whether a name can be the end of a path that ends in this text. */
function couldEnd(name: string, ending: string): boolean {
  return ending.length <= name.length ? name.endsWith(ending) : ending.endsWith(`/${name}`)
}
