import { BuildError } from '../failure/error.ts'
import { letGo } from '../source/let-go.ts'

export type Block = Uint8Array<ArrayBuffer>

/** bytes of the first block, which grows: a small body costs no large one */
const firstSize = 2 ** 14

/**
 * Gathers chunks into blocks of `size` bytes. Each full block is handed on; the next one is filled while it is used, in the memory that an
 * earlier use has given back. Disposed, all of it is let go of.
 */
export class Blocks implements Disposable {
  readonly #size: number
  readonly #use: (block: Block) => Promise<Block>
  readonly #free: Block[] = []
  #block: Block = new Uint8Array()
  #used = 0
  #underWay: Promise<void> = Promise.resolve()
  #disposed = false

  /** `use` takes the block, and answers with its memory when it needs it no more. */
  constructor(size: number, use: (block: Block) => Promise<Block>) {
    this.#size = size
    this.#use = use
  }

  /** The chunk is copied. Wait for what this answers before the next one; it throws what the use of an earlier block has ended with. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#used + chunk.length > this.#size) return this.#pieces(chunk)
    this.#gather(chunk)
    return undefined
  }

  /** What was not handed on: less than a block, or one that is just full. */
  get rest(): Block {
    return this.#block.subarray(0, this.#used)
  }

  /** Waits until what was handed on has been used; throws what that has ended with. */
  settled(): Promise<void> {
    return this.#underWay
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    for (const { buffer } of [this.#block, ...this.#free.splice(0)]) letGo(buffer)
  }

  async #pieces(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#used === this.#size) await this.#handOn()
      const piece = chunk.subarray(at, at + this.#size - this.#used)
      this.#gather(piece)
      at += piece.length
    }
  }

  #gather(chunk: Uint8Array): void {
    const used = this.#used + chunk.length
    if (used > this.#block.length) this.#grow(used)
    this.#block.set(chunk, this.#used)
    this.#used = used
  }

  #grow(used: number): void {
    const enough = Math.min(this.#size, Math.max(firstSize, 2 * this.#block.length, used))
    const larger = this.#free.pop() ?? Buffer.allocUnsafeSlow(enough)
    larger.set(this.rest)
    letGo(this.#block.buffer)
    this.#block = larger
  }

  #keep(back: Block): void {
    if (this.#disposed) letGo(back.buffer)
    else this.#free.push(back)
  }

  async #handOn(): Promise<void> {
    await this.#underWay
    if (this.#disposed) throw new BuildError('closed', 'The blocks were let go of while a chunk was added.')
    const full = this.#block
    ;[this.#block, this.#used] = [new Uint8Array(), 0]
    this.#underWay = this.#use(full).then((back) => this.#keep(back))
    // whoever comes next is told
    this.#underWay.catch(() => {})
  }
}
