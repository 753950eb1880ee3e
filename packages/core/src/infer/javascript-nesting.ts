// What stood before, as far as the next token asks. Up to `before` an operand is awaited: there `/` begins a regular expression.
export const operator = 0
export const keyword = 1
export const colon = 2
/** `else`, `do`, `=>`, `;`, `>`, a closed block, `)` of an `if`: a brace after it is a block */
export const statement = 3
/** `if`, `while`, `for`, `with` */
export const control = 4
export const tryWord = 5
export const newWord = 6
export const before = 6
export const operand = 7
export const dot = 8
/** `createRequire` */
export const creation = 9

// What is open. Elements of JSX are last.
export const paren = 0
export const controlParen = 1
export const createParen = 2
export const bracket = 3
export const block = 4
export const tryBlock = 5
export const object = 6
export const template = 7
export const container = 8
export const tag = 9
export const child = 10

/** What is open at a place of a text: brackets, templates and elements. */
export class Nesting {
  readonly #open: number[] = []
  /** for each a number its opener wanted kept */
  readonly #since: number[] = []

  get size(): number {
    return this.#open.length
  }

  push(kind: number, since: number): void {
    this.#open.push(kind)
    this.#since.push(since)
  }

  /** The kind of the innermost one; -1 where nothing is open. */
  top(): number {
    return this.#open[this.#open.length - 1] ?? -1
  }

  /** Closes the innermost one and gives what was kept for it. */
  pop(): number {
    this.#open.pop()
    return this.#since.pop() ?? 0
  }

  /** The innermost one becomes another kind. */
  turn(kind: number): void {
    this.#open[this.#open.length - 1] = kind
  }

  /** Gives up all but the first `size`. */
  cut(size: number): void {
    this.#open.length = this.#since.length = size
  }

  /** The place of the innermost one of this kind or a later one; -1 for none. */
  findLast(kind: number): number {
    return this.#open.findLastIndex((one) => one >= kind)
  }
}
