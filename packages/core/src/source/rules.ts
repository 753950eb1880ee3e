import { BuildError } from '../failure/error.ts'
import type { Budget, Glob } from './glob.ts'
import type { IgnoreLine } from './ignore-file.ts'
import { compile, type Pattern } from './pattern.ts'

/** Steps that patterns with more than one wildcard may take in all, about two seconds: bounds hostile rules, not honest ones. */
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
    return new Cursor(this, '', this.patterns.length === 0 ? none : [this.tables.parts], false, none)
  }

  /** Whether a rule with a `!`, above the given index, could match something below a folder. */
  exclusionBelow(path: string, nodes: readonly Node[], above: number): boolean {
    if (this.tables.lastExclusion <= above) return false
    if (nodes.some((node) => node.exclusionBelow > above)) return true
    const inside = `${path}/`
    return this.patterns.some(
      ({ exclusion, test, literal }, index) =>
        exclusion && index > above && test.kind !== 'parts' && (literal.startsWith(inside) || inside.startsWith(literal)),
    )
  }
}

/** Rules by how they are tested; a name is looked up in each table instead of being tried against each rule. */
interface Tables {
  readonly parts: Node
  readonly names: ReadonlyMap<string, readonly number[]>
  readonly extensions: ReadonlyMap<string, readonly number[]>
  readonly nameGlobs: readonly (readonly [Glob, number])[]
  readonly prefixes: readonly (readonly [string, number])[]
  readonly suffixes: readonly (readonly [string, number])[]
  readonly paths: readonly (readonly [Glob, number])[]
  readonly lastExclusion: number
}

/** Patterns of plain parts, as a tree of their parts. */
interface Node {
  readonly names: Map<string, Node>
  readonly globs: (readonly [Glob, Node])[]
  readonly ends: number[]
  /** the highest index of a `!` rule that ends below here, else -1 */
  exclusionBelow: number
}

const none: readonly never[] = []

function tablesOf(patterns: readonly Pattern[]): Tables {
  const names = new Map<string, number[]>()
  const extensions = new Map<string, number[]>()
  const tables = { parts: emptyNode(), names, extensions, nameGlobs: [], prefixes: [], suffixes: [], paths: [] } satisfies Partial<Tables>
  const lists: { nameGlobs: [Glob, number][]; prefixes: [string, number][]; suffixes: [string, number][]; paths: [Glob, number][] } = tables
  for (const [index, { test, exclusion }] of patterns.entries()) {
    if (test.kind === 'parts') plant(tables.parts, test.parts, index, exclusion)
    else if (test.kind === 'prefix') lists.prefixes.push([test.start, index])
    else if (test.kind === 'suffix') lists.suffixes.push([test.end, index])
    else if (test.kind === 'path') lists.paths.push([test.glob, index])
    else if (typeof test.name === 'string') listUnder(names, test.name, index)
    else if (test.name.extension !== undefined) listUnder(extensions, test.name.extension, index)
    else lists.nameGlobs.push([test.name, index])
  }
  return { ...tables, lastExclusion: patterns.findLastIndex((pattern) => pattern.exclusion) }
}

function emptyNode(): Node {
  return { names: new Map(), globs: [], ends: [], exclusionBelow: -1 }
}

function plant(root: Node, parts: readonly (string | Glob)[], index: number, exclusion: boolean): void {
  let node = root
  for (const part of parts) {
    if (exclusion) node.exclusionBelow = Math.max(node.exclusionBelow, index)
    let next = typeof part === 'string' ? node.names.get(part) : undefined
    if (next === undefined) {
      next = emptyNode()
      if (typeof part === 'string') node.names.set(part, next)
      else node.globs.push([part, next])
    }
    node = next
  }
  node.ends.push(index)
}

function listUnder(table: Map<string, number[]>, key: string, index: number): void {
  const list = table.get(key)
  if (list === undefined) table.set(key, [index])
  else list.push(index)
}

/** Where a walk stands: one folder, what is decided there, and how far the patterns of plain parts have got. */
export class Cursor {
  /** whether the rules leave this folder out */
  readonly ignored: boolean
  readonly #rules: Rules
  readonly #path: string
  readonly #nodes: readonly Node[]
  /** the rules that matched this folder, ascending: they match everything below it too */
  readonly #matched: readonly number[]
  #prefixes: readonly (readonly [string, number])[] | undefined

