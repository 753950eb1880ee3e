import satisfies from 'semver/functions/satisfies.js'
import type { DeclaredDependency } from '../detection.ts'
import { byText } from '../tree.ts'
import { hasFilesBelow } from './directories.ts'
import { holdsMembers } from './nobodys.ts'
import { nothingKnown, reachedBy, type Known } from './reach.ts'
import { memberAt, memberNamed, type Member, type Workspace } from './workspace.ts'

/** What of a workspace one member needs. */
export interface Closure {
  /** dependencies first, the member itself last */
  readonly members: readonly Member[]
  /** further paths below the root that its code reaches, members of nobody; sorted */
  readonly loose: readonly string[]
}

/** The member with all that it needs of others: by manifest, by path, by imports that leave its directory. */
export function closureOf(workspace: Workspace, member: Member): Closure {
  const found = new Set<Member>()
  const more: More = { loose: new Set(), known: nothingKnown() }
  const begun = new Set([member])
  // without recursion: strangers' members may need each other in a long row
  const open: { readonly one: Member; readonly needed: Member[] }[] = [{ one: member, needed: needsOf(workspace, member, more) }]
  for (let last = open.at(-1); last; last = open.at(-1)) {
    const next = last.needed.shift()
    if (!next) found.add(open.pop()!.one)
    else if (!begun.has(next)) {
      begun.add(next)
      open.push({ one: next, needed: needsOf(workspace, next, more) })
    }
  }
  return { members: [...found], loose: [...more.loose].sort(byText) }
}

interface More {
  readonly loose: Set<string>
  readonly known: Known
}

function needsOf(workspace: Workspace, one: Member, { loose, known }: More): Member[] {
  const reached = reachedBy(workspace, one, known)
  for (const each of [...reached.loose, ...looseNamed(workspace, one)]) loose.add(each)
  return [...neededBy(workspace, one), ...reached.members].sort((a, b) => byText(a.directory, b.directory))
}

/** Directories of nobody that a manifest names: `file:../../vendor/x`. */
function looseNamed(workspace: Workspace, { paths }: Member): string[] {
  const { tree } = workspace
  return paths.filter((path) => !memberAt(workspace, path) && !holdsMembers(workspace, path) && hasFilesBelow(tree.files, path))
}

/** The members that a manifest names. */
export function neededBy(workspace: Workspace, one: Member): Member[] {
  const named = one.dependencies.flatMap(({ name, specifier }) => {
    const other = memberNamed(workspace, name)
    return other && (workspace.kind === 'uv' || isLocal(specifier, other)) ? [other] : []
  })
  const reached = one.paths.flatMap((path) => memberAt(workspace, path) ?? [])
  return [...new Set([...named, ...reached])].filter((other) => other !== one)
}

// A plain range that the member satisfies means the member for npm and yarn, and for pnpm where it is told so.
function isLocal(specifier: string, { version }: Member): boolean {
  if (/^(?:workspace|file|link|portal):|^\.{0,2}\//.test(specifier)) return true
  if (specifier === '' || specifier === '*' || version === '') return true
  return satisfies(version, specifier)
}

/** True for a dependency that is no package of a registry, but a member. */
export function isMember(workspace: Workspace, { name, specifier }: DeclaredDependency): boolean {
  const member = memberNamed(workspace, name)
  return member !== undefined && isLocal(specifier, member)
}
