// One import statement, read tolerantly: what the grammar allows is read exactly, what it does not ends the reading.

/** What one import statement brings in, before it has a file and a line. */
export interface Statement {
  readonly modules: readonly { readonly module: string; readonly names: readonly string[]; readonly level: number }[]
  /** the offset after what was read */
  readonly end: number
  /** true when a statement may end here, so that nothing unread belongs to it */
  readonly complete: boolean
}

/** Reads the statement whose keyword `import` or `from` begins at `at`; undefined when it is none. */
export function readImport(text: string, at: number): Statement | undefined {
  const reader = new Reader(text, at)
  if (reader.word('import')) return readPlain(reader)
  return reader.word('from') ? readFrom(reader) : undefined
}

function readPlain(reader: Reader): Statement | undefined {
  const modules: { module: string; names: readonly string[]; level: number }[] = []
  do {
    const module = reader.dotted()
    if (module === '') break
    modules.push({ module, names: [], level: 0 })
    if (reader.word('as')) reader.name()
  } while (reader.sign(44))
  return modules.length === 0 ? undefined : { modules, end: reader.pos, complete: reader.atEnd() }
}

function readFrom(reader: Reader): Statement | undefined {
  const level = reader.dots()
  const module = reader.word('import', true) ? '' : reader.dotted()
  if ((module === '' && level === 0) || !reader.word('import')) return undefined
  const names = readNames(reader)
  if (names === undefined) return undefined
  return { modules: [{ module, names, level }], end: reader.pos, complete: reader.atEnd() }
}

function readNames(reader: Reader): readonly string[] | undefined {
  if (reader.sign(42)) return ['*']
  const bracket = reader.sign(40)
  reader.inBrackets = bracket
  const names: string[] = []
  do {
    const name = reader.name()
    if (name === '') break
    names.push(name)
    if (reader.word('as')) reader.name()
  } while (reader.sign(44))
  const closed = !bracket || reader.sign(41)
  reader.inBrackets = false
  return names.length > 0 && closed ? names : undefined
}

/** A cursor over names and signs; spaces, joined lines and, inside brackets, line ends and comments are skipped before each. */
class Reader {
  inBrackets = false
  readonly text: string
  pos: number

  constructor(text: string, pos: number) {
    this.text = text
    this.pos = pos
  }

  /** Takes this very word (or, with `peek`, only looks for it). */
  word(word: string, peek = false): boolean {
    this.#space()
    if (!this.text.startsWith(word, this.pos) || isNamePart(this.text.charCodeAt(this.pos + word.length))) return false
    if (!peek) this.pos += word.length
    return true
  }

  sign(code: number): boolean {
    this.#space()
    if (this.text.charCodeAt(this.pos) !== code) return false
    this.pos++
    return true
  }

  dots(): number {
    let count = 0
    while (this.sign(46)) count++
    return count
  }

  /** A name as Python knows it (NFKC), or '' where none begins. */
  name(): string {
    this.#space()
    const start = this.pos
    const first = this.text.charCodeAt(start)
    if (!isNamePart(first) || (first > 47 && first < 58)) return ''
    let end = start + 1
    while (isNamePart(this.text.charCodeAt(end))) end++
    const name = this.text.slice(start, end)
    if (keywords.has(name)) return ''
    this.pos = end
    return plainAscii.test(name) ? name : name.normalize('NFKC')
  }

  dotted(): string {
    let whole = this.name()
    if (whole === '') return ''
    while (this.sign(46)) {
      const part = this.name()
      if (part === '') return ''
      whole += `.${part}`
    }
    return whole
  }

  atEnd(): boolean {
    this.#space()
    const code = this.text.charCodeAt(this.pos)
    return Number.isNaN(code) || code === 10 || code === 13 || code === 59 || code === 35
  }

  #space(): void {
    const { text } = this
    for (;;) {
      const code = text.charCodeAt(this.pos)
      if (code === 32 || code === 9 || code === 12) this.pos++
      else if (code === 92 && isLineEnd(text.charCodeAt(this.pos + 1)))
        this.pos += text.charCodeAt(this.pos + 1) === 13 && text.charCodeAt(this.pos + 2) === 10 ? 3 : 2
      else if (this.inBrackets && isLineEnd(code)) this.pos++
      else if (this.inBrackets && code === 35) while (this.pos < text.length && !isLineEnd(text.charCodeAt(this.pos))) this.pos++
      else return
    }
  }
}

const plainAscii = /^[\w]+$/

/** Words that are never the name of a module or of something imported. */
const keywords: ReadonlySet<string> = new Set(
  `False None True and as assert break class continue def del elif else except finally for from global if import in is lambda nonlocal not or
  pass raise return try while with yield`.split(/\s+/),
)

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13
}

/** True for codes that may stand in a name; what is not ASCII counts as a letter. */
export function isNamePart(code: number): boolean {
  return (code > 96 && code < 123) || (code > 64 && code < 91) || (code > 47 && code < 58) || code === 95 || code > 127
}
