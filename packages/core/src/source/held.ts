import { BuildError, shown } from '../failure/error.ts'
import { refused } from './ignore-file.ts'
import { createIgnore, ignoreFileNames, type Ignored } from './ignore.ts'
import type { Access, Entry, Opening, Source } from './source.ts'
import { largestAside, steeringNames } from './steering.ts'
import type { Tree, TreeBuilder } from './tree.ts'

/** Where a Source that was copied at its opening has its bytes. */
export interface Store<Content> extends AsyncDisposable {
  /** Fills `into` from byte `position` of the content and returns how many bytes there were. */
  readInto(content: Content, size: number, position: number, into: Uint8Array): number
  access(contents: ReadonlyMap<string, Content>, sizeOf: (path: string) => number): Access
}

/** As large as a file may be to be read at once. */
const readable = 64 * 2 ** 20

/** Makes a Source of a tree and the store of its bytes, which it then owns. Throws `empty_source` and what `finish` throws. */
export function hold<Content>(builder: TreeBuilder<Content>, store: Store<Content>, opening: Opening): Source {
  const steering = asideFiles(builder, store, opening)
  const file = ignoreFileNames(opening.dockerfile).find((name) => steering.has(name))
  const ignore = createIgnore({
    rules: opening.ignore ?? 'as-given',
    ...(file === undefined ? {} : { file: { path: file, content: steering.get(file)! } }),
    keep: opening.keep ?? [],
  })
  const tree = builder.finish(ignore)
  const aside = new Map([...steering].filter(([path]) => !tree.contents.has(path)))
  if (tree.contents.size === 0 && aside.size === 0) throw new BuildError('empty_source', 'the source has no file')
  return new HeldSource(tree, store, ignore.ignored(), aside)
}

/** The files that steer a build, whatever the ignore rules say of them; small ones only, as all honest ones are. */
function asideFiles<Content>(builder: TreeBuilder<Content>, store: Store<Content>, opening: Opening): Map<string, Uint8Array> {
  const rules = ignoreFileNames(opening.dockerfile)
  const found = new Map<string, Uint8Array>()
  for (const name of steeringNames(opening.dockerfile)) {
    const leaf = builder.get(name)
    const usable = leaf?.kind === 'file' && leaf.size <= largestAside
    if (leaf !== undefined && !usable && rules.includes(name))
      throw refused(name, 1, leaf.kind === 'link' ? 'the file is a link' : 'the file is too large')
    if (!usable) continue
    const bytes = new Uint8Array(leaf.size)
    store.readInto(leaf.content, leaf.size, 0, bytes)
    found.set(name, bytes)
  }
  return found
}

class HeldSource<Content> implements Source {
  readonly entries: readonly Entry[]
  readonly ignored: Ignored
  readonly aside: ReadonlyMap<string, Uint8Array>
  #access: Access | undefined
  readonly #contents: ReadonlyMap<string, Content>
  readonly #store: Store<Content>
  #byPath: Map<string, Entry> | undefined
  #closed = false

  constructor(tree: Tree<Content>, store: Store<Content>, ignored: Ignored, aside: ReadonlyMap<string, Uint8Array>) {
    this.entries = tree.entries
    this.ignored = ignored
    this.aside = aside
    this.#contents = tree.contents
    this.#store = store
  }

  get access(): Access {
    return (this.#access ??= this.#store.access(this.#contents, (path) => this.#file(path).size))
  }

  entry(path: string): Entry | undefined {
    this.#byPath ??= new Map(this.entries.map((entry) => [entry.path, entry]))
    return this.#byPath.get(path)
  }

  read(path: string): Uint8Array {
    const aside = this.aside.get(path)
    if (aside !== undefined) return aside.slice()
    const { size } = this.#file(path)
    if (size > readable)
      throw new BuildError('source_unreadable', `"${shown(path)}" is too large to be read at once`, { data: { path, size } })
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size;) {
      const count = this.readInto(path, at, bytes.subarray(at))
      if (count === 0) throw new BuildError('source_changed', `"${shown(path)}" has lost bytes`, { data: { path } })
      at += count
    }
    return bytes
  }

  readInto(path: string, position: number, into: Uint8Array): number {
    const { size } = this.#file(path)
    return this.#store.readInto(this.#contents.get(path)!, size, position, into)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#store[Symbol.asyncDispose]()
  }

  #file(path: string): { readonly size: number } {
    if (this.#closed) throw new BuildError('closed', 'the source was disposed')
    const entry = this.entry(path)
    if (entry?.kind !== 'file')
      throw new BuildError('source_unreadable', `"${shown(path)}" is no file of the source`, { data: { path: shown(path) } })
    return entry
  }
}
