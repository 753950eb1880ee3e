import { constants, crc32, createInflateRaw, type InflateRaw } from 'node:zlib'
import { BuildError } from '../failure/error.ts'
import { letGo } from './let-go.ts'

/** bytes of zlib's buffers */
const chunkSize = 256 * 1024

/**
 * The one member of a gzip stream, piece by piece. Only one: what follows it is refused, be it zeros, garbage or a
 * second member, since readers differ on it. Throws `invalid_archive`; ends the input. Source: RFC 1952.
 */
export async function* gunzip(input: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bytes = new Pieces(input)
  await skipHeader(bytes)
  // without a full flush at the end zlib leaves it to us to see that the stream is cut off
  const inflate = createInflateRaw({ chunkSize, finishFlush: constants.Z_SYNC_FLUSH, ...piecewise })
  const fed = feed(inflate, bytes)
  fed.catch((error: unknown) => inflate.destroy(error as Error))
  let crc = 0
  let size = 0
  try {
    for await (const piece of inflate as AsyncIterable<Buffer>) {
      crc = crc32(piece, crc)
      size += piece.length
      yield piece
      // zlib fills a buffer to its end before it takes the next: behind its last piece nobody needs it. A host may have larger ones to share
      const { buffer, byteOffset } = piece
      if (byteOffset + piece.length === chunkSize && buffer.byteLength === chunkSize) letGo(buffer)
    }
  } catch (cause) {
    throw isZlibError(cause) ? bad('the gzip stream is damaged', cause) : cause
  } finally {
    inflate.destroy()
  }
  bytes.unread((await fed) - inflate.bytesWritten)
  const trailer = Buffer.from(await bytes.take(8))
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== size % 2 ** 32)
    throw bad('the gzip stream is damaged: its checksum is wrong')
  if ((await bytes.next()) !== undefined) throw bad('something follows the end of the gzip stream')
}

/** Pieces one by one as zlib made them, at most two waiting: a byte stream would copy those that wait into one. */
const piecewise: object = { readableObjectMode: true, readableHighWaterMark: 2 }

/** Feeds until the end of the deflate stream, or of the input; answers how many bytes were fed. */
async function feed(inflate: InflateRaw, bytes: Pieces): Promise<number> {
  let fed = 0
  // a copy: zlib reads on a thread, to its end also when it is destroyed meanwhile, and who lends a piece may have it gone by then
  let memory = Buffer.alloc(0)
  const ended = new Promise<void>((resolve) => inflate.once('end', resolve).once('close', resolve))
  while (!inflate.readableEnded && !inflate.destroyed) {
    const piece = await bytes.next()
    if (piece === undefined) {
      inflate.end()
      break
    }
    fed += piece.length
    if (memory.length < piece.length) memory = Buffer.allocUnsafeSlow(piece.length)
    memory.set(piece)
    // behind the end of the deflate stream zlib takes more, and says so or not
    await Promise.race([ended, new Promise<void>((resolve) => inflate.write(memory.subarray(0, piece.length), () => resolve()))])
  }
  return fed
}

const flags = { crc: 2, extra: 4, name: 8, comment: 16 } as const
const longestText = 64 * 1024

async function skipHeader(bytes: Pieces): Promise<void> {
  const [first, second, method, flag = 0] = await bytes.take(10)
  if (first !== 0x1f || second !== 0x8b || method !== 8 || (flag & 0xe0) !== 0) throw bad('the gzip header is damaged')
  if (flag & flags.extra) {
    const [low = 0, high = 0] = await bytes.take(2)
    await bytes.take(low + high * 256)
  }
  if (flag & flags.name) await skipText(bytes)
  if (flag & flags.comment) await skipText(bytes)
  if (flag & flags.crc) await bytes.take(2)
}

async function skipText(bytes: Pieces): Promise<void> {
  for (let length = 0; (await bytes.take(1))[0] !== 0; length++) if (length > longestText) throw bad('the gzip header is too long')
}

/** bytes: the trailer, and one to see that more follows */
const kept = 9

/** An input that can be taken in exact sizes, and given back the end of its last piece. */
class Pieces {
  readonly #input: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()
  #last: Uint8Array = new Uint8Array()
  /** a copy of the end of what came before it */
  #before: Uint8Array = new Uint8Array()

  constructor(input: AsyncIterator<Uint8Array>) {
    this.#input = input
  }

  async next(): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      // zlib takes pieces behind the end of its stream, too; this one is done with when the next is asked for
      this.#before = Buffer.concat([this.#before, this.#last.subarray(-kept)]).subarray(-kept)
      this.#last = new Uint8Array()
      const { value, done } = await this.#input.next()
      if (done === true) return undefined
      this.#rest = value
    }
    this.#last = this.#rest
    this.#rest = new Uint8Array()
    return this.#last
  }

  async take(count: number): Promise<Uint8Array> {
    const taken: Uint8Array[] = []
    for (let missing = count; missing > 0;) {
      const piece = await this.next()
      if (piece === undefined) throw bad('the gzip stream is cut off')
      // a copy: the piece may be let go when the next one is asked for
      taken.push(Uint8Array.prototype.slice.call(piece, 0, missing))
      this.unread(Math.max(0, piece.length - missing))
      missing -= Math.min(missing, piece.length)
    }
    return Buffer.concat(taken)
  }

  /** Gives back the last `count` bytes of the piece that was read last. */
  unread(count: number): void {
    const known = count <= this.#last.length ? this.#last : Buffer.concat([this.#before, this.#last])
    if (count > known.length) throw bad('something follows the end of the gzip stream')
    this.#rest = known.subarray(known.length - count)
  }
}

function isZlibError(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException | undefined)?.code).startsWith('Z_')
}

function bad(message: string, cause?: unknown): BuildError {
  return new BuildError('invalid_archive', message, { cause })
}
