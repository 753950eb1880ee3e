import { refused, type IgnoreLine } from './ignore-file.ts'
import { charSet, type CharSet } from './char-set.ts'

/** What a pattern is made of. `many`: any number of times, also none. */
export type Atom =
  | { readonly kind: 'char'; readonly code: number; readonly many: boolean }
  | { readonly kind: 'set'; readonly set: CharSet; readonly many: boolean }
  /** any folders and their `/`, or nothing */
  | { readonly kind: 'folders' }
  /** the path must begin here: a bare `^`, which only works at the very beginning */
  | { readonly kind: 'start' }

const slash = 47
const newline = 10
const notSlash: CharSet = { has: (code) => code !== slash }
const notNewline: CharSet = { has: (code) => code !== newline }
const any: Atom = { kind: 'set', set: notNewline, many: true }

/**
 * A pattern as Docker reads it. It makes a regular expression of it, so that some patterns mean what nobody expects:
 * `[^a]` matches a `/`, and a `*` inside brackets becomes part of the set. This goes the same way: first Docker's text,
 * then its meaning; but nothing of it ever reaches a RegExp.
 */
export function globOf(line: IgnoreLine): Glob {
  checkSyntax(line)
  return new Glob(parse(translate(line.pattern), line))
}

/** Steps all globs may take for one Source: what honest rules need for 100,000 paths many times over, a second or two. */
export interface Budget {
  steps: number
}

/** How far into a glob the text so far can have got. */
export type States = readonly number[]

export class Glob {
  readonly atoms: readonly Atom[]
  /** what every match ends with; no part of it is special */
  readonly ending: string
  /** what every match begins with */
  readonly beginning: string
  readonly #shape: 'ends' | 'begins' | 'contains' | 'other'
  readonly #seen: Int32Array
  #round = 0

  constructor(atoms: readonly Atom[]) {
    this.atoms = atoms
    const lastSpecial = atoms.findLastIndex((atom) => !isChar(atom))
    const firstSpecial = atoms.findIndex((atom) => !isChar(atom))
    this.ending = plain(atoms.slice(lastSpecial + 1))
    this.beginning = plain(atoms.slice(0, firstSpecial < 0 ? undefined : firstSpecial))
    this.#shape = shapeOf(atoms, firstSpecial, lastSpecial)
    // a position is before an atom, or (second half) inside the folders that an atom stands for
    this.#seen = new Int32Array(2 * atoms.length + 2)
  }

  without(count: number): Glob {
    return count === 0 ? this : new Glob(this.atoms.slice(count))
  }

  /** The parts between slashes, or undefined when something in it can match a `/`. */
  split(): readonly (string | Glob)[] | undefined {
    const parts: Atom[][] = [[]]
    for (const atom of this.atoms) {
      if (isChar(atom) && atom.code === slash) parts.push([])
      else if (atom.kind === 'char' || (atom.kind === 'set' && !atom.set.has(slash))) parts.at(-1)!.push(atom)
      else return undefined
    }
    return parts.map((atoms) => (atoms.every(isChar) ? plain(atoms) : new Glob(atoms)))
  }

  /** Whether one name, which has no `/`, matches as a whole. */
  matchesName(name: string, budget: Budget): boolean {
    if (!name.endsWith(this.ending)) return false
    if (this.#shape === 'ends') return true
    if (!name.startsWith(this.beginning)) return false
    if (this.#shape === 'begins') return name.length >= this.beginning.length
    if (this.#shape === 'contains') return name.length >= this.beginning.length + this.ending.length
    return this.accepts(this.advance(this.start(), name, budget))
  }

  start(): States {
    this.#round++
    const states: number[] = []
    this.#reach(states, 0, true)
    return states
  }

  /** Follows all ways through the glob at once, so that the time is linear in the text. Takes its steps off the budget. */
  advance(from: States, text: string, budget: Budget): States {
    let now = from
    for (const char of text) {
      if (now.length === 0) return now
      budget.steps -= now.length
      const code = char.codePointAt(0)!
      const next: number[] = []
      this.#round++
      for (const at of now) this.#step(next, at, code)
      now = next
    }
    return now
  }

  accepts(states: States): boolean {
    return states.includes(this.atoms.length)
  }

  #step(next: number[], at: number, code: number): void {
    const inside = at > this.atoms.length
    const index = inside ? at - this.atoms.length - 1 : at
    const atom = this.atoms[index]
    if (atom === undefined || atom.kind === 'start') return
    if (atom.kind === 'folders') {
      if (code !== newline) this.#add(next, index + this.atoms.length + 1)
      if (code === slash) this.#reach(next, index + 1, false)
    } else if (atom.kind === 'char' ? atom.code === code : atom.set.has(code)) this.#reach(next, atom.many ? index : index + 1, false)
  }

  /** Adds a position and all that can be had from it for nothing. */
  #reach(into: number[], from: number, beginning: boolean): void {
    for (let at = from; this.#add(into, at); at++) {
      const atom = this.atoms[at]
      if (atom === undefined) return
      const free = atom.kind === 'folders' || (atom.kind === 'start' ? beginning : atom.many)
      if (!free) return
    }
  }

  #add(into: number[], at: number): boolean {
    if (this.#seen[at] === this.#round) return false
    this.#seen[at] = this.#round
    into.push(at)
    return true
  }
}

type Char = Extract<Atom, { kind: 'char' }>

function isChar(atom: Atom): atom is Char {
  return atom.kind === 'char' && !atom.many
}

function plain(atoms: readonly Atom[]): string {
  return String.fromCodePoint(...atoms.map((atom) => (atom as Char).code))
}

/** Names with one star, which are most, need no way through the glob. */
function shapeOf(atoms: readonly Atom[], first: number, last: number): 'ends' | 'begins' | 'contains' | 'other' {
  const only = atoms[first]
  if (first !== last || only?.kind !== 'set' || !only.many || only.set !== notSlash) return 'other'
  if (first === 0) return 'ends'
  return last === atoms.length - 1 ? 'begins' : 'contains'
}

/** Docker's text for a pattern, in the notation of a regular expression without its ends. */
function translate(pattern: string): string {
  let text = ''
  const chars = Array.from(pattern)
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!
    if (char === '*' && chars[at + 1] === '*') {
      at += chars[at + 2] === '/' ? 2 : 1
      text += at + 1 === chars.length ? '.*' : '(.*/)?'
    } else if (char === '*') text += '[^/]*'
    else if (char === '?') text += '[^/]'
    else if ('.+()|{}$'.includes(char)) text += `\\${char}`
    else if (char === '\\') text += `\\${chars[++at] ?? ''}`
    else text += char
  }
  return text
}

