// Which blocks a line stands in, as far as they change what an import means: `try` with handlers, TYPE_CHECKING,
// suppressed errors, another operating system, functions and the main guard.

/** Where an import stands; asked again once the whole text is read, since handlers come after what they guard. */
export interface Standing {
  readonly never: boolean
  readonly arms: readonly { readonly attempt: Attempt; readonly arm: number }[]
}

/** One `try` statement and what its handlers do about a missing module. */
interface Attempt {
  readonly id: number
  /** what catches a missing module: a handler that names it, one that catches everything, or nothing */
  caught: 'by-name' | 'by-all' | undefined
  /** a handler gives up, so the program does not run without the module */
  exits: boolean
  /** a handler that imports nothing: the program runs with none of the alternatives */
  free: boolean
  /** the body does more than import */
  mixed: boolean
}

type Kind = 'try' | 'except' | 'else' | 'other-handler' | 'never' | 'main' | 'function'

interface Block {
  readonly kind: Kind
  readonly indent: number
  /** the offset of its header */
  readonly at: number
  readonly attempt?: Attempt
  readonly arm: number
  imports: number
  exits: boolean
}

/** The part of a program that a statement belongs to. */
export type Place = 'module' | 'main' | 'function'

export class Blocks {
  readonly #text: string
  readonly #stack: Block[] = []
  #count = 0

  constructor(text: string) {
    this.#text = text
  }

