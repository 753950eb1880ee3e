import { BuildError } from '../../failure/error.ts'
import { readDenoConfig } from '../deno/config.ts'
import { readPackageJson } from '../node/package-json.ts'
import type { Tree } from '../tree.ts'
import { neededBy } from './closure.ts'
import { importedMembers } from './deno-workspace.ts'
import { inSource, type Member, type Workspace } from './workspace.ts'

/** A tree without some of its directories: what the root itself is. */
export function ownTree(tree: Tree, without: readonly string[]): Tree {
  const directories = new Set(without)
  const own = (path: string): boolean => {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) if (directories.has(path.slice(0, at))) return false
    return true
  }
  return { ...tree, files: tree.files.filter(own), has: (path) => tree.has(path) && own(path) }
}

/** The members that may be what is meant, as directories of the source; of those that others need, only such as say how they start. */
export function likelyMembers(workspace: Workspace): readonly string[] {
  const named = namedByRoot(workspace)
  if (named) return [inSource(workspace, named.directory)]
  const starting = workspace.kind === 'uv' ? [] : workspace.members.filter(({ starts }) => starts)
  const needed = neededOnes(workspace)
  const ends = workspace.members.filter(({ directory }) => !needed.has(directory))
  return (starting.length > 0 ? starting : ends).map(({ directory }) => inSource(workspace, directory))
}

function neededOnes(workspace: Workspace): ReadonlySet<string> {
  if (workspace.kind === 'deno') return importedMembers(workspace.tree)
  return new Set(workspace.members.flatMap((member) => neededBy(workspace, member).map(({ directory }) => directory)))
}

/** The member that the root's own start script hands on to: `npm start -w api`, `pnpm --filter api start`, `turbo run start --filter=api`, `deno task --cwd api start`. */
function namedByRoot({ kind, tree, members }: Workspace): Member | undefined {
  if (kind === 'uv') return undefined
  const script = kind === 'deno' ? taskOf(tree) : scriptOf(tree)
  const words = script.split(/\s+/).map((word) => word.replace(/^-{1,2}[\w-]+=/, '').replace(/\.{3}$|^\.\//, ''))
  const found = members.filter(({ name, directory }) => words.some((word) => word !== '' && (word === name || word === directory)))
  return found.length === 1 ? found[0] : undefined
}

function scriptOf(tree: Tree): string {
  const root = manifestOf(tree)
  return root?.text('scripts', 'start') ?? root?.text('scripts', 'serve') ?? ''
}

function taskOf(tree: Tree): string {
  const root = readDenoConfig(tree)
  return (root?.task('start') ?? root?.task('serve'))?.text ?? ''
}

function manifestOf(tree: Tree): ReturnType<typeof readPackageJson> {
  try {
    return readPackageJson(tree)
  } catch (error) {
    if (error instanceof BuildError) return undefined
    throw error
  }
}

/** The member whose directory holds a path of the source. */
export function memberWith(workspace: Workspace, path: string): string | undefined {
  return workspace.members.map(({ directory }) => inSource(workspace, directory)).find((directory) => path.startsWith(`${directory}/`))
}
