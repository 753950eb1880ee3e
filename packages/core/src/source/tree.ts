import { BuildError } from '../failure/error.ts'
import { comparePaths } from './columns.ts'
import type { Ignore, IgnoreFolder } from './ignore.ts'
import { checkLinks } from './links.ts'
import { checkPath, checkTwins, collision } from './names.ts'
import type { Entry } from './source.ts'

/** A file or link of a tree that is being built; `content` is where the bytes are. */
export type Leaf<Content> =
  | { readonly kind: 'file'; readonly executable: boolean; /** bytes */ readonly size: number; readonly content: Content }
  | { readonly kind: 'link'; readonly target: string }

export interface Tree<Content> {
  /** sorted by the bytes of the path, parents included */
  readonly entries: readonly Entry[]
  readonly contents: ReadonlyMap<string, Content>
}

interface Folder<Content> {
  readonly path: string
  readonly children: Map<string, Folder<Content> | Leaf<Content>>
}

/**
 * The tree of a Source that is given path by path (archives, maps), in any order. Every path is checked when it is
 * added; case twins and links, which depend on what is left, when it is finished.
 */
export class TreeBuilder<Content> {
  readonly #root: Folder<Content> = { path: '', children: new Map() }
  readonly #limit: number
  #count = 0
  #last: Folder<Content> = this.#root

  /** `limit`: entries at most, parents included. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Adds a directory; again is fine. Throws `invalid_path`, `path_collision`, `too_many_entries`. */
  addFolder(path: string): void {
    checkPath(path)
    this.#folder(path)
  }

  /** Adds a file or link. Answers with the one that has the path already, and then adds nothing. Throws as `addFolder`. */
  add(path: string, leaf: Leaf<Content>): Leaf<Content> | undefined {
    checkPath(path)
    const { folder, name } = this.#place(path)
    const known = folder.children.get(name)
    if (known === undefined) {
      this.#countOne()
      folder.children.set(name, leaf)
    } else if ('children' in known) throw clash(path)
    return known
  }

  /** The file or link of a path, or undefined. */
  get(path: string): Leaf<Content> | undefined {
    let at: Folder<Content> | Leaf<Content> | undefined = this.#root
    for (const part of path.split('/')) at = at !== undefined && 'children' in at ? at.children.get(part) : undefined
    return at === undefined || 'children' in at ? undefined : at
  }

  /** What the rules leave of it. Throws `path_collision`, `link_outside`, `invalid_path` (a link's target). */
  finish(ignore: Ignore): Tree<Content> {
    const contents = new Map<string, Content>()
    const entries = left(this.#root, ignore.root, contents) ?? []
    checkLinks(new Map(entries.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target] as const] : []))))
    return { entries, contents }
  }

  #place(path: string): { readonly folder: Folder<Content>; readonly name: string } {
    const cut = path.lastIndexOf('/')
    return { folder: cut < 0 ? this.#root : this.#folder(path.slice(0, cut)), name: path.slice(cut + 1) }
  }

  #folder(path: string): Folder<Content> {
    // archives list a directory's files one after another
    if (this.#last.path === path) return this.#last
    const { folder, name } = this.#place(path)
    let found = folder.children.get(name)
    if (found === undefined) {
      this.#countOne()
      found = { path, children: new Map() }
      folder.children.set(name, found)
    }
    if (!('children' in found)) throw clash(path)
    this.#last = found
    return found
  }

  #countOne(): void {
    if (++this.#count > this.#limit)
      throw new BuildError('too_many_entries', `the source has more than ${this.#limit} entries`, { data: { limit: this.#limit } })
  }
}

/** The entries of a folder that the rules leave, sorted, with their contents; undefined when they leave out the folder whatever is in it. */
function left<Content>(folder: Folder<Content>, rules: IgnoreFolder, contents: Map<string, Content>): Entry[] | undefined {
  if (!rules.listed([...folder.children.keys()])) return undefined
  const names: string[] = []
  const runs: { readonly key: string; readonly entries: readonly Entry[] }[] = []
  for (const [name, child] of folder.children) {
    const path = folder.path === '' ? name : `${folder.path}/${name}`
    const found =
      'children' in child ? leftFolder(child, rules.folder(name), contents) : rules.file(name) ? [entryOf(path, child, contents)] : []
    if (found.length > 0) names.push(name)
    runs.push({ key: name, entries: found.slice(0, 1) })
    // what is in `a` comes after `a.b`, since `/` comes after `.`
    if (found.length > 1) runs.push({ key: `${name}/`, entries: found.slice(1) })
  }
  checkTwins(folder.path, names)
  return runs.sort((one, other) => comparePaths(one.key, other.key)).flatMap((run) => run.entries)
}

/** A folder's own entry and what is left in it. */
function leftFolder<Content>(folder: Folder<Content>, rules: IgnoreFolder, contents: Map<string, Content>): Entry[] {
  const below = rules.opened ? left(folder, rules, contents) : []
  if (below === undefined || (below.length === 0 && !rules.kept)) return []
  return [{ kind: 'directory', path: folder.path }, ...below]
}

function entryOf<Content>(path: string, leaf: Leaf<Content>, contents: Map<string, Content>): Entry {
  if (leaf.kind === 'link') return { kind: 'link', path, target: leaf.target }
  contents.set(path, leaf.content)
  return { kind: 'file', path, executable: leaf.executable, size: leaf.size }
}

function clash(path: string): BuildError {
  return collision(path, path, 'is both a directory and a file or link')
}
