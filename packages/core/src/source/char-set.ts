/** A set of characters in brackets, or behind a backslash, as Go's regexp package reads it. */
export interface CharSet {
  has(code: number): boolean
}

type Range = readonly [number, number]
interface ReadSet {
  readonly set: CharSet
  /** when it is exactly one character */
  readonly code?: number
  /** where it ends in the text */
  readonly end: number
}

/** Reads the set that begins at `at`; a text is the reason why it is refused. */
export function charSet(chars: readonly string[], at: number): ReadSet | string {
  return chars[at] === '[' ? bracket(chars, at) : escaped(chars, at)
}

function escaped(chars: readonly string[], at: number): ReadSet | string {
  const read = escape(chars, at)
  if (typeof read === 'string') return read
  return typeof read.what === 'number'
    ? { set: inRanges([[read.what, read.what]], false), code: read.what, end: read.end }
    : { set: read.what, end: read.end }
}

function bracket(chars: readonly string[], from: number): ReadSet | string {
  const negated = chars[from + 1] === '^'
  const ranges: Range[] = []
  const sets: CharSet[] = []
  let at = from + (negated ? 2 : 1)
  for (let first = true; first || chars[at] !== ']'; first = false) {
    if (at >= chars.length) return 'a bracket in the pattern is not closed'
    const posix = named(chars, at)
    if (typeof posix === 'string') return posix
    if (posix !== undefined) {
      sets.push(posix.set)
      at = posix.end
      continue
    }
    const low = member(chars, at)
    if (typeof low === 'string') return low
    at = low.end
    if (typeof low.what !== 'number') {
      sets.push(low.what)
      continue
    }
    let high = low.what
    if (chars[at] === '-' && at + 1 < chars.length && chars[at + 1] !== ']') {
      const end = member(chars, at + 1)
      if (typeof end === 'string') return end
      if (typeof end.what !== 'number' || end.what < low.what) return 'a range in brackets ends before it begins'
      high = end.what
      at = end.end
    }
    ranges.push([low.what, high])
  }
  const within = inRanges(ranges, false)
  const has = (code: number): boolean => (within.has(code) || sets.some((set) => set.has(code))) !== negated
  return { set: { has }, end: at + 1 }
}

interface Member {
  readonly what: number | CharSet
  readonly end: number
}

function member(chars: readonly string[], at: number): Member | string {
  const char = chars[at]
  if (char === undefined) return 'a bracket in the pattern is not closed'
  return char === '\\' ? escape(chars, at) : { what: char.codePointAt(0)!, end: at + 1 }
}

const digit: readonly Range[] = [[48, 57]]
const letter: readonly Range[] = [...rangesOf('AZ'), ...rangesOf('az')]
const word: readonly Range[] = [...digit, ...letter, ...rangesOf('__')]
const white: readonly Range[] = [...rangesOf('\t\n'), ...rangesOf('\f\r'), ...rangesOf('  ')]
const classes: ReadonlyMap<string, CharSet> = new Map(
  (
    [
      ['d', digit],
      ['w', word],
      ['s', white],
    ] as const
  ).flatMap(([name, ranges]) => [
    [name, inRanges(ranges, false)],
    [name.toUpperCase(), inRanges(ranges, true)],
  ]),
)
const controls: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['v', 11],
])

// Go also knows \x41, \101, \pL, \b, \A, \z and \Q, which no one writes in a list of files: they are refused, not guessed at
function escape(chars: readonly string[], at: number): Member | string {
  const char = chars[at + 1] ?? ''
  const set = classes.get(char)
  if (set !== undefined) return { what: set, end: at + 2 }
  const control = controls.get(char)
  if (control !== undefined) return { what: control, end: at + 2 }
  if (/[^0-9A-Za-z]/.test(char) && char.codePointAt(0)! < 128) return { what: char.codePointAt(0)!, end: at + 2 }
  return 'a backslash may stand before signs only, not before letters and digits'
}

const posixNames: Readonly<Record<string, readonly Range[]>> = {
  alnum: [...digit, ...letter],
  alpha: letter,
  ascii: [[0, 127]],
  blank: [...rangesOf('\t\t'), ...rangesOf('  ')],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit,
  graph: rangesOf('!~'),
  lower: rangesOf('az'),
  print: rangesOf(' ~'),
  punct: [...rangesOf('!/'), ...rangesOf(':@'), ...rangesOf('[`'), ...rangesOf('{~')],
  space: [...rangesOf('\t\r'), ...rangesOf('  ')],
  upper: rangesOf('AZ'),
  word,
  xdigit: [...digit, ...rangesOf('AF'), ...rangesOf('af')],
}

/** `[:alpha:]` inside brackets. */
function named(chars: readonly string[], at: number): { readonly set: CharSet; readonly end: number } | string | undefined {
  if (chars[at] !== '[' || chars[at + 1] !== ':') return undefined
  const text = chars.slice(at, at + 16).join('')
  const [whole, not, name] = /^\[:(\^?)([^:\]]*):\]/.exec(text) ?? []
  if (whole === undefined || name === undefined) return undefined
  if (!Object.hasOwn(posixNames, name)) return 'a class of characters in brackets has an unknown name'
  return { set: inRanges(posixNames[name]!, not === '^'), end: at + whole.length }
}

function rangesOf(ends: string): readonly Range[] {
  return [[ends.charCodeAt(0), ends.charCodeAt(1)]]
}

function inRanges(ranges: readonly Range[], negated: boolean): CharSet {
  return { has: (code) => ranges.some(([low, high]) => code >= low && code <= high) !== negated }
}
