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
const notSlash: CharSet = { has: (code) => code !== slash }
const notNewline: CharSet = { has: (code) => code !== 10 }
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

export class Glob {
  readonly atoms: readonly Atom[]
  /** the glob as plain text, where it has nothing special */
  readonly text: string | undefined
  readonly #ending: string | undefined
  readonly #beginning: string | undefined

  constructor(atoms: readonly Atom[]) {
    this.atoms = atoms
    this.text = plain(atoms)
    const [first] = atoms
    const last = atoms.at(-1)
    this.#ending = first !== undefined && isStar(first) ? plain(atoms.slice(1)) : undefined
    this.#beginning = last !== undefined && isStar(last) ? plain(atoms.slice(0, -1)) : undefined
  }

  without(count: number): Glob {
    return count === 0 ? this : new Glob(this.atoms.slice(count))
  }

  /** `.ext` for `*.ext` with one dot only, else undefined: what a table by extension can answer. */
  get extension(): string | undefined {
    return this.#ending?.lastIndexOf('.') === 0 ? this.#ending : undefined
  }

  /** The parts between slashes, or undefined when something in it can match a `/`. */
  split(): readonly (string | Glob)[] | undefined {
    const parts: Atom[][] = [[]]
    for (const atom of this.atoms) {
      if (atom.kind === 'char' && atom.code === slash && !atom.many) parts.push([])
      else if (atom.kind === 'char' || (atom.kind === 'set' && !atom.set.has(slash))) parts.at(-1)!.push(atom)
      else return undefined
    }
    return parts.map((atoms) => plain(atoms) ?? new Glob(atoms))
  }

  /** Whether the whole text matches. Linear in the text for a given glob; takes its steps off the budget. */
  matches(text: string, budget: Budget): boolean {
    if (this.#ending !== undefined) return text.endsWith(this.#ending) && !text.slice(0, text.length - this.#ending.length).includes('/')
    if (this.#beginning !== undefined) return text.startsWith(this.#beginning) && !text.slice(this.#beginning.length).includes('/')
    return walk(this.atoms, text, budget)
  }
}

function isStar(atom: Atom): boolean {
  return atom.kind === 'set' && atom.many && atom.set === notSlash
}

function plain(atoms: readonly Atom[]): string | undefined {
  let text = ''
  for (const atom of atoms) {
    if (atom.kind !== 'char' || atom.many) return undefined
    text += String.fromCodePoint(atom.code)
  }
  return text
}

/** Follows all ways through the glob at once: `now` holds the positions in it that the text so far can have reached. */
function walk(atoms: readonly Atom[], text: string, budget: Budget): boolean {
  let now = reach(atoms, new Set(), 0, true)
  for (const char of text) {
    const code = char.codePointAt(0)!
    const next = new Set<number>()
    for (const at of now) step(atoms, at, code, next)
    budget.steps -= now.size + 1
    if (next.size === 0) return false
    now = next
  }
  return now.has(atoms.length)
}

// positions: 2 per atom would be needed for a folder run in the middle; `~at` stands for "inside the folders atom at `at`"
function step(atoms: readonly Atom[], at: number, code: number, next: Set<number>): void {
  const atom = atoms[at < 0 ? ~at : at]
  if (atom === undefined || atom.kind === 'start') return
  if (atom.kind === 'folders') {
    if (code === 10) return
    next.add(at < 0 ? at : ~at)
    if (code === slash) reach(atoms, next, (at < 0 ? ~at : at) + 1, false)
    return
  }
  if (atom.kind === 'char' ? atom.code !== code : !atom.set.has(code)) return
  reach(atoms, next, atom.many ? at : at + 1, false)
}

/** Adds a position and all that can be had from it for nothing. */
function reach(atoms: readonly Atom[], into: Set<number>, from: number, beginning: boolean): Set<number> {
  for (let at = from; !into.has(at); at++) {
    into.add(at)
    const atom = atoms[at]
    if (atom === undefined) break
    const free = atom.kind === 'folders' || (atom.kind === 'start' ? beginning : atom.many)
    if (!free) break
  }
  return into
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
    if (chunk.length > 0 && !walk(parse(translate(chunk.join('')), line), '.', { steps: 1e6 })) return
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
