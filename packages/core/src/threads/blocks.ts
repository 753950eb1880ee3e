/** bytes of the first block: a small body costs no large one */
const firstSize = 2 ** 14

/**
 * Gathers chunks into blocks of `size` bytes, in memory that threads share. Each full block is handed on; it is used while the next one
 * is filled, and filled again afterwards.
 */
export class Blocks {
  readonly #size: number
  readonly #use: (block: Uint8Array) => Promise<void>
  readonly #free: Uint8Array[] = []
  #block: Uint8Array = new Uint8Array()
  #used = 0
  #underWay: Promise<void> = Promise.resolve()

  constructor(size: number, use: (block: Uint8Array) => Promise<void>) {
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
  get rest(): Uint8Array {
    return this.#block.subarray(0, this.#used)
  }

  /** Waits until what was handed on has been used; throws what that has ended with. */
  settled(): Promise<void> {
    return this.#underWay
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
    if (used > this.#block.length) {
      const larger = this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(used <= firstSize ? firstSize : this.#size))
      larger.set(this.rest)
      this.#block = larger
    }
    this.#block.set(chunk, this.#used)
    this.#used = used
  }

  async #handOn(): Promise<void> {
    await this.#underWay
    const full = this.#block
    ;[this.#block, this.#used] = [new Uint8Array(), 0]
    this.#underWay = this.#use(full).then(() => void this.#free.push(full))
    // whoever comes next is told
    this.#underWay.catch(() => {})
  }
}
