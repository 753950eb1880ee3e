import { isBuildError } from '../../failure/error.ts'
import type { Edition } from '../../plan/editions.ts'
import type { Source } from '../../source/source.ts'
import type { DeclaredDependency, Evidence } from '../detection.ts'
import { denoConfigFiles } from '../deno/config.ts'
import { treeOf, type Tree } from '../tree.ts'
import { denoWorkspace } from './deno-workspace.ts'
import { nodeWorkspace } from './node-workspace.ts'
import { uvWorkspace } from './uv-workspace.ts'

/** Several packages of one source that share a lock. What a member of Deno needs of others its code says. */
export interface Workspace {
  readonly kind: 'node' | 'uv' | 'deno'
  /** the directory of the source that has the lock */
  readonly root: string
  readonly tree: Tree
  /** sorted by directory; without the root */
  readonly members: readonly Member[]
  /** what names the members; its file is a path of the source */
  readonly evidence: Evidence
}

export interface Member {
  /** below the root */
  readonly directory: string
  /** empty where it has none */
  readonly name: string
  readonly version: string
  /** what it declares, its evidence with paths below the root */
  readonly dependencies: readonly DeclaredDependency[]
  /** directories below the root that its manifest names: `file:`, `link:`, `path =`, references of tsconfig */
  readonly paths: readonly string[]
  /** names of programs that its manifest says how to start */
  readonly starts: boolean
}

/** The workspace that a directory is the root or a member of, the nearest first; undefined when there is none. */
export function workspaceOf(source: Source, unit: string, edition: Edition): Workspace | undefined {
  for (const root of [unit, ...above(unit)]) {
    const found = workspaceAt(source, root, edition)
    if (found && (root === unit || found.members.some(({ directory }) => inSource(found, directory) === unit))) return found
  }
  return undefined
}

/** The workspace whose root a directory is. */
export function workspaceAt(source: Source, root: string, edition: Edition): Workspace | undefined {
  const at = (file: string): boolean => source.entry(root === '.' ? file : `${root}/${file}`)?.kind === 'file'
  if (!['package.json', 'pyproject.toml', ...denoConfigFiles].some(at)) return undefined
  const tree = treeOf(source, root, edition)
  return readable(() => nodeWorkspace(tree)) ?? readable(() => uvWorkspace(tree)) ?? readable(() => denoWorkspace(tree))
}

type Members = Pick<Workspace, 'members'>

const byName = new WeakMap<Members, ReadonlyMap<string, Member>>()
const byPlace = new WeakMap<Members, ReadonlyMap<string, Member>>()

export function memberNamed(workspace: Members, name: string): Member | undefined {
  const known = byName.get(workspace) ?? new Map(workspace.members.map((member) => [member.name, member]))
  byName.set(workspace, known)
  return name === '' ? undefined : known.get(name)
}

/** The member whose directory is a path, or holds it. */
export function memberAt(workspace: Members, path: string): Member | undefined {
  const known = byPlace.get(workspace) ?? new Map(workspace.members.map((member) => [member.directory, member]))
  byPlace.set(workspace, known)
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const found = known.get(path.slice(0, end))
    if (found) return found
  }
  return undefined
}

/** A manifest that cannot be read makes no workspace; where it matters it is an error of its own. */
function readable<T>(read: () => T | undefined): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isBuildError(error)) return undefined
    throw error
  }
}

/** A path below the root of a workspace as a path of the source. */
export function inSource({ tree }: Pick<Workspace, 'tree'>, path: string): string {
  return path === '.' ? tree.unit : tree.inSource(path)
}

function above(path: string): string[] {
  const found: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) found.push(path.slice(0, at))
  return path === '.' ? [] : [...found, '.']
}
