import type { Budget, Glob } from './glob.ts'
import type { Pattern } from './pattern.ts'

/** Patterns of plain parts, as a tree of their parts. */
export interface Node {
  readonly names: Map<string, Node>
  readonly globs: (readonly [Glob, Node])[]
  readonly ends: number[]
  /** the highest index of a `!` rule that ends below here, else -1 */
  exclusionBelow: number
}

/** Rules by how they are tested, as indices: a name is looked up in each table instead of being tried against each rule. */
export interface Tables {
  readonly parts: Node
  readonly names: NameTable
  readonly prefixes: readonly (readonly [start: string, index: number])[]
  /** rules that end in a text without a `/`, by that text */
  readonly endings: readonly (readonly [end: string, index: number])[]
  /** rules that end in several parts, by the last one */
  readonly tails: ReadonlyMap<string, readonly (readonly [before: string, index: number])[]>
  readonly paths: readonly (readonly [glob: Glob, index: number])[]
  readonly lastExclusion: number
}

export const none: readonly never[] = []

export function tablesOf(patterns: readonly Pattern[]): Tables {
  const parts = emptyNode()
  const names = new NameTable()
  const prefixes: [string, number][] = []
  const endings: [string, number][] = []
  const tails = new Map<string, [string, number][]>()
  const paths: [Glob, number][] = []
  for (const [index, { test, exclusion }] of patterns.entries()) {
    if (test.kind === 'parts') plant(parts, test.parts, index, exclusion)
    else if (test.kind === 'name') names.add(test.name, index)
    else if (test.kind === 'prefix') prefixes.push([test.start, index])
    else if (test.kind === 'path') paths.push([test.glob, index])
    else if (!test.end.includes('/')) endings.push([test.end, index])
    else under(tails, test.end.slice(test.end.lastIndexOf('/') + 1)).push([test.end.slice(0, test.end.lastIndexOf('/')), index])
  }
  return { parts, names, prefixes, endings, tails, paths, lastExclusion: patterns.findLastIndex((pattern) => pattern.exclusion) }
}

/** Rules for a name at any depth, with two stars and a slash before it. */
export class NameTable {
  readonly #exact = new Map<string, number[]>()
  readonly #byExtension = new Map<string, [Glob, number][]>()
  readonly #byFirst = new Map<number, [Glob, number][]>()
  readonly #others: [Glob, number][] = []
  /** which two last letters an extension in the table can have: spares cutting most names */
  readonly #lastLetters = new Uint8Array(1024)

  add(name: string | Glob, index: number): void {
    if (typeof name === 'string') under(this.#exact, name).push(index)
    else if (name.ending.includes('.')) {
      const extension = name.ending.slice(name.ending.lastIndexOf('.'))
      under(this.#byExtension, extension).push([name, index])
      this.#lastLetters[lastLetters(extension)] = 1
    } else if (name.beginning !== '') under(this.#byFirst, name.beginning.charCodeAt(0)).push([name, index])
    else this.#others.push([name, index])
  }

  hits(name: string, budget: Budget): readonly number[] {
    let hits: readonly number[] = this.#exact.get(name) ?? none
    if (this.#lastLetters[lastLetters(name)] === 1)
      hits = tried(hits, this.#byExtension.get(name.slice(name.lastIndexOf('.'))), name, budget)
    if (this.#byFirst.size > 0) hits = tried(hits, this.#byFirst.get(name.charCodeAt(0)), name, budget)
    return this.#others.length > 0 ? tried(hits, this.#others, name, budget) : hits
  }
}

/** What ends in a name that was planted below a node. */
export function endsAt(node: Node, name: string, budget: Budget): readonly number[] {
  let hits: readonly number[] = node.names.get(name)?.ends ?? none
  for (const [glob, next] of node.globs) if (next.ends.length > 0 && glob.matchesName(name, budget)) hits = both(hits, next.ends)
  return hits
}

export function both(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a
  return a.length === 0 ? b : [...a, ...b]
}

function tried(
  hits: readonly number[],
  globs: readonly (readonly [Glob, number])[] | undefined,
  name: string,
  budget: Budget,
): readonly number[] {
  if (globs === undefined) return hits
  let all = hits
  for (const [glob, index] of globs) if (glob.matchesName(name, budget)) all = both(all, [index])
  return all
}

function lastLetters(name: string): number {
  return (name.charCodeAt(name.length - 1) * 31 + name.charCodeAt(name.length - 2)) & 1023
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

function emptyNode(): Node {
  return { names: new Map(), globs: [], ends: [], exclusionBelow: -1 }
}

function under<K, V>(table: Map<K, V[]>, key: K): V[] {
  const known = table.get(key)
  if (known !== undefined) return known
  const list: V[] = []
  table.set(key, list)
  return list
}