  constructor(rules: Rules, path: string, nodes: readonly Node[], ignored: boolean, matched: readonly number[]) {
    this.#rules = rules
    this.#path = path
    this.#nodes = nodes
    this.ignored = ignored
    this.#matched = matched
  }

  /** Whether a name in this folder is left out: the last rule that matches it or a folder above it decides. */
  leavesOut(name: string): boolean {
    const hits = this.hits(name)
    return hits.length === 0 ? this.ignored : this.#decide(hits).ignored
  }

  enter(name: string): Cursor {
    if (this.#rules.patterns.length === 0) return this
    const hits = this.hits(name)
    const { ignored, matched } = hits.length === 0 ? { ignored: this.ignored, matched: this.#matched } : this.#decide(hits)
    return new Cursor(this.#rules, this.#full(name), this.#below(name), ignored, matched)
  }

  /** Whether a `!` rule could bring something back that lies in this folder. */
  reincludesBelow(): boolean {
    return this.#rules.exclusionBelow(this.#path, this.#nodes, this.#matched.at(-1) ?? -1)
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
    const { patterns, tables } = this.#rules
    if (patterns.length === 0) return none
    let hits: readonly number[] = tables.names.get(name) ?? none
    if (tables.extensions.size > 0) hits = both(hits, tables.extensions.get(name.slice(name.lastIndexOf('.'))) ?? none)
    for (const node of this.#nodes) hits = both(hits, endsAt(node, name, this.#rules.budget))
    if (tables.nameGlobs.length > 0) hits = both(hits, tried(tables.nameGlobs, name, this.#rules.budget))
    if (tables.prefixes.length > 0) hits = both(hits, this.#prefixHits(name))
    if (tables.suffixes.length > 0 || tables.paths.length > 0) hits = both(hits, this.#pathHits(name))
    if (this.#rules.budget.steps < 0) throw new BuildError('invalid_ignore_file', 'the rules take too long to apply: use fewer wildcards')
    return hits.length < 2 ? hits : hits.toSorted((a, b) => a - b)
  }

  #prefixHits(name: string): readonly number[] {
    const inside = this.#path === '' ? '' : `${this.#path}/`
    this.#prefixes ??= this.#rules.tables.prefixes.flatMap(([start, index]) => {
      if (inside.startsWith(start)) return [['', index] as const]
      return start.startsWith(inside) ? [[start.slice(inside.length), index] as const] : []
    })
    return this.#prefixes.filter(([start]) => name.startsWith(start)).map(([, index]) => index)
  }

  #pathHits(name: string): readonly number[] {
    const { suffixes, paths } = this.#rules.tables
    const path = this.#full(name)
    const ending = suffixes.filter(([end]) => path.endsWith(end) || (end.startsWith('/') && path === end.slice(1)))
    return both(
      ending.map(([, index]) => index),
      tried(paths, path, this.#rules.budget),
    )
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

  #below(name: string): readonly Node[] {
    if (this.#nodes.length === 0) return none
    const nodes: Node[] = []
    for (const node of this.#nodes) {
      const named = node.names.get(name)
      if (named !== undefined) nodes.push(named)
      for (const [glob, next] of node.globs) if (glob.matches(name, this.#rules.budget)) nodes.push(next)
    }
    return nodes.length === 0 ? none : nodes
  }

  #full(name: string): string {
    return this.#path === '' ? name : `${this.#path}/${name}`
  }
}

function endsAt(node: Node, name: string, budget: Budget): readonly number[] {
  let hits: readonly number[] = node.names.get(name)?.ends ?? none
  for (const [glob, next] of node.globs) if (next.ends.length > 0 && glob.matches(name, budget)) hits = both(hits, next.ends)
  return hits
}

function tried(globs: readonly (readonly [Glob, number])[], text: string, budget: Budget): readonly number[] {
  let hits: readonly number[] = none
  for (const [glob, index] of globs) if (glob.matches(text, budget)) hits = both(hits, [index])
  return hits
}

function both(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a
  return a.length === 0 ? b : [...a, ...b]
}
