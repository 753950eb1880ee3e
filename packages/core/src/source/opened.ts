import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { BuildError, isBuildError, shown } from '../failure/error.ts'
import { changed } from './changed.ts'

/** What the listing knew of a file, to be found again when it is opened. */
export interface Listed {
  /** bytes */
  readonly size: number
  /** ms */
  readonly mtime: number
  /** ms */
  readonly ctime: number
  readonly inode: number
}

// A link or a pipe put where a file was must neither be followed nor waited for.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a listed file and proves that it is still the one that was listed. Whatever was swapped on the way to it, the
 * bytes come from the inode that lay inside the root. The caller closes the descriptor.
 * Throws `source_changed`, `source_unreadable`.
 */
export function openListed(root: string, path: string, listed: Listed): number {
  const fd = attempt(path, () => openSync(`${root}/${path}`, flags))
  try {
    confirmListed(fd, path, listed)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Opens a file that is being listed, for its bytes and what is known of it. Throws `source_changed` when it is none, `source_unreadable`. */
export function openFile(onDisk: string, path: string): { readonly fd: number; readonly stats: Stats } {
  const fd = attempt(path, () => openSync(onDisk, flags))
  try {
    const stats = attempt(path, () => fstatSync(fd))
    if (!stats.isFile()) throw changed(path)
    return { fd, stats }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Proves that an open file is still as it was listed. Throws `source_changed`. */
export function confirmListed(fd: number, path: string, listed: Listed): void {
  const now = attempt(path, () => fstatSync(fd))
  if (!now.isFile() || !isListed(now, listed)) throw changed(path)
}

/** Reads at most `length` bytes; `position` null goes on where the last read ended. */
export function readListed(fd: number, path: string, into: Uint8Array, offset: number, length: number, position: number | null): number {
  return attempt(path, () => readSync(fd, into, offset, length, position))
}

/** Runs a file system call on `path`; what was there at the listing and is gone or different now has changed. */
export function attempt<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw isBuildError(error) ? error : translated(path, error)
  }
}

function translated(path: string, error: unknown): BuildError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO', 'EINVAL'].includes(code)) return changed(path)
  return new BuildError('source_unreadable', `${shown(path)} cannot be read (${code || 'unknown error'})`, {
    data: { file: path },
    cause: error,
  })
}

function isListed(now: Stats, listed: Listed): boolean {
  return now.ino === listed.inode && now.size === listed.size && now.mtimeMs === listed.mtime && now.ctimeMs === listed.ctime
}
