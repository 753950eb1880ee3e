import { nodeFiles } from '../node/files.ts'
import type { Tree } from '../tree.ts'
import { filesBelow } from '../workspaces/directories.ts'
import { isCode, placeOf } from '../workspaces/nobodys.ts'
import { joined } from '../paths.ts'
import type { DenoMember } from './workspace.ts'

/** A member, or a path of nobody: a directory below the root, or a file beside members. */
export type Target = DenoMember | string

/** What the code of a workspace imports of its members, and of what lies with nobody. */
export interface DenoImports {
  /** files, as paths of the root */
  codeOf(target: Target): readonly string[]
  /** by name or by path; itself may be among them */
  importedBy(target: Target): readonly Target[]
}

/** Which members import which; a file is read when it is asked for. */
export function denoImports(root: Tree, members: readonly DenoMember[]): DenoImports {
  const memberAt = holding(new Map(members.map((member) => [member.directory, member])))
  const programs = Map.groupBy(nodeFiles(root).program, (file) => memberAt(file)?.directory)
  const targets = targetsIn(root, members, memberAt)
  const known = new Map<Target, readonly Target[]>()
  const codeOf = (target: Target): readonly string[] => {
    if (typeof target !== 'string') return programs.get(target.directory) ?? []
    return root.has(target) ? [target] : filesBelow(root.files, target).filter(isCode)
  }
  return {
    codeOf,
    importedBy(target) {
      const found = known.get(target) ?? [...new Set(codeOf(target).flatMap(targets))]
      known.set(target, found)
      return found
    },
  }
}

function targetsIn(root: Tree, members: readonly DenoMember[], memberAt: Holder): (file: string) => readonly Target[] {
  const files = nodeFiles(root)
  const memberNamed = holding(new Map(members.filter(({ name }) => name !== '').map((member) => [member.name, member])))
  const target = (file: string, module: string): Target | undefined => {
    if (!module.startsWith('.')) return memberNamed(module)
    const path = joined(file.split('/').slice(0, -1), module)
    const member = path === undefined ? undefined : memberAt(path)
    const found = member ? undefined : files.resolve(file, module)?.file
    return found === undefined ? member : placeOf({ members }, found)
  }
  return (file) => files.imports(file).flatMap(({ module }) => target(file, module) ?? [])
}

type Holder = (path: string) => DenoMember | undefined

/** What a path, or the nearest that holds it, stands for. */
function holding(known: ReadonlyMap<string, DenoMember>): Holder {
  const longest = [...known.keys()].reduce((most, { length }) => Math.max(most, length), 0)
  return (path) => {
    for (let end = path.length <= longest ? path.length : path.lastIndexOf('/', longest); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const found = known.get(path.slice(0, end))
      if (found) return found
    }
    return undefined
  }
}
