import { closeSync, openSync, readSync } from 'node:fs'
import { BuildError } from '../failure/error.ts'
import type { Columns } from '../source/columns.ts'
import { changed } from '../source/changed.ts'
import { confirmListed, type Listed, openListed, readListed } from '../source/opened.ts'
import type { Access } from '../source/source.ts'

/** The bytes of a Source's files, one file after another, for a thread that holds its columns. */
export interface Contents extends Disposable {
  /** Goes to the beginning of file `i`. Throws `source_changed`, `source_unreadable`. */
  open(i: number): void
  /** Puts the next bytes of the open file into `into[offset..offset+length)`; 0 at the end. */
  read(into: Uint8Array, offset: number, length: number): number
  /** Proves that the open file is still as it was listed. Throws `source_changed`. */
  confirm(): void
  close(): void
}

/** How a thread reaches the bytes: an Access that can be sent to a worker. */
export type Reach =
  | { readonly kind: 'directory'; readonly root: string }
  | { readonly kind: 'spool'; readonly file: string; readonly offsets: Float64Array<SharedArrayBuffer> }
  | { readonly kind: 'memory'; readonly files: readonly (Uint8Array | undefined)[] }

export function reachOf(access: Access, paths: () => readonly string[]): Reach {
  if (access.kind === 'directory') return { kind: 'directory', root: access.root }
  if (access.kind === 'memory') return { kind: 'memory', files: paths().map((path) => access.files.get(path)) }
  const offsets = paths().map((path) => access.offsets.get(path) ?? 0)
  const column = new Float64Array(new SharedArrayBuffer(8 * offsets.length))
  column.set(offsets)
  return { kind: 'spool', file: access.file, offsets: column }
}

export function openContents(reach: Reach, columns: Columns, paths: readonly string[]): Contents {
  if (reach.kind === 'directory') return directoryContents(reach.root, columns, paths)
  if (reach.kind === 'spool') return spoolContents(reach.file, reach.offsets, columns)
  return memoryContents(reach.files)
}

function directoryContents(root: string, { sizes, stats }: Columns, paths: readonly string[]): Contents {
  if (!stats) throw new BuildError('internal', 'a directory was listed without its stats')
  let fd = -1
  let current = ''
  let listed: Listed = { size: 0, mtime: 0, ctime: 0, inode: 0 }
  const close = (): void => {
    if (fd >= 0) closeSync(fd)
    fd = -1
  }
  return {
    open(i) {
      current = paths[i]!
      listed = { size: sizes[i]!, mtime: stats.mtimes[i]!, ctime: stats.ctimes[i]!, inode: stats.inodes[i]! }
      fd = openListed(root, current, listed)
    },
    read: (into, offset, length) => readListed(fd, current, into, offset, length, null),
    confirm: () => confirmListed(fd, current, listed),
    close,
    [Symbol.dispose]: close,
  }
}

function spoolContents(file: string, offsets: Float64Array, { sizes }: Columns): Contents {
  let fd = openSync(file, 'r')
  let position = 0
  let left = 0
  return {
    open(i) {
      position = offsets[i]!
      left = sizes[i]!
    },
    read(into, offset, length) {
      const got = left === 0 ? 0 : readSync(fd, into, offset, Math.min(length, left), position)
      position += got
      left -= got
      return got
    },
    confirm() {},
    close() {},
    [Symbol.dispose]() {
      if (fd >= 0) closeSync(fd)
      fd = -1
    },
  }
}

function memoryContents(files: readonly (Uint8Array | undefined)[]): Contents {
  let rest: Uint8Array = new Uint8Array(0)
  const close = (): void => {
    rest = new Uint8Array(0)
  }
  return {
    open(i) {
      rest = files[i] ?? rest.subarray(0, 0)
    },
    read(into, offset, length) {
      const part = rest.subarray(0, length)
      into.set(part, offset)
      rest = rest.subarray(part.length)
      return part.length
    },
    confirm() {},
    close,
    [Symbol.dispose]: close,
  }
}

/**
 * Reads the open file `i` to its end through `buffer` and hands on each piece, which is valid during the call only.
 * Throws `source_changed` unless it had exactly its listed size.
 */
export function eachPiece(
  contents: Contents,
  size: number,
  path: string,
  buffer: Uint8Array,
  take: (piece: Uint8Array, last: boolean) => void,
): void {
  let done = 0
  do {
    const want = Math.min(buffer.length, size - done)
    const got = want === 0 ? 0 : readFully(contents, buffer, want)
    done += got
    if (got < want) throw changed(path)
    take(buffer.subarray(0, got), done === size)
  } while (done < size)
}

function readFully(contents: Contents, buffer: Uint8Array, want: number): number {
  let got = 0
  while (got < want) {
    const n = contents.read(buffer, got, want - got)
    if (n === 0) break
    got += n
  }
  return got
}
