import { nodeFiles } from '../node/files.ts'
import { joined } from '../paths.ts'
import type { Tree } from '../tree.ts'
import type { DenoMember } from './workspace.ts'

/** What the code of the members of a workspace imports of each other. */
export interface DenoImports {
  /** its files, as paths of the root */
  programOf(member: DenoMember): readonly string[]
  /** by name or by path */
  importedBy(member: DenoMember): ReadonlySet<DenoMember>
}

/** Which members import which; a file is read when it is asked for. */
export function denoImports(root: Tree, members: readonly DenoMember[]): DenoImports {
  const byName = new Map(members.filter(({ name }) => name !== '').map((member) => [member.name, member]))
  const byDirectory = new Map(members.map((member) => [member.directory, member]))
  const files = nodeFiles(root)
  const programs = Map.groupBy(files.program, (file) => holder(byDirectory, file)?.directory)
  const programOf = ({ directory }: DenoMember): readonly string[] => programs.get(directory) ?? []
  const target = (file: string, module: string): DenoMember | undefined => {
    const path = module.startsWith('.') ? joined(file.split('/').slice(0, -1), module) : undefined
    return path === undefined ? holder(byName, module) : holder(byDirectory, path)
  }
  return {
    programOf,
    importedBy(member) {
      const found = new Set(programOf(member).flatMap((file) => files.imports(file).flatMap(({ module }) => target(file, module) ?? [])))
      found.delete(member)
      return found
    },
  }
}

/** What a path, or the nearest that holds it, stands for. */
function holder(known: ReadonlyMap<string, DenoMember>, path: string): DenoMember | undefined {
  for (let at = path.slice(0, longest); at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const found = known.get(at)
    if (found) return found
  }
  return undefined
}

/** No path of a file system is longer. */
const longest = 4096
