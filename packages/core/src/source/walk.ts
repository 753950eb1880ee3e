import { closeSync, lstatSync, opendirSync, readdirSync, readlinkSync, type Dirent, type Stats } from 'node:fs'
import { BuildError, shown } from '../failure/error.ts'
import { kind } from './columns.ts'
import { createIgnore, type Ignore, type IgnoreFolder, type IgnoreOptions } from './ignore.ts'
import { checkNames, checkPath, checkTwins } from './names.ts'
import { changed } from './changed.ts'
import type { EarlyHasher } from './early-hash.ts'
import { attempt, openFile } from './opened.ts'
import { fact, factsEach, Rows } from './rows.ts'

/** What a walk needs to know; it can be sent to another thread. */
export interface WalkInput {
  /** real path */
  readonly root: string
  readonly ignore: IgnoreOptions
  /** entries at most */
  readonly limit: number
}

/** A directory that is listed or to be listed. It gets its row when it is kept itself, or once something below it is. */
interface Frame {
  readonly folder: IgnoreFolder
  readonly parent: Frame | undefined
  stats: Stats | undefined
  written: boolean
}

/** Lists one directory after another; whoever drives it decides when to stop and who goes on. */
export class Walker {
  readonly rows: Rows
  readonly #input: WalkInput
  readonly #ignore: Ignore
  readonly #hasher: EarlyHasher | undefined
  readonly #pending: Frame[] = []

  /** With a hasher small files are read as they are met. */
  constructor(input: WalkInput, hasher?: EarlyHasher) {
    this.#input = input
    this.#hasher = hasher
    this.rows = new Rows(hasher?.of)
    this.#ignore = createIgnore(input.ignore)
  }

  get pending(): number {
    return this.#pending.length
  }

  get denied(): readonly string[] {
    return this.#ignore.ignored().denied
  }

  /** Puts a directory (relative; '' is the root) on the list of those to do. */
  add(path: string): void {
    this.#pending.push(this.#frame(path))
  }

  /** Gives away every directory still to do. */
  handOver(): string[] {
    return this.#pending.splice(0).map((frame) => frame.folder.path)
  }