/** The meaning of that text, for the few forms that can be in it. */
function parse(text: string, line: IgnoreLine): readonly Atom[] {
  const atoms: Atom[] = []
  const chars = Array.from(text)
  for (let at = 0; at < chars.length;) {
    const char = chars[at]!
    const starred = (end: number): boolean => chars[end] === '*'
    if (char === '(') {
      atoms.push({ kind: 'folders' })
      at += '(.*/)?'.length
    } else if (char === '.') {
      atoms.push(any)
      at += 2
    } else if (char === '^') {
      atoms.push({ kind: 'start' })
      at += 1
    } else {
      const { atom, end } = single(chars, at, line)
      const many = starred(end)
      atoms.push({ ...atom, many })
      at = end + (many ? 1 : 0)
    }
  }
  return atoms
}

type Single = { readonly kind: 'char'; readonly code: number } | { readonly kind: 'set'; readonly set: CharSet }

function single(chars: readonly string[], at: number, line: IgnoreLine): { readonly atom: Single; readonly end: number } {
  if (chars[at] === '[' && chars.slice(at, at + 4).join('') === '[^/]') return { atom: { kind: 'set', set: notSlash }, end: at + 4 }
  if (chars[at] !== '[' && chars[at] !== '\\') return { atom: { kind: 'char', code: chars[at]!.codePointAt(0)! }, end: at + 1 }
  const read = charSet(chars, at)
  if (typeof read === 'string') throw refused(line.file, line.line, read)
  return read.code === undefined
    ? { atom: { kind: 'set', set: read.set }, end: read.end }
    : { atom: { kind: 'char', code: read.code }, end: read.end }
}

/**
 * What Docker refuses before anything else. It tries the pattern on the name `.`, and so sees brackets that hold nothing
 * or begin with `-` only as far as that gets: to the first `*`, or the second behind a lone dot. Source: Go's
 * path/filepath.Match. A backslash at the end, which Docker takes for something else yet, is refused anywhere.
 */
function checkSyntax(line: IgnoreLine): void {
  const chars = Array.from(line.pattern)
  const chunks = chunksOf(chars)
  if (chunks === undefined) throw refused(line.file, line.line, 'the pattern ends in a backslash')
  for (const chunk of chunks.slice(0, 2)) {
    const open = (): Error => refused(line.file, line.line, 'a bracket in the pattern is not closed, or begins with "-" or "]"')
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] === '\\') at++
      else if (chunk[at] === '[') at = endOfClass(chunk, at + 1, open)
    }
    if (chunk.length > 0 && !new Glob(parse(translate(chunk.join('')), line)).matchesName('.', { steps: 1e6 })) return
  }
}

/** The pattern between its stars; undefined when it ends in a backslash. */
function chunksOf(chars: readonly string[]): readonly (readonly string[])[] | undefined {
  const chunks: string[][] = [[]]
  let bracket = false
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!
    if (char === '*' && !bracket) {
      if (chunks.at(-1)!.length > 0) chunks.push([])
      continue
    }
    chunks.at(-1)!.push(char)
    if (char === '\\') {
      if (++at === chars.length) return undefined
      chunks.at(-1)!.push(chars[at]!)
    } else if (char === '[') bracket = true
    else if (char === ']') bracket = false
  }
  return chunks
}

function endOfClass(chars: readonly string[], from: number, error: () => Error): number {
  let at = chars[from] === '^' ? from + 1 : from
  const member = (): void => {
    if (at >= chars.length || chars[at] === '-' || chars[at] === ']') throw error()
    at += chars[at] === '\\' ? 2 : 1
    if (at >= chars.length) throw error()
  }
  for (let first = true; first || chars[at] !== ']'; first = false) {
    member()
    if (chars[at] === '-') {
      at++
      member()
    }
  }
  return at
}
