import { BuildError, shown } from '../failure/error.ts'
import { readPax, type PaxRecords } from './pax.ts'
import { bad, isZero, readHeader, text, type TarHeader } from './tar-header.ts'

/** An entry of a tar as it stands there; names are not judged yet. */
export type TarEntry =
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean; /** bytes */ readonly size: number }
  | { readonly kind: 'link' | 'hardlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string }

/** Who takes what is in a tar: after a file its bytes follow, exactly `size` of them. */
export interface TarSink {
  entry(entry: TarEntry): void
  data(bytes: Uint8Array): void
}

const blockSize = 512
/** Long names and PAX records of one entry, in bytes. */
const largestMeta = 64 * 1024
/** Zeros after the end that tools write to fill their last record, in bytes. */
const largestPadding = 2 ** 20

/**
 * One strict reader of tar as a stream: ustar, PAX, and GNU's long names and sizes. Where readers of tar differ from
 * each other it refuses, so that there is only one reading of what it takes. Throws `invalid_archive`,
 * `unsupported_entry`, `too_many_entries`.
 */
export class TarReader {
  readonly #sink: TarSink
  readonly #limit: number
  readonly #block: Buffer = Buffer.alloc(blockSize)
  #blockUsed = 0
  #state: 'header' | 'data' | 'meta' | 'skip' | 'ending' | 'ended' = 'header'
  /** bytes of the state's body still to come */
  #left = 0
  /** bytes up to the next block after it */
  #gap = 0
  #meta: Meta = {}
  #body: { readonly type: string; readonly bytes: Buffer; used: number } | undefined
  #headers = 0
  #padding = 0

  /** `limit`: entries at most. */
  constructor(sink: TarSink, limit: number) {
    this.#sink = sink
    this.#limit = limit
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) at += this.#take(at === 0 ? chunk : chunk.subarray(at))
  }

  /** At the end of the stream. */
  end(): void {
    if (this.#state !== 'ended' || this.#blockUsed > 0) throw bad('the archive is cut off')
  }

  /** Takes some bytes of the rest of a chunk and answers how many. */
  #take(rest: Buffer): number {
    switch (this.#state) {
      case 'data':
      case 'meta':
      case 'skip': {
        const part = rest.length > this.#left ? rest.subarray(0, this.#left) : rest
        this.#left -= part.length
        if (this.#state === 'data') this.#sink.data(part)
        else if (this.#state === 'meta') this.#gather(part)
        if (this.#left === 0) this.#bodyOver()
        return part.length
      }
      case 'ended':
        return this.#padded(rest)
      case 'header':
      case 'ending':
        return this.#takeBlock(rest)
    }
  }

  #takeBlock(rest: Buffer): number {
    if (this.#blockUsed === 0 && rest.length >= blockSize) {
      this.#onBlock(rest.subarray(0, blockSize))
      return blockSize
    }
    const count = rest.copy(this.#block, this.#blockUsed, 0, blockSize - this.#blockUsed)
    this.#blockUsed += count
    if (this.#blockUsed === blockSize) {
      this.#blockUsed = 0
      this.#onBlock(this.#block)
    }
    return count
  }

  #onBlock(block: Buffer): void {
    const header = readHeader(block)
    if (this.#state === 'ending') {
      if (header !== undefined) throw bad('the archive goes on after its end')
      this.#state = 'ended'
    } else if (header === undefined) {
      if (Object.keys(this.#meta).length > 0) throw bad('the archive ends after the long name of an entry that never comes')
      this.#state = 'ending'
    } else this.#onHeader(header)
  }

  #onHeader(header: TarHeader): void {
    if (++this.#headers > this.#limit * 3) throw tooMany(this.#limit)
    if (header.type in metaTypes) return this.#beginMeta(header)
    const entry = merged(header, this.#meta)
    this.#meta = {}
    this.#sink.entry(entry)
    this.#body = undefined
    this.#begin('data', entry.kind === 'file' ? entry.size : 0)
  }

  #beginMeta({ type, size }: TarHeader): void {
    const total = size + (this.#meta.bytes ?? 0)
    if (total > largestMeta) throw bad('the archive has an entry with more than 64 KiB of names and attributes')
    if (type !== 'g') this.#meta = { ...this.#meta, bytes: total }
    this.#body = { type, bytes: Buffer.alloc(size), used: 0 }
    this.#begin('meta', size)
  }

  #begin(state: 'data' | 'meta', size: number): void {
    this.#state = state
    this.#left = size
    this.#gap = (blockSize - (size % blockSize)) % blockSize
    if (size === 0) this.#bodyOver()
  }

  #gather(part: Buffer): void {
    const body = this.#body!
    body.used += part.copy(body.bytes, body.used)
  }

  #bodyOver(): void {
    if (this.#state === 'meta') this.#meta = withMeta(this.#meta, this.#body!.type, this.#body!.bytes)
    this.#left = this.#state === 'skip' ? 0 : this.#gap
    this.#state = this.#left > 0 ? 'skip' : 'header'
  }

  #padded(rest: Buffer): number {
    this.#padding += rest.length
    if (this.#padding > largestPadding) throw bad('more than 1 MiB follows the end of the archive')
    if (!isZero(rest)) throw bad('something follows the end of the archive')
    return rest.length
  }
}

/** What came ahead of an entry. */
interface Meta {
  readonly bytes?: number
  readonly pax?: PaxRecords
  readonly path?: string
  readonly target?: string
}

const metaTypes: Readonly<Record<string, true>> = { __proto__: null, x: true, g: true, L: true, K: true } as never

/** Each may come once, and the ways of GNU and of POSIX do not mix: readers differ on which wins. */
function withMeta(meta: Meta, type: string, body: Buffer): Meta {
  if (type === 'g') {
    readPax(body, 'global')
    return meta
  }
  const { pax, path, target } = meta
  const again = type === 'x' ? [pax, path, target] : type === 'L' ? [pax, path] : [pax, target]
  if (again.some((earlier) => earlier !== undefined)) throw bad('the archive names an entry twice')
  if (type === 'x') return { ...meta, pax: readPax(body, 'entry') }
  const name = text(body, 0, body.length)
  if (name === '' || !isZero(body.subarray(Buffer.byteLength(name)))) throw bad('the archive has a long name with something behind it')
  return type === 'L' ? { ...meta, path: name } : { ...meta, target: name }
}

function merged(header: TarHeader, { pax, path: longPath, target: longTarget }: Meta): TarEntry {
  const path = pax?.path ?? longPath ?? header.path
  const target = pax?.target ?? longTarget ?? header.target
  const size = pax?.size ?? header.size
  switch (header.type) {
    case '0':
      // the oldest tars have no type for directories, only the slash
      return path.endsWith('/')
        ? { kind: 'directory', path: bare(path, size) }
        : { kind: 'file', path, executable: header.executable, size }
    case '1':
      return { kind: 'hardlink', path: bare(path, size), target }
    case '2':
      return { kind: 'link', path: bare(path, size), target }
    case '5':
      return { kind: 'directory', path: bare(path, size) }
    default:
      throw unsupported(header.type, path)
  }
}

/** Readers differ on whether bytes follow an entry that has none. */
function bare(path: string, size: number): string {
  if (size !== 0) throw bad('is no file and has a size', path)
  return path
}

function unsupported(type: string, path: string): BuildError {
  const names = new Map([
    ['3', 'a device'],
    ['4', 'a device'],
    ['6', 'a pipe'],
    ['7', 'a contiguous file'],
    ['S', 'a sparse file'],
    ['V', 'a volume label'],
    ['M', 'a part of a file'],
  ])
  const what = names.get(type) ?? `an entry of the unknown type "${shown(type)}"`
  return new BuildError('unsupported_entry', `"${shown(path)}" is ${what}`, { data: { path: shown(path), what } })
}

export function tooMany(limit: number): BuildError {
  return new BuildError('too_many_entries', `the archive has more than ${limit} entries`, { data: { limit } })
}
