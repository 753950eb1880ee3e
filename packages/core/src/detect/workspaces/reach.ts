import { joined } from '../paths.ts'
import type { Tree } from '../tree.ts'
import { resolver, tsConfigsOf } from './tsconfigs.ts'
import { memberAt, type Member, type Workspace } from './workspace.ts'

/** What the code of one directory of a workspace, and what compiles it, names outside of it. */
export interface Reached {
  readonly members: readonly Member[]
  /** files and directories of nobody, such as a `tsconfig.base.json` or `tools/` */
  readonly loose: readonly string[]
}

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/
const specifiers = /\b(?:from|import|require|URL)\s{0,5}\(?\s{0,5}["'`]([^"'`\n]{1,300})["'`]/g
const endings = ['', '.ts', '.tsx', '.js', '.jsx', '.mts', '.mjs', '.cjs', '.json', '/index.ts', '/index.tsx', '/index.js']
/** TypeScript's own habit: the file that a specifier means has another name before it is compiled */
const compiled = /\.([cm]?)js$/

/**
 * Imports that leave the directory, by path or by an alias of its tsconfig, and what these files import in turn. `seen`: what was
 * looked at for another member.
 */
export function reachedBy(workspace: Workspace, { directory }: Member, seen: Set<string>): Reached {
  if (workspace.kind !== 'node') return { members: [], loose: [] }
  const { tree } = workspace
  const configs = tsConfigsOf(workspace, filesBelow(tree.files, directory))
  const aliases = configs.aliases.filter(({ targets }) => targets.some((path) => !path.startsWith(`${directory}/`)))
  const found: Found = {
    workspace,
    members: new Set(configs.members),
    loose: new Set(configs.files),
    seen,
    ...(aliases.length > 0 ? { named: resolver(aliases) } : {}),
  }
  for (const path of configs.directories) add(found, path, undefined)
  scan(found, directory)
  for (const path of found.loose) if (isNew(seen, `${path}/`)) scan(found, path)
  return { members: [...found.members], loose: [...found.loose] }
}

interface Found {
  readonly workspace: Workspace
  readonly members: Set<Member>
  readonly loose: Set<string>
  readonly seen: Set<string>
  /** by an alias; absent where none leads out of the member */
  readonly named?: (name: string) => readonly string[]
}

/** The files at or below a path, each once. */
function scan(found: Found, path: string): void {
  const { tree } = found.workspace
  const alone = tree.has(path)
  for (const file of alone ? [path] : filesBelow(tree.files, path)) {
    if (!code.test(file) || !isNew(found.seen, file)) continue
    const text = tree.text(file) ?? ''
    const leaves = alone ? './' : '../'.repeat(file.slice(path.length + 1).split('/').length)
    if (!found.named && !text.includes(leaves)) continue
    for (const [, specifier] of text.matchAll(specifiers))
      for (const target of targetsOf(found, file, specifier!))
        if (target !== path && !target.startsWith(`${path}/`)) add(found, target, endingOf(tree, target))
  }
}

function isNew(seen: Set<string>, path: string): boolean {
  const { size } = seen
  return seen.add(path).size > size
}

function targetsOf({ workspace, named }: Found, file: string, specifier: string): readonly string[] {
  if (!specifier.startsWith('.')) return (named?.(specifier) ?? []).filter((path) => endingOf(workspace.tree, path) !== undefined)
  const path = joined(file.split('/').slice(0, -1), specifier)
  return path === undefined || path === '' ? [] : [path]
}

function endingOf(tree: Tree, path: string): string | undefined {
  const typed = compiled.test(path) ? [path.replace(compiled, '.$1ts'), path.replace(compiled, '.$1tsx')] : []
  return [...endings.map((end) => path + end), ...typed].find((each) => tree.has(each))
}

/** A member, else the directory of the file, which has what the file imports itself; the file alone where members are in the directory. */
function add({ workspace, members, loose }: Found, path: string, file: string | undefined): void {
  const member = memberAt(workspace, path)
  if (member) members.add(member)
  else if (file !== undefined) {
    const above = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : undefined
    loose.add(above === undefined || holdsMembers(workspace, above) ? file : above)
  } else if (!holdsMembers(workspace, path) && filesBelow(workspace.tree.files, path).length > 0) loose.add(path)
}

const above = new WeakMap<Workspace, ReadonlySet<string>>()

/** Whether members lie below a directory. */
export function holdsMembers(workspace: Workspace, path: string): boolean {
  const known = above.get(workspace) ?? new Set(workspace.members.flatMap(({ directory }) => parents(directory)))
  above.set(workspace, known)
  return known.has(path)
}

function parents(path: string): string[] {
  const found: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) found.push(path.slice(0, at))
  return found
}

/** Of sorted paths. */
export function filesBelow(files: readonly string[], directory: string): readonly string[] {
  const prefix = `${directory}/`
  let [low, high] = [0, files.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (files[middle]! < prefix) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < files.length && files[end]!.startsWith(prefix)) end++
  return files.slice(low, end)
}