  /** A logical line begins at `at`: leaves the blocks it is outside of and enters the one it opens, if that matters. */
  line(at: number, indent: number): void {
    const left = this.#leave(indent)
    switch (this.#text.charCodeAt(at)) {
      case 116: // try
        if (this.#matches(tryHead, at)) this.#enterTry(at, indent)
        return
      case 101: // except, else, elif
        if (left?.attempt !== undefined) this.#continueTry(left, at, indent)
        if (this.#matches(neverHead, at)) this.#enter('never', at, indent)
        return
      case 105: // if
        if (this.#matches(neverHead, at)) this.#enter('never', at, indent)
        else if (indent === 0 && this.#matches(mainHead, at)) this.#enter('main', at, indent)
        return
      case 119: // with
        if (this.#matches(suppressHead, at)) this.#enter('never', at, indent)
        return
      case 97: // async
      case 100: // def
        if (this.#matches(functionHead, at)) this.#enter('function', at, indent)
    }
  }

  /** A statement begins at `at`; remembers what it says about the `try` around it. */
  statement(at: number, isImport: boolean): void {
    // A header is a statement of the block around the one it opens.
    const top = this.#stack.at(-1)?.at === at ? this.#stack.at(-2) : this.#stack.at(-1)
    if (top === undefined) return
    if (isImport) this.imported()
    else if (top.kind === 'try' && !top.attempt!.mixed) top.attempt!.mixed = !this.#matches(flagging, at)
    else if (top.kind === 'except' && this.#matches(exiting, at)) top.exits = true
  }

  imported(): void {
    for (const block of this.#stack) block.imports++
  }

  place(): Place {
    if (this.#stack.length === 0) return 'module'
    if (this.#stack.some((block) => block.kind === 'function')) return 'function'
    return this.#stack.some((block) => block.kind === 'main') ? 'main' : 'module'
  }

  /** True where nothing that matters is open, so that there is nothing to remember. */
  standing(): Standing | undefined {
    if (this.#stack.length === 0) return undefined
    const never = this.#stack.some((block) => block.kind === 'never')
    const arms = this.#stack.flatMap(({ attempt, arm }) => (attempt === undefined ? [] : [{ attempt, arm }]))
    return never || arms.length > 0 ? { never, arms } : undefined
  }

  close(): void {
    this.#leave(-1)
  }

  #leave(indent: number): Block | undefined {
    let left: Block | undefined
    while (this.#stack.length > 0 && this.#stack.at(-1)!.indent >= indent) {
      left = this.#stack.pop()!
      if (left.kind === 'except') settle(left)
    }
    return left !== undefined && left.indent === indent ? left : undefined
  }

  #enter(kind: Kind, at: number, indent: number, of: Partial<Block> = {}): void {
    if (this.#stack.length < maxOpen) this.#stack.push({ arm: this.#count++, imports: 0, exits: false, ...of, kind, at, indent })
  }

  #enterTry(at: number, indent: number): void {
    this.#enter('try', at, indent, { attempt: { id: this.#count, caught: undefined, exits: false, free: false, mixed: false } })
  }

  #continueTry(left: Block, at: number, indent: number): void {
    const attempt = left.attempt!
    const head = this.#matches(exceptHead, at)
    if (head) {
      const caught = catches(head[1]!)
      attempt.caught ??= caught
      // A handler for something else says nothing about missing modules, but belongs to the same try.
      this.#enter(caught === undefined ? 'other-handler' : 'except', at, indent, { attempt })
    } else if (this.#matches(elseHead, at)) this.#enter('else', at, indent, { attempt, arm: attempt.id })
  }

  #matches(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at
    return pattern.exec(this.#text)
  }
}

/** CPython allows 100 levels of indentation. */
const maxOpen = 100

const tryHead = /try[ \t]*:/y
const elseHead = /else[ \t]*:/y
const exceptHead = /except\b[ \t]*\*?([^:#]{0,500})/y
const functionHead = /(?:async[ \t]+)?def[ \t]/y
const mainHead = /if[ \t(]+(?:__name__[ \t]*==[ \t]*(?:"__main__"|'__main__')|(?:"__main__"|'__main__')[ \t]*==[ \t]*__name__)[ \t)]*:/y
const suppressHead = /with[ \t]+(?:\w+\.)?suppress[ \t]*\([^)#]{0,200}\b(?:ImportError|ModuleNotFoundError)\b/y
// The program is built for Linux and for Python 3.10 or newer: what only runs elsewhere is never needed.
const neverHead =
  /(?:el)?if[ \t(]+(?:(?:\w+\.)?TYPE_CHECKING|sys\.platform[ \t]*==[ \t]*["'](?:win32|darwin|cygwin)["']|(?:sys\.)?platform\.startswith\([ \t]*["'](?:win|darwin)["'][ \t]*\)|os\.name[ \t]*==[ \t]*["']nt["']|platform\.system\(\)[ \t]*==[ \t]*["'](?:Windows|Darwin)["']|(?:six\.)?PY2|(?:sys\.)?version_info(?:\[0\]|\.major)[ \t]*(?:==[ \t]*2|<[ \t]*3)|(?:sys\.)?version_info[ \t]*<[ \t]*\([ \t]*3[ \t]*,[ \t]*(?:\d|10)[ \t]*\))[ \t)]*:/y
const flagging = /(?:[A-Za-z_]\w*[ \t]*=[ \t]*(?:True|False|None)[ \t]*(?=[;#\r\n]|$)|pass\b)/y
const exiting = /(?:raise\b|(?:sys\.)?exit\b|quit\b|os\._exit\b)/y

function catches(expression: string): 'by-name' | 'by-all' | undefined {
  if (/\b(?:ImportError|ModuleNotFoundError)\b/.test(expression)) return 'by-name'
  return expression.trim() === '' || /\b(?:Exception|BaseException)\b/.test(expression) ? 'by-all' : undefined
}

function settle(handler: Block): void {
  const attempt = handler.attempt!
  if (handler.exits) attempt.exits = true
  else if (handler.imports === 0) attempt.free = true
}

/** Whether the program runs without an import that stands here, and which alternatives it has. */
export function judge(standing: Standing): {
  readonly optional: boolean
  readonly alternative?: { readonly group: number; readonly arm: number }
} {
  const guarding = standing.arms.filter(({ attempt }) => guards(attempt))
  if (standing.never) return { optional: true }
  const outermost = guarding[0]
  if (outermost === undefined) return { optional: false }
  if (outermost.attempt.free) return { optional: true }
  return { optional: true, alternative: { group: outermost.attempt.id, arm: guarding.at(-1)!.arm } }
}

/** A handler that catches everything guards an import only where importing is all that the body does. */
function guards(attempt: Attempt): boolean {
  return !attempt.exits && (attempt.caught === 'by-name' || (attempt.caught === 'by-all' && !attempt.mixed))
}
