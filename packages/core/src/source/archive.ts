import { ReadStream } from 'node:fs'
import { BuildError, shown } from '../failure/error.ts'
import { gunzip } from './gunzip.ts'
import { hold } from './held.ts'
import { letGo } from './let-go.ts'
import { defaultLimits, type Opening, type Source, type SourceLimits } from './source.ts'
import { Spool } from './spool.ts'
import { bad } from './tar-header.ts'
import { TarReader, tooMany, type TarEntry, type TarSink } from './tar.ts'
import { TreeBuilder, type Leaf } from './tree.ts'

/**
 * A Source of a tar or tar.gz, from memory or as a stream; it is read once, front to back, and ended when refused. The
 * contents go to one temporary file, removed on dispose. Throws `invalid_archive`, `unsupported_archive`,
 * `archive_too_large`, `too_many_entries`, `invalid_path`, `path_collision`, `link_outside`, `unsupported_entry`,
 * `invalid_ignore_file`, `empty_source`, `disk_full`, and the signal's reason.
 */
export async function archive(bytes: Uint8Array | AsyncIterable<Uint8Array>, opening: Opening = {}): Promise<Source> {
  opening.signal?.throwIfAborted()
  const limits = { ...defaultLimits, ...opening.limits }
  const spool = new Spool(opening.temporary)
  const unpacking = new Unpacking(spool, limits)
  const packed = new Packed(bytes, limits, opening.signal)
  try {
    await unpack(packed, unpacking, spool, limits)
    await spool.seal()
    unpacking.checkRepeated()
    return hold(unpacking.tree, spool, opening)
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    throw error
  } finally {
    await packed.return()
  }
}

async function unpack(packed: Packed, unpacking: Unpacking, spool: Spool, limits: SourceLimits): Promise<void> {
  const reader = new TarReader(unpacking, limits.entries)
  let bytes = 0
  for await (const piece of unzipped(packed)) {
    bytes += piece.length
    checkRatio(bytes, packed.count, limits)
    reader.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
    const draining = spool.drained()
    if (draining !== undefined) await draining
  }
  reader.end()
}

async function* unzipped(packed: Packed): AsyncIterable<Uint8Array> {
  const magic = await packed.peek(6)
  if (magic.length === 0) throw bad('the archive is empty')
  const foreign = foreignFormat(magic)
  if (foreign !== undefined) throw new BuildError('unsupported_archive', `the archive is ${foreign}`, { data: { format: foreign } })
  yield* magic[0] === 0x1f && magic[1] === 0x8b ? gunzip(packed) : { [Symbol.asyncIterator]: () => packed }
}

