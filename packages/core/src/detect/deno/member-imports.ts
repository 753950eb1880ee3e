import { nodeFiles } from '../node/files.ts'
import type { Tree } from '../tree.ts'
import { filesBelow } from '../workspaces/directories.ts'
import { isCode, placeOf } from '../workspaces/nobodys.ts'
import { joined } from '../paths.ts'
import type { DenoMember } from './workspace.ts'

/** What the code of the members of a workspace imports of each other, and of what lies with nobody. */
export interface DenoImports {
  /** its files, as paths of the root */
  programOf(member: DenoMember): readonly string[]
  /** the code at or below a path of nobody */
  codeOf(path: string): readonly string[]
  reachedBy(member: DenoMember): DenoReached
}

/** What is imported, by name or by path, and by what lies with nobody on the way. */
export interface DenoReached {
  /** without itself */
  readonly members: ReadonlySet<DenoMember>
  /** paths below the root: directories, and files beside members */
  readonly loose: ReadonlySet<string>
}

/** more is nothing that a person laid out */
const mostLoose = 1000

/** Which members import which; a file is read when it is asked for. */
export function denoImports(root: Tree, members: readonly DenoMember[]): DenoImports {
  const files = nodeFiles(root)
  const memberAt = holding(new Map(members.map((member) => [member.directory, member])))
  const programs = Map.groupBy(files.program, (file) => memberAt(file)?.directory)
  const programOf = ({ directory }: DenoMember): readonly string[] => programs.get(directory) ?? []
  const codeOf = (path: string): readonly string[] => (root.has(path) ? [path] : filesBelow(root.files, path).filter(isCode))
  const targets = targetsIn(root, members, memberAt)
  const known = new Map<string, readonly Target[]>()
  const ofLoose = (path: string): readonly Target[] => {
    const found = known.get(path) ?? codeOf(path).flatMap(targets)
    known.set(path, found)
    return found
  }
  return {
    programOf,
    codeOf,
    reachedBy(member) {
      const [found, loose] = [new Set<DenoMember>(), new Set<string>()]
      const add = (target: Target): void => {
        if (typeof target !== 'string') found.add(target)
        else if (loose.size < mostLoose) loose.add(target)
      }
      programOf(member).flatMap(targets).forEach(add)
      for (const path of loose) ofLoose(path).forEach(add)
      found.delete(member)
      return { members: found, loose }
    },
  }
}

/** A member, or a path of nobody. */
type Target = DenoMember | string

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
  return (file) => [...new Set(files.imports(file).flatMap(({ module }) => target(file, module) ?? []))]
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
