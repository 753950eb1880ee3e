import { createHash, hash, type Hash } from 'node:crypto'
import { throwIfStopped, type Claims } from '../threads/claims.ts'
import { type Columns, kind } from '../source/columns.ts'
import { changed } from '../source/changed.ts'
import { type Contents, openContents, type Reach } from './contents.ts'
import { endSize, type Member, padding, tarHeader } from './tar-format.ts'

/** A tree to pack; it can be sent to another thread. */
export interface PackInput {
  readonly columns: Columns
  readonly reach: Reach
  /** 32 bytes of sha256 per entry that the files must have; zeros where `steady` says enough */
  readonly expected?: Uint8Array<SharedArrayBuffer>
  /** 1 for a file that is what was hashed if its times are what they were, before and after it is read */
  readonly steady?: Uint8Array<SharedArrayBuffer>
  /** seconds, the time of every member */
  readonly epoch: number
  readonly claims: Claims
}

const zeros = new Uint8Array(endSize)

/**
 * Writes a tree as a tar into the buffers it is given; the same tree gives the same bytes. Synchronous, and never
 * further than it is asked. Throws `source_changed`, `source_unreadable`, `cancelled`.
 */
export class TarWriter implements Disposable {
  readonly #input: PackInput
  readonly #paths: readonly string[]
  readonly #contents: Contents
  readonly #targets: ReadonlyMap<number, string>
  #at = -1
  #ended = false
  /** header or padding still to be written */
  #pending: Uint8Array = new Uint8Array(0)
  /** bytes of the open file still to be written */
  #left = 0
  #open = false
  #hash: Hash | undefined

  constructor(input: PackInput, paths: readonly string[]) {
    this.#input = input
    this.#paths = paths
    this.#targets = new Map(input.columns.targets)
    this.#contents = openContents(input.reach, input.columns, paths)
  }

  /** Fills `chunk`, whose length is a multiple of 512, and returns how many bytes; fewer than it has only at the end. */
  fill(chunk: Uint8Array): number {
    let at = 0
    while (at < chunk.length && this.#more()) {
      if (this.#pending.length > 0) at += this.#putPending(chunk, at)
      else if (this.#left > 0) at += this.#putContent(chunk, at)
    }
    return at
  }

  [Symbol.dispose](): void {
    this.#contents[Symbol.dispose]()
  }

  /** Goes on to the next thing to write, if there is one. */
  #more(): boolean {
    if (this.#pending.length > 0 || this.#left > 0) return true
    if (this.#open) this.#endFile()
    else if (++this.#at < this.#paths.length) this.#begin(this.#at)
    else if (!this.#ended) this.#end()
    else return false
    return true
  }

  #begin(i: number): void {
    throwIfStopped(this.#input.claims)
    const member = this.#member(i)
    this.#pending = tarHeader(member, this.#input.epoch)
    if (member.kind !== 'file') return
    this.#contents.open(i)
    this.#open = true
    this.#left = member.size
  }

  #end(): void {
    this.#ended = true
    this.#pending = zeros.subarray(0, endSize)
  }

  #putPending(chunk: Uint8Array, at: number): number {
    const part = this.#pending.subarray(0, chunk.length - at)
    chunk.set(part, at)
    this.#pending = this.#pending.subarray(part.length)
    return part.length
  }

  #putContent(chunk: Uint8Array, at: number): number {
    const n = this.#contents.read(chunk, at, Math.min(this.#left, chunk.length - at))
    if (n === 0) throw changed(this.#paths[this.#at]!)
    const whole = n === this.#input.columns.sizes[this.#at]
    if (this.#input.expected && !this.#isSteady()) this.#check(chunk.subarray(at, at + n), whole)
    this.#left -= n
    return n
  }

  #check(piece: Uint8Array, whole: boolean): void {
    if (whole) return this.#compare(hash('sha256', piece, 'buffer'))
    this.#hash ??= createHash('sha256')
    this.#hash.update(piece)
  }

  #isSteady(): boolean {
    return this.#input.steady?.[this.#at] === 1
  }

  #endFile(): void {
    if (this.#isSteady()) this.#contents.confirm()
    this.#contents.close()
    this.#open = false
    if (this.#hash) this.#compare(this.#hash.digest())
    this.#hash = undefined
    this.#pending = zeros.subarray(0, padding(this.#input.columns.sizes[this.#at]!))
  }

  #compare(found: Uint8Array): void {
    const expected = this.#input.expected!
    const from = 32 * this.#at
    for (let b = 0; b < 32; b++) if (found[b] !== expected[from + b]) throw changed(this.#paths[this.#at]!)
  }

  #member(i: number): Member {
    const path = this.#paths[i]!
    const of = this.#input.columns.kinds[i]!
    if (of === kind.directory) return { kind: 'directory', path }
    if (of === kind.link) return { kind: 'link', path, target: this.#targets.get(i)! }
    return { kind: 'file', path, executable: of === kind.executable, size: this.#input.columns.sizes[i]! }
  }
}
