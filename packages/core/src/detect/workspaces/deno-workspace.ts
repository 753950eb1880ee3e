import { readDenoConfig } from '../deno/config.ts'
import { denoImports, type Target } from '../deno/member-imports.ts'
import { denoMembers, workspaceConfig, type DenoMember } from '../deno/workspace.ts'
import { lineOf } from '../places.ts'
import type { Tree } from '../tree.ts'
import type { Member, Workspace } from './workspace.ts'

/** The workspace of Deno whose root a tree is. Throws `invalid_manifest`. */
export function denoWorkspace(tree: Tree): Workspace | undefined {
  const config = workspaceConfig(tree)
  const members = denoMembers(tree, config)
  if (!config || members.length === 0) return undefined
  const line = lineOf(tree.manifest(config.file), '"workspace"')
  const place = { file: tree.inSource(config.file), ...(line === undefined ? {} : { line }) }
  const evidence = { rule: 'workspace.deno', ...place, says: 'workspace lists the members' }
  return { kind: 'deno', root: tree.unit, tree, members: members.map((member) => memberOf(tree, member)), evidence }
}

/** What it needs of others its code says, not its manifest. */
function memberOf(tree: Tree, { directory, name }: DenoMember): Member {
  const config = readDenoConfig(tree, directory)
  const starts = ['start', 'serve'].some((task) => config?.task(task) !== undefined)
  return { directory, name, version: '', dependencies: [], paths: [], starts }
}

/** The directories of the members that others import, themselves or through what lies with nobody. */
export function importedMembers(tree: Tree): ReadonlySet<string> {
  const members = denoMembers(tree, workspaceConfig(tree))
  const imports = denoImports(tree, members)
  const found = new Set<string>()
  // whatever reaches a path: two of them tell that one is another
  const reaching = new Map<string, Set<DenoMember>>()
  const open: (readonly [from: Target, member: DenoMember])[] = members.map((member) => [member, member])
  for (const [from, member] of open)
    for (const target of imports.importedBy(from)) {
      if (typeof target !== 'string') {
        if (target !== member) found.add(target.directory)
        continue
      }
      const those = reaching.get(target) ?? new Set()
      if (those.size > 1 || those.has(member)) continue
      reaching.set(target, those.add(member))
      open.push([target, member])
    }
  return found
}