const magics: readonly (readonly [string, readonly number[]])[] = [
  ['a zip', [0x50, 0x4b, 0x03, 0x04]],
  ['a zip', [0x50, 0x4b, 0x05, 0x06]],
  ['compressed with zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['compressed with bzip2', [0x42, 0x5a, 0x68]],
  ['compressed with xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['a 7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['compressed with lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['compressed with compress', [0x1f, 0x9d]],
  ['a rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
]

function foreignFormat(magic: Uint8Array): string | undefined {
  return magics.find(([, bytes]) => bytes.every((byte, at) => magic[at] === byte))?.[0]
}

/** A bomb shows while it unpacks, long before it is through. */
function checkRatio(unpacked: number, packed: number, { ratio, unpacked: most }: SourceLimits): void {
  const judged = 64 * 2 ** 20
  if (unpacked > judged && unpacked > packed * ratio) throw tooLarge(`it unpacks to more than ${ratio} times its size`)
  if (unpacked > most + 2 * judged) throw tooLarge(`it unpacks to more than ${most} bytes`)
}

function tooLarge(why: string): BuildError {
  return new BuildError('archive_too_large', `the archive is too large: ${why}`)
}

/** Judges entries as they come and puts their bytes into the spool. */
class Unpacking implements TarSink {
  readonly tree: TreeBuilder<number>
  readonly #spool: Spool
  readonly #limits: SourceLimits
  readonly #repeated: { readonly path: string; readonly one: FileLeaf; readonly other: FileLeaf }[] = []
  #entries = 0
  #bytes = 0

  constructor(spool: Spool, limits: SourceLimits) {
    this.tree = new TreeBuilder(limits.entries)
    this.#spool = spool
    this.#limits = limits
  }

  entry(entry: TarEntry): void {
    if (++this.#entries > this.#limits.entries) throw tooMany(this.#limits.entries)
    const path = relative(entry)
    if (entry.kind === 'directory') {
      if (path !== '') this.tree.addFolder(path)
    } else if (entry.kind === 'link') this.#link(path, entry.target)
    else
      this.#file(
        path,
        entry.kind === 'file'
          ? { kind: 'file', executable: entry.executable, size: entry.size, content: this.#spool.length }
          : this.#linked(path, entry.target),
      )
  }

  data(bytes: Uint8Array): void {
    this.#spool.append(bytes)
  }

  /** Tools may add a file twice, but it must be the same file: readers differ on which one counts. */
  checkRepeated(): void {
    for (const { path, one, other } of this.#repeated) {
      if (one.size !== other.size || one.executable !== other.executable || !sameBytes(this.#spool, one, other)) throw twice(path)
    }
  }

  #file(path: string, leaf: FileLeaf): void {
    this.#bytes += leaf.size
    if (this.#bytes > this.#limits.unpacked) throw tooLarge(`its files have more than ${this.#limits.unpacked} bytes`)
    const known = this.tree.add(path, leaf)
    if (known?.kind === 'link') throw twice(path)
    if (known !== undefined) this.#repeated.push({ path, one: known, other: leaf })
  }

  #link(path: string, target: string): void {
    const known = this.tree.add(path, { kind: 'link', target })
    if (known !== undefined && (known.kind !== 'link' || known.target !== target)) throw twice(path)
  }

  /** A hard link is a copy of a file that came before it. */
  #linked(path: string, target: string): FileLeaf {
    const to = withoutDots(target)
    if (to.startsWith('/') || to.split('/').includes('..'))
      throw new BuildError('link_outside', `the hard link "${shown(path)}" to "${shown(target)}" leads out of the source`, {
        data: { path: shown(path), target: shown(target) },
      })
    const known = this.tree.get(to)
    if (known?.kind !== 'file') throw bad('is a hard link to no earlier file', path)
    return known
  }
}

type FileLeaf = Extract<Leaf<number>, { kind: 'file' }>

/** The path without what tools put around it: a leading `./`, and the slash behind a directory. The root itself is ''. */
function relative({ kind, path }: TarEntry): string {
  const bare = kind === 'directory' && path.endsWith('/') && path !== '/' ? path.slice(0, -1) : path
  if (kind === 'directory' && bare === '.') return ''
  return withoutDots(bare)
}

function withoutDots(path: string): string {
  return path.startsWith('./') ? path.slice(2) : path
}

function sameBytes(spool: Spool, one: FileLeaf, other: FileLeaf): boolean {
  if (one.content === other.content) return true
  const [a, b] = [Buffer.allocUnsafe(65_536), Buffer.allocUnsafe(65_536)]
  for (let at = 0; at < one.size;) {
    const count = spool.readInto(one.content, one.size, at, a)
    if (spool.readInto(other.content, other.size, at, b) !== count || count === 0) return false
    if (a.compare(b, 0, count, 0, count) !== 0) return false
    at += count
  }
  return true
}

function twice(path: string): BuildError {
  return new BuildError('path_collision', `"${shown(path)}" is in the archive twice, and differs`, {
    data: { paths: [shown(path), shown(path)] },
  })
}

/** The bytes as received: counted, in pieces of at most 1 MiB, and given up as soon as the signal says so. */
class Packed implements AsyncIterator<Uint8Array> {
  /** bytes handed out so far */
  count = 0
  readonly #input: AsyncIterator<Uint8Array>
  readonly #limit: number
  readonly #signal: AbortSignal | undefined
  #giveUp: (reason: unknown) => void = () => {}
  readonly #stop = (): void => this.#giveUp(this.#signal?.reason)
  /** whether nobody else has the memory of a piece */
  readonly #ours: (piece: Uint8Array) => boolean
  /** the piece `#rest` is the rest of */
  #last: Uint8Array = new Uint8Array()
  #rest: Uint8Array = new Uint8Array()
  #received = 0

  constructor(bytes: Uint8Array | AsyncIterable<Uint8Array>, limits: SourceLimits, signal: AbortSignal | undefined) {
    this.#input = iterate(bytes)
    // a file stream makes a buffer for each piece; other streams may cut pieces from one, or keep it
    this.#ours = ({ buffer, length }) => bytes instanceof ReadStream && length === buffer.byteLength && bytes.listenerCount('data') === 0
    this.#limit = limits.packed
    this.#signal = signal
    signal?.addEventListener('abort', this.#stop, { once: true })
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    this.#signal?.throwIfAborted()
    if (this.#rest.length === 0 && !(await this.#fill())) return { done: true, value: undefined }
    const value = this.#rest.subarray(0, 2 ** 20)
    this.#rest = this.#rest.subarray(value.length)
    this.count += value.length
    return { done: false, value }
  }

  /** The first bytes, without taking them; fewer when there are no more. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) {
      const before = Uint8Array.from(this.#rest)
      this.#rest = new Uint8Array()
      const more = await this.#fill()
      if (before.length > 0) this.#rest = Buffer.concat([before, this.#rest])
      if (!more) break
    }
    return this.#rest.subarray(0, count)
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    const ending = this.#input.return?.()
    // who does not end when asked is not waited for after an abort
    if (ending !== undefined && this.#signal?.aborted !== true) await this.#unlessAborted(ending).catch(() => {})
    else ending?.catch(() => {})
    this.#signal?.removeEventListener('abort', this.#stop)
    return { done: true, value: undefined }
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#unlessAborted(this.#input.next())
      if (done === true) return false
      if (!(value instanceof Uint8Array)) throw new BuildError('invalid_argument', 'an archive must be bytes, or a stream of bytes')
      this.#received += value.length
      if (this.#received > this.#limit) throw tooLarge(`more than ${this.#limit} bytes were sent`)
      if (this.#ours(this.#last)) letGo(this.#last.buffer)
      this.#last = this.#rest = value
    }
    return true
  }

  /** Not by Promise.race with one promise for all: that one would keep every piece until the end. */
  #unlessAborted<T>(waiting: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      waiting.then(resolve, reject)
    })
  }
}

function iterate(bytes: unknown): AsyncIterator<Uint8Array> {
  if (bytes instanceof Uint8Array) return once(bytes)
  if (typeof bytes === 'object' && bytes !== null && Symbol.asyncIterator in bytes)
    return (bytes as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  throw new BuildError('invalid_argument', 'an archive must be bytes, or a stream of bytes')
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
