import { randomBytes } from 'node:crypto'
import { readSync } from 'node:fs'
import { lstat, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BuildError } from '../failure/error.ts'
import type { Store } from './held.ts'
import type { Access } from './source.ts'

/** Spool files are called this, the process id, and a random part: what a killed process leaves can be found. */
export const spoolPrefix = 'kiln-spool-'

const blockSize = 2 ** 20
/** Up to here a spool stays in memory: a small agent costs no file. */
const inMemory = 4 * 2 ** 20

/**
 * The contents of an archive, one after another, in one temporary file (0600) or in memory; a content is named by its
 * offset. Two blocks of 1 MiB are filled and written in turn. Throws `disk_full`, `store_unavailable`.
 */
export class Spool implements Store<number> {
  readonly #directory: string
  readonly #free: Buffer[] = []
  #filled: Buffer[] = []
  #block: Buffer = Buffer.allocUnsafeSlow(blockSize)
  #used = 0
  #length = 0
  #writing: Promise<void> = Promise.resolve()
  #file: { readonly path: string; readonly handle: FileHandle } | undefined
  #whole: Buffer | undefined

  constructor(directory: string | undefined) {
    this.#directory = directory ?? tmpdir()
  }

  /** bytes so far: the offset of what is appended next */
  get length(): number {
    return this.#length
  }

  /** Copies the bytes; to be followed by `drained` before a megabyte more is appended. */
  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + blockSize - this.#used)
      this.#block.set(part, this.#used)
      this.#used += part.length
      at += part.length
      if (this.#used === blockSize) this.#turn()
    }
    this.#length += bytes.length
  }

  /** Waits until there is room again; undefined when there is already. */
  drained(): Promise<void> | undefined {
    if (this.#filled.length === 0 || this.#length <= inMemory) return undefined
    return this.#drain()
  }

  /** After the last `append`: from here on contents can be read. */
  async seal(): Promise<void> {
    if (this.#file === undefined && this.#length <= inMemory) {
      this.#whole = Buffer.concat([...this.#filled, this.#block.subarray(0, this.#used)])
    } else {
      this.#filled.push(this.#block.subarray(0, this.#used))
      await this.#drain()
      await this.#writing
    }
    this.#filled = []
    this.#free.length = 0
    this.#block = Buffer.alloc(0)
  }

  readInto(offset: number, size: number, position: number, into: Uint8Array): number {
    const length = Math.max(0, Math.min(size - position, into.length))
    if (length === 0) return 0
    if (this.#file !== undefined) return readSync(this.#file.handle.fd, into, 0, length, offset + position)
    return this.#whole!.copy(into, 0, offset + position, offset + position + length)
  }

  access(contents: ReadonlyMap<string, number>, sizeOf: (path: string) => number): Access {
    if (this.#file !== undefined) return { kind: 'spool', file: this.#file.path, offsets: contents }
    const whole = this.#whole!
    return {
      kind: 'memory',
      files: new Map([...contents].map(([path, offset]) => [path, whole.subarray(offset, offset + sizeOf(path))])),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {})
    const file = this.#file
    this.#file = undefined
    this.#whole = undefined
    await file?.handle.close().catch(() => {})
    if (file !== undefined) await rm(file.path, { force: true })
  }

  #turn(): void {
    this.#filled.push(this.#block)
    this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(blockSize)
    this.#used = 0
  }

  async #drain(): Promise<void> {
    await this.#writing
    const blocks = this.#filled
    this.#filled = []
    this.#writing = this.#write(blocks)
    this.#writing.catch(() => {}) // awaited by the next drain, seal or dispose
  }

  async #write(blocks: readonly Buffer[]): Promise<void> {
    try {
      this.#file ??= await this.#create()
      for (const block of blocks) {
        await writeAll(this.#file.handle, block)
        if (this.#free.length < 2 && block.length === blockSize) this.#free.push(block)
      }
    } catch (cause) {
      throw writeError(this.#directory, cause)
    }
  }

  async #create(): Promise<{ readonly path: string; readonly handle: FileHandle }> {
    const path = join(this.#directory, `${spoolPrefix}${process.pid}-${randomBytes(8).toString('hex')}`)
    return { path, handle: await open(path, 'wx+', 0o600) }
  }
}

/**
 * Removes the spool files in a directory that processes left behind which are gone. A file younger than `olderThanMs`
 * (default 10 minutes) stays: its process may live in another container that shares the directory. Answers how many.
 */
export async function removeDeadSpools(directory: string = tmpdir(), olderThanMs = 600_000): Promise<number> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(spoolPrefix))
  let removed = 0
  for (const name of names) {
    const pid = Number(name.slice(spoolPrefix.length).split('-')[0])
    const stats = await lstat(join(directory, name)).catch(() => undefined)
    if (!stats?.isFile() || isAlive(pid) || Date.now() - stats.mtimeMs < olderThanMs) continue
    await rm(join(directory, name), { force: true })
    removed++
  }
  return removed
}

async function writeAll(handle: FileHandle, block: Buffer): Promise<void> {
  for (let at = 0; at < block.length;) at += (await handle.write(block, at)).bytesWritten
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function writeError(directory: string, cause: unknown): BuildError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)
  const hint = full
    ? `Free disk space in ${directory}, or name another temporary directory.`
    : `Check the rights on ${directory}, or name another temporary directory.`
  return new BuildError(full ? 'disk_full' : 'store_unavailable', `the archive cannot be kept in ${directory} (${code})`, { hint, cause })
}
