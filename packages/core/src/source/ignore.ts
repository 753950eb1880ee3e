import { denyMarkers, denyRules } from './denied.ts'
import { readIgnoreFile, readPatterns } from './ignore-file.ts'
import { Rules, type Cursor } from './rules.ts'

/** What was left out at the opening of a Source, so that it can be shown and overridden. */
export interface Ignored {
  readonly rules: 'planned' | 'as-given'
  /** the .dockerignore that was obeyed, if there is one */
  readonly file?: string
  /** paths the default deny list left out, at most 100 (highest directory only) */
  readonly denied: readonly string[]
}

export interface IgnoreOptions {
  /** `planned` adds the default deny list of denied.ts to the rules of the ignore file. */
  readonly rules: 'planned' | 'as-given'
  /** Path and content of the ignore file, where there is one; see `ignoreFileNames`. */
  readonly file?: { readonly path: string; readonly content: string | Uint8Array }
  /** Patterns, written as in .dockerignore without `!`, that the deny list must not leave out. */
  readonly keep?: readonly string[]
}

/**
 * The ignore rules of one Source. A walker starts at `root` and asks the folder it is in about each name it lists:
 *
 *     const visit = (folder: IgnoreFolder, names: Dirent[]) => {
 *       if (!folder.listed(names.map((n) => n.name))) return   // a virtual environment or cache: nothing of it is in the tree
 *       for (const name of names)
 *         if (!name.isDirectory()) { if (folder.file(name)) ... } // in the tree
 *         else {
 *           const below = folder.folder(name)
 *           if (below.opened) visit(below, readdir(below.path))   // never open a folder that says false
 *           if (below.kept) ...                                   // itself in the tree, even when nothing in it is
 *         }
 *     }
 *
 * A folder that is opened but not kept is in the tree only as the parent of something kept below it. When `listed`
 * answers false the folder is not kept either, whatever it said before.
 */
export interface Ignore {
  readonly root: IgnoreFolder
  /** What was denied so far; final when the walk is over. */
  ignored(): Ignored
}

export interface IgnoreFolder {
  /** relative to the root; '' for the root itself */
  readonly path: string
  /** whether it is in the tree by itself */
  readonly kept: boolean
  /** whether anything below it can be in the tree; false: do not open it */
  readonly opened: boolean
  /** Whether a file or link of this name is in the tree. */
  file(name: string): boolean
  folder(name: string): IgnoreFolder
  /** To be told all names in the folder once it was listed; false: all of it is left out. */
  listed(names: readonly string[]): boolean
}

/**
 * The rules of a Source by `.dockerignore` as Docker (BuildKit) reads it, and the default deny list. Throws
 * `invalid_ignore_file` with the line for what Docker refuses, for more than 1,000 lines, and for a pattern above 1 KiB.
 */
export function createIgnore(options: IgnoreOptions): Ignore {
  const lines = options.file === undefined ? [] : readIgnoreFile(options.file.content, options.file.path)
  const denying = options.rules === 'planned'
  const named = denying
    ? [...lines.filter((line) => line.exclusion && namesSomething(line.pattern)), ...readPatterns(options.keep ?? [])]
    : []
  const denied: string[] = []
  const shared: Shared = { denying, denied, hasKeep: named.length > 0 }
  const root = new Folder(
    shared,
    '',
    new Rules(lines).root,
    new Rules(denying ? denyRules : []).root,
    new Rules(named.map((line) => ({ ...line, exclusion: false }))).root,
    'open',
  )
  const facts = { rules: options.rules, ...(options.file === undefined ? {} : { file: options.file.path }) }
  return { root, ignored: () => ({ ...facts, denied: denied.slice().sort() }) }
}

/** The ignore files of a Source, the winning one first. A Dockerfile's own one lies beside it. */
export function ignoreFileNames(dockerfile?: string): readonly string[] {
  return dockerfile === undefined ? ['.dockerignore'] : [`${dockerfile}.dockerignore`, '.dockerignore']
}

interface Shared {
  readonly denying: boolean
  readonly denied: string[]
  readonly hasKeep: boolean
}

/** `open`: the deny list applies below; `denied`: left out by it; `freed`: a rule of the user took this folder off the list. */
type Standing = 'open' | 'denied' | 'freed'

class Folder implements IgnoreFolder {
  readonly path: string
  readonly #shared: Shared
  readonly #user: Cursor
  readonly #deny: Cursor
  readonly #keep: Cursor
  #standing: Standing
  /** a rule of the user names this very folder */
  readonly #named: boolean

  constructor(shared: Shared, path: string, user: Cursor, deny: Cursor, keep: Cursor, standing: Standing, named = false) {
    this.#shared = shared
    this.path = path
    this.#user = user
    this.#deny = deny
    this.#keep = keep
    this.#standing = standing
    this.#named = named
  }

  get kept(): boolean {
    return !this.#user.ignored && this.#standing !== 'denied'
  }

  get opened(): boolean {
    if (this.#standing === 'denied' && !this.#keep.namesBelow()) return false
    return !this.#user.ignored || this.#user.reincludesBelow()
  }

  file(name: string): boolean {
    if (this.#shared.denying && this.#standingOf(name, this.#names(name)) === 'denied') {
      if (this.#standing !== 'denied' && !this.#user.leavesOut(name)) this.#note(name)
      return false
    }
    return !this.#user.leavesOut(name)
  }

  folder(name: string): Folder {
    const path = this.path === '' ? name : `${this.path}/${name}`
    const user = this.#user.enter(name)
    if (!this.#shared.denying) return new Folder(this.#shared, path, user, this.#deny, this.#keep, 'open')
    const named = this.#names(name)
    const standing = this.#standingOf(name, named)
    if (standing === 'denied' && this.#standing !== 'denied' && !user.ignored) this.#note(name)
    const deny = standing === 'open' ? this.#deny.step(name) : this.#deny
    return new Folder(this.#shared, path, user, deny, this.#shared.hasKeep ? this.#keep.step(name) : this.#keep, standing, named)
  }

  listed(names: readonly string[]): boolean {
    if (!this.#shared.denying || this.#standing !== 'open' || this.path === '' || !names.some((name) => denyMarkers.has(name))) return true
    if (this.#named) this.#standing = 'freed'
    if (this.#named || this.#keep.namesBelow()) return true
    this.#note('')
    return false
  }

  #names(name: string): boolean {
    return this.#shared.hasKeep && this.#keep.hits(name).length > 0
  }

  #standingOf(name: string, named: boolean): Standing {
    if (this.#standing === 'freed') return 'freed'
    const denied = this.#standing === 'denied' || this.#deny.lastHit(name) === 'ignore'
    if (!denied) return 'open'
    return named ? 'freed' : 'denied'
  }

  #note(name: string): void {
    if (this.#shared.denied.length >= 100) return
    this.#shared.denied.push(this.path === '' ? name : name === '' ? this.path : `${this.path}/${name}`)
  }
}

/** A `!` rule takes something off the deny list only when it names it: `!.env`, `!certs/*.pem`, but not `!src/**`. */
function namesSomething(pattern: string): boolean {
  return /[^*]/.test(pattern.slice(pattern.lastIndexOf('/') + 1))
}
