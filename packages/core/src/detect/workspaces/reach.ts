import { joined } from '../paths.ts'
import type { Tree } from '../tree.ts'
import { filesBelow, hasFilesBelow } from './directories.ts'
import { holdsMembers, isCode, placeOf } from './nobodys.ts'
import { resolver, tsConfigsOf, type Aliases } from './tsconfigs.ts'
import { memberAt, type Member, type Workspace } from './workspace.ts'

/** What the code of one directory of a workspace, and what compiles it, names outside of it. */
export interface Reached {
  readonly members: readonly Member[]
  /** files and directories of nobody, such as a `tsconfig.base.json` or `tools/` */
  readonly loose: readonly string[]
}

const specifiers = /\b(?:from|import|require|URL)\s{0,5}\(?\s{0,5}["'`]([^"'`\n]{1,300})["'`]/g
const endings = ['', '.ts', '.tsx', '.js', '.jsx', '.mts', '.mjs', '.cjs', '.json', '/index.ts', '/index.tsx', '/index.js']
/** TypeScript's own habit: the file that a specifier means has another name before it is compiled */
const compiled = /\.([cm]?)js$/

/** What was read for one member of a closure and holds for the others. */
export interface Known {
  /** by the aliases that hold */
  readonly views: Map<string, View>
  readonly ids: Map<Aliases, number>
  readonly seen: Set<string>
  /** characters of files that are read again for another member; after that they count for the first one alone */
  left: number
}

export function nothingKnown(): Known {
  return { views: new Map(), ids: new Map(), seen: new Set(), left: 10_000_000 }
}

/** The workspace with the aliases of some members. */
interface View {
  readonly workspace: Workspace
  /** absent where no alias leads out of the member */
  readonly named?: (name: string) => readonly string[]
  /** what paths of nobody name themselves */
  readonly loose: Map<string, Found>
}

interface Found {
  readonly members: Set<Member>
  readonly loose: Set<string>
}

/** Imports that leave the directory, by path or by an alias of its tsconfig, and what these files import in turn. */
export function reachedBy(workspace: Workspace, { directory }: Member, known: Known): Reached {
  if (workspace.kind !== 'node') return { members: [], loose: [] }
  const configs = tsConfigsOf(workspace, filesBelow(workspace.tree.files, directory))
  const view = viewOf(workspace, outward(configs.aliases, directory), known)
  const found: Found = { members: new Set(configs.members), loose: new Set(configs.files) }
  for (const path of configs.directories) add(workspace, found, path, undefined)
  scan(view, directory, known, found)
  for (const path of found.loose) {
    const more = ofLoose(view, path, known)
    for (const each of more.members) found.members.add(each)
    for (const each of more.loose) found.loose.add(each)
  }
  return { members: [...found.members], loose: [...found.loose] }
}

function outward(aliases: readonly Aliases[], directory: string): readonly Aliases[] {
  return aliases.filter(({ targets }) => targets.some((path) => !path.startsWith(`${directory}/`)))
}

function viewOf(workspace: Workspace, aliases: readonly Aliases[], { views, ids }: Known): View {
  const key = aliases.map((one) => idOf(ids, one)).join()
  const view = views.get(key) ?? { workspace, loose: new Map(), ...(aliases.length > 0 ? { named: naming(workspace, aliases) } : {}) }
  views.set(key, view)
  return view
}

function idOf(ids: Map<Aliases, number>, one: Aliases): number {
  const id = ids.get(one) ?? ids.size
  ids.set(one, id)
  return id
}

function naming({ tree }: Workspace, aliases: readonly Aliases[]): (name: string) => readonly string[] {
  const resolve = resolver(aliases)
  const known = new Map<string, readonly string[]>()
  return (name) => {
    const found = known.get(name) ?? resolve(name).filter((path) => endingOf(tree, path) !== undefined)
    known.set(name, found)
    return found
  }
}

/** What a path of nobody names itself: for each member that reaches it, so that it is built after that. */
function ofLoose(view: View, path: string, known: Known): Found {
  const found = view.loose.get(path) ?? { members: new Set(), loose: new Set() }
  if (!maySee(known, `${path}/`, 100)) return { members: new Set(), loose: new Set() }
  if (!view.loose.has(path)) scan(view, path, known, found)
  view.loose.set(path, found)
  return found
}

/** The code at or below a path. */
function scan(view: View, path: string, known: Known, found: Found): void {
  const { tree } = view.workspace
  const alone = tree.has(path)
  for (const file of alone ? [path] : filesBelow(tree.files, path)) {
    const text = isCode(file) ? (tree.text(file) ?? '') : ''
    const leaves = alone ? './' : '../'.repeat(file.slice(path.length + 1).split('/').length)
    if ((!view.named && !text.includes(leaves)) || !maySee(known, file, text.length)) continue
    for (const [, specifier] of text.matchAll(specifiers))
      for (const target of targetsOf(view, file, specifier!))
        if (target !== path && !target.startsWith(`${path}/`)) add(view.workspace, found, target, endingOf(tree, target))
  }
}

/** For the first time, or once more. */
function maySee(known: Known, path: string, cost: number): boolean {
  const { size } = known.seen
  if (known.seen.add(path).size > size) return true
  known.left -= cost
  return known.left > 0
}

function targetsOf({ named }: View, file: string, specifier: string): readonly string[] {
  if (!specifier.startsWith('.')) return named?.(specifier) ?? []
  const path = joined(file.split('/').slice(0, -1), specifier)
  return path === undefined || path === '' ? [] : [path]
}

function endingOf(tree: Tree, path: string): string | undefined {
  const typed = compiled.test(path) ? [path.replace(compiled, '.$1ts'), path.replace(compiled, '.$1tsx')] : []
  return [...endings.map((end) => path + end), ...typed].find((each) => tree.has(each))
}

function add(workspace: Workspace, { members, loose }: Found, path: string, file: string | undefined): void {
  const member = memberAt(workspace, path)
  if (member) members.add(member)
  else if (file !== undefined) loose.add(placeOf(workspace, file))
  else if (!holdsMembers(workspace, path) && hasFilesBelow(workspace.tree.files, path)) loose.add(path)
}