  /** Lists one of the directories to do, and adds those below it. */
  step(order: 'breadth' | 'depth'): void {
    const frame = (order === 'depth' ? this.#pending.pop() : this.#pending.shift())!
    const { folder } = frame
    const names = this.#list(frame)
    if (!folder.listed(names.map((name) => name.name))) return
    if (folder.kept) this.#write(frame)
    const before = this.#pending.length
    const kept = names.filter((name) => this.#visit(frame, name)).map((name) => name.name)
    if (order === 'depth') reverseFrom(this.#pending, before)
    checkNames(folder.path, kept)
    checkTwins(folder.path, kept)
    if (this.rows.paths.length > this.#input.limit) throw tooMany(this.#input.limit)
  }

  /**
   * Proves that no directory was changed, or put in another's place and back, while it was listed: a name that appears
   * or goes leaves its mark on the directory, and so does moving it. Throws `source_changed`.
   */
  confirm(): void {
    const { paths, facts } = this.rows
    for (let i = 0, at = 0; i < paths.length; i++, at += factsEach) {
      if (facts[at + fact.kind] !== kind.directory) continue
      const now = this.#lstat(paths[i]!)
      const same = now.ino === facts[at + fact.inode] && now.mtimeMs === facts[at + fact.mtime] && now.ctimeMs === facts[at + fact.ctime]
      if (!same) throw changed(paths[i]!)
    }
  }

  #list(frame: Frame): Dirent[] {
    const { path } = frame.folder
    const shownPath = path || '.'
    frame.stats = attempt(shownPath, () => lstatSync(this.#onDisk(path)))
    if (!frame.stats.isDirectory()) throw changed(shownPath)
    if (frame.stats.size > cautious) return attempt(shownPath, () => listSlowly(this.#onDisk(path), 10 * this.#input.limit))
    return inOrder(attempt(shownPath, () => readdirSync(this.#onDisk(path), { withFileTypes: true })))
  }

  /** Whether it is, or may be, in the tree. */
  #visit(frame: Frame, name: Dirent): boolean {
    if (this.#isDirectory(frame.folder, name)) {
      const below = { folder: frame.folder.folder(name.name), parent: frame, stats: undefined, written: false }
      if (below.folder.opened) this.#pending.push(below)
      else if (below.folder.kept) this.#write(below)
      return below.folder.opened || below.folder.kept
    }
    if (!frame.folder.file(name.name)) return false
    this.#write(frame)
    const path = inside(frame.folder.path, name.name)
    if (this.#hasher && name.isFile()) this.#readFile(path, this.#hasher)
    else this.#leaf(path)
    return true
  }

  // Some file systems do not say in the listing what a name is.
  #isDirectory(folder: IgnoreFolder, name: Dirent): boolean {
    if (name.isFile() || name.isDirectory() || name.isSymbolicLink()) return name.isDirectory()
    const path = inside(folder.path, name.name)
    return attempt(path, () => lstatSync(this.#onDisk(path))).isDirectory()
  }

  #leaf(path: string): void {
    const stats = this.#lstat(path)
    if (stats.isFile()) return void this.rows.add(path, stats.mode & 0o111 ? kind.executable : kind.file, stats.size, stats)
    if (!stats.isSymbolicLink()) throw unsupported(path, stats)
    this.rows.add(path, kind.link, 0, stats)
    this.rows.targets.set(
      path,
      attempt(path, () => readlinkSync(this.#onDisk(path))),
    )
  }

  #readFile(path: string, hasher: EarlyHasher): void {
    if (path.includes('\u{fffd}')) checkPath(path)
    const { fd, stats } = openFile(this.#onDisk(path), path)
    try {
      const row = this.rows.add(path, stats.mode & 0o111 ? kind.executable : kind.file, stats.size, stats)
      if (stats.size <= hasher.largest) hasher.hash(fd, stats.size, path, this.rows.early!, row)
    } finally {
      closeSync(fd)
    }
  }

  // A name that was not UTF-8 reached us with U+FFFD in its place and cannot be found again.
  #lstat(path: string): Stats {
    if (path.includes('\u{fffd}')) checkPath(path)
    return attempt(path, () => lstatSync(this.#onDisk(path)))
  }

  #write(frame: Frame): void {
    if (frame.written) return
    frame.written = true
    if (frame.parent) this.#write(frame.parent)
    const { path } = frame.folder
    if (path === '') return
    frame.stats ??= attempt(path, () => lstatSync(this.#onDisk(path)))
    this.rows.add(path, kind.directory, 0, frame.stats)
  }

  #frame(path: string): Frame {
    if (path === '') return { folder: this.#ignore.root, parent: undefined, stats: undefined, written: false }
    const cut = path.lastIndexOf('/')
    const parent = this.#frame(path.slice(0, Math.max(cut, 0)))
    return { folder: parent.folder.folder(path.slice(cut + 1)), parent, stats: undefined, written: false }
  }

  #onDisk(path: string): string {
    return path === '' ? this.#input.root : `${this.#input.root}/${path}`
  }
}

/** Rows that come nearly in order are sorted in a fifth of the time. */
function inOrder(names: Dirent[]): Dirent[] {
  return names.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The last directory on the list is the next to be done. */
function reverseFrom(list: Frame[], from: number): void {
  if (list.length - from > 1) list.push(...list.splice(from).toReversed())
}

/** bytes of a directory itself from which its names might not fit in memory: 10,000 names and more */
const cautious = 2 ** 20

/** Lists a directory piece by piece, so that one with millions of names is refused before they are all in memory. */
function listSlowly(path: string, limit: number): Dirent[] {
  using open = opendirSync(path, { bufferSize: 1024 })
  const names: Dirent[] = []
  for (let name = open.readSync(); name; name = open.readSync()) {
    if (names.push(name) > limit) throw tooMany(limit)
  }
  return names
}

export function tooMany(limit: number): BuildError {
  return new BuildError('too_many_entries', `the directory has more than ${limit} entries`, { data: { limit } })
}

function unsupported(path: string, stats: Stats): BuildError {
  if (stats.isDirectory()) return changed(path)
  const what = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device'
  return new BuildError('unsupported_entry', `${shown(path)} is ${what}`, { data: { file: path, what } })
}

function inside(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
