import { closeSync, existsSync, lstatSync, realpathSync, statSync } from 'node:fs'
import { newClaims } from '../threads/claims.ts'
import { small } from './threshold.ts'
import { BuildError, isBuildError, shown } from '../failure/error.ts'
import { stoppable } from '../threads/stoppable.ts'
import { lane } from '../threads/threads.ts'
import { type Columns, entriesOf, kind } from './columns.ts'
import type { Early } from './early-hash.ts'
import { indexFile } from './index-file.ts'
import { ignoreFileNames, type Ignored, type IgnoreOptions } from './ignore.ts'
import { changed } from './changed.ts'
import { openListed, readListed } from './opened.ts'
import { sendRows, sortRows } from './rows.ts'
import { defaultLimits, type Entry, type Opening, type Source } from './source.ts'
import { asideIn, steeringFile } from './steering.ts'
import { finished, type Walked } from './walk-task.ts'
import { type WalkInput, Walker } from './walk.ts'

/**
 * Opens a directory: lists what the ignore rules leave of it, and opens no ignored directory. A large one is listed in
 * threads of its own. Throws `source_not_found`, `source_unreadable`, `source_changed`, `invalid_ignore_file`,
 * `invalid_path`, `path_collision`, `link_outside`, `unsupported_entry`, `too_many_entries`, `archive_too_large`,
 * `empty_source`, and the signal's reason.
 */
export async function directory(path: string, opening: Opening = {}): Promise<Source> {
  opening.signal?.throwIfAborted()
  const root = realRoot(path)
  const input = walkInput(root, opening)
  const walked = await steadily(() => walk(input, opening))
  const aside = asideIn(root, opening.dockerfile, walked.columns)
  checkBounds(walked.columns, aside, opening)
  return directorySource(root, walked.columns, ignoredOf(input.ignore, walked.denied), aside)
}

/** The Source of an earlier listing, for another thread of this process. */
export function directorySource(
  root: string,
  columns: Columns,
  ignored: Ignored,
  aside: ReadonlyMap<string, Uint8Array> = new Map(),
): Source {
  let entries: readonly Entry[] | undefined
  let places: ReadonlyMap<string, number> | undefined
  const list = (): readonly Entry[] => (entries ??= entriesOf(columns))
  const place = (path: string): number | undefined => (places ??= new Map(list().map((entry, i) => [entry.path, i]))).get(path)
  const opened = <T>(path: string, use: (fd: number, size: number) => T): T => withFile(root, path, place(path), columns, use)
  return {
    get entries() {
      return list()
    },
    entry: (path) => list()[place(path) ?? -1],
    read: (path) => aside.get(path)?.slice() ?? opened(path, (fd, size) => readWhole(fd, path, size)),
    readInto: (path, position, into) => opened(path, (fd) => readListed(fd, path, into, 0, into.length, position)),
    access: { kind: 'directory', root, columns },
    ignored,
    aside,
    [Symbol.asyncDispose]: async () => {},
  }
}

function realRoot(path: string): string {
  try {
    const root = realpathSync(path)
    if (statSync(root).isDirectory()) return root
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code === 'EACCES' || code === 'EPERM')
      throw new BuildError('source_unreadable', `${shown(path)} cannot be opened (${code})`, { cause: error })
    throw new BuildError('source_not_found', `${shown(path)} is not there (${code})`, { cause: error })
  }
  throw new BuildError('source_not_found', `${shown(path)} is not a directory`)
}

function walkInput(root: string, { ignore: rules = 'planned', limits, dockerfile, keep = [] }: Opening): WalkInput {
  const file = ignoreFile(root, dockerfile)
  return { root, ignore: { rules, keep, ...(file && { file }) }, limit: limits?.entries ?? defaultLimits.entries }
}

function ignoreFile(root: string, dockerfile: string | undefined): IgnoreOptions['file'] {
  for (const path of ignoreFileNames(dockerfile)) {
    if (lstatSync(`${root}/${path}`, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new BuildError('invalid_ignore_file', `${path} is a link; put the file itself there`, { data: { file: path } })
    const content = steeringFile(root, path)
    if (content) return { path, content }
  }
  return undefined
}

/** A directory that changes while it is listed is listed again, three times in all. */
async function steadily(list: () => Promise<Walked>): Promise<Walked> {
  for (let left = 2; ; left--) {
    try {
      return await list()
    } catch (error) {
      if (left === 0 || !isBuildError(error) || error.code !== 'source_changed') throw error
    }
  }
}

/** Lists in place as long as it is small, and hands over to a thread when it is not. */
async function walk(input: WalkInput, opening: Opening): Promise<Walked> {
  const listedAt = Date.now()
  const walker = new Walker(input)
  walker.add('')
  while (walker.pending > 0 && walker.rows.paths.length < small.entries) walker.step('depth')
  walker.confirm()
  const listed = sortRows(walker.rows)
  if (walker.pending === 0) return finished({ input, listedAt }, [listed], walker.denied)
  using on = lane()
  const claims = newClaims()
  const hashing = early(input.root, opening)
  // what was listed so far was not hashed: the thread begins again
  const begun = hashing.early ? { pending: [''] } : { rows: sendRows(listed), pending: walker.handOver() }
  const task = { input, listedAt, claims, ...hashing, ...begun }
  const walked = await stoppable(on, claims, opening.signal, on.run('walk', task))
  return { ...walked, denied: [...new Set([...walker.denied, ...walked.denied])].toSorted().slice(0, 100) }
}

/** Hashing on the way is for who reads everything: where an index knows the directory, little or nothing is read. */
function early(root: string, { hash }: Opening): { readonly early?: Early } {
  if (!hash || (hash.index && existsSync(indexFile(hash.index, root)))) return {}
  return { early: hash.of ?? 'both' }
}

function checkBounds({ kinds, sizes, count }: Columns, aside: ReadonlyMap<string, Uint8Array>, { limits }: Opening): void {
  const most = limits?.unpacked ?? defaultLimits.unpacked
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  if (bytes > most)
    throw new BuildError('archive_too_large', `the directory has ${bytes} bytes, more than ${most}`, { data: { bytes, limit: most } })
  if (aside.size === 0 && (count === 0 || kinds.every((of) => of === kind.directory)))
    throw new BuildError('empty_source', 'the directory has no files that are not ignored')
}

function ignoredOf({ rules, file }: IgnoreOptions, denied: readonly string[]): Ignored {
  return { rules, ...(file && { file: file.path }), denied }
}

function withFile<T>(root: string, path: string, i: number | undefined, columns: Columns, use: (fd: number, size: number) => T): T {
  const { kinds, sizes, stats } = columns
  if (i === undefined || kinds[i]! > kind.executable)
    throw new BuildError('not_found', `${shown(path)} is not a regular file of the source`)
  const listed = { size: sizes[i]!, mtime: stats!.mtimes[i]!, ctime: stats!.ctimes[i]!, inode: stats!.inodes[i]! }
  const fd = openListed(root, path, listed)
  try {
    return use(fd, listed.size)
  } finally {
    closeSync(fd)
  }
}

const largestRead = 64 * 2 ** 20

function readWhole(fd: number, path: string, size: number): Uint8Array {
  if (size > largestRead) throw new BuildError('invalid_argument', `${shown(path)} is larger than 64 MiB: read it in parts`)
  const bytes = new Uint8Array(size)
  for (let got = 0; got < size;) {
    const n = readListed(fd, path, bytes, got, size - got, null)
    if (n === 0) throw changed(path)
    got += n
  }
  return bytes
}
