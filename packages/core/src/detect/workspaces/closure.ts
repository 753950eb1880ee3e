import satisfies from 'semver/functions/satisfies.js'
import type { DeclaredDependency } from '../detection.ts'
import { joined } from '../node/files.ts'
import { byText } from '../tree.ts'
import type { Member, Workspace } from './workspace.ts'

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
  const loose = new Set<string>()
  const begun = new Set([member])
  // without recursion: strangers' members may need each other in a long row
  const open: { readonly one: Member; readonly needed: Member[] }[] = [{ one: member, needed: needsOf(workspace, member, loose) }]
  for (let last = open.at(-1); last; last = open.at(-1)) {
    const next = last.needed.shift()
    if (!next) found.add(open.pop()!.one)
    else if (!begun.has(next)) {
      begun.add(next)
      open.push({ one: next, needed: needsOf(workspace, next, loose) })
    }
  }
  return { members: [...found], loose: [...loose].sort(byText) }
}

function needsOf(workspace: Workspace, one: Member, loose: Set<string>): Member[] {
  const reached = reachedBy(workspace, one)
  for (const each of reached.loose) loose.add(each)
  return [...neededBy(workspace, one), ...reached.members].sort((a, b) => byText(a.directory, b.directory))
}

/** The members that a manifest names. */
export function neededBy(workspace: Workspace, one: Member): Member[] {
  const byName = namesOf(workspace)
  const named = one.dependencies.flatMap(({ name, specifier }) => {
    const other = byName.get(name)
    return other && (workspace.kind === 'uv' || isLocal(specifier, other)) ? [other] : []
  })
  const reached = one.paths.flatMap((path) => memberAt(workspace, path) ?? [])
  return [...new Set([...named, ...reached])].filter((other) => other !== one)
}

const names = new WeakMap<Workspace, ReadonlyMap<string, Member>>()

function namesOf(workspace: Workspace): ReadonlyMap<string, Member> {
  const known = names.get(workspace) ?? new Map(workspace.members.filter(({ name }) => name !== '').map((member) => [member.name, member]))
  names.set(workspace, known)
  return known
}

/** The member whose directory is a path, or holds it. */
function memberAt({ members }: Workspace, path: string): Member | undefined {
  return members.find(({ directory }) => path === directory || path.startsWith(`${directory}/`))
}

// A plain range that the member satisfies means the member for npm and yarn, and for pnpm where it is told so.
function isLocal(specifier: string, { version }: Member): boolean {
  if (/^(?:workspace|file|link|portal):|^\.{0,2}\//.test(specifier)) return true
  if (specifier === '' || specifier === '*' || version === '') return true
  return satisfies(version, specifier)
}

/** True for a dependency that is no package of a registry, but a member. */
export function isMember(workspace: Workspace, { name, specifier }: DeclaredDependency): boolean {
  const member = namesOf(workspace).get(name)
  return member !== undefined && isLocal(specifier, member)
}

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/
const specifiers = /\b(?:from|import|require|URL)\s{0,5}\(?\s{0,5}["'`](\.\.\/[^"'`\n]{1,300})["'`]/g
const endings = ['', '.ts', '.tsx', '.js', '.jsx', '.mts', '.mjs', '.cjs', '.json', '/index.ts', '/index.tsx', '/index.js']

/** What the code of a member names outside of its directory: `../../shared/util`. Texts with enough of `../` in them are looked at. */
function reachedBy(
  workspace: Workspace,
  { directory }: Member,
): { readonly members: readonly Member[]; readonly loose: readonly string[] } {
  const members = new Set<Member>()
  const loose = new Set<string>()
  const { tree } = workspace
  if (workspace.kind !== 'node') return { members: [], loose: [] }
  for (const file of filesBelow(tree.files, directory)) {
    if (!code.test(file)) continue
    const within = file.slice(directory.length + 1).split('/')
    const text = tree.text(file) ?? ''
    if (!text.includes('../'.repeat(within.length))) continue
    for (const [, specifier] of text.matchAll(specifiers)) {
      const path = joined(file.split('/').slice(0, -1), specifier!)
      if (path === undefined || path === directory || path.startsWith(`${directory}/`)) continue
      const member = memberAt(workspace, path)
      const target = member ? undefined : endings.map((end) => path + end).find((each) => tree.has(each))
      if (member) members.add(member)
      // beside a file there is what it imports itself
      else if (target !== undefined) loose.add(target.includes('/') ? target.slice(0, target.lastIndexOf('/')) : target)
    }
  }
  return { members: [...members], loose: [...loose] }
}

/** Of sorted paths. */
function filesBelow(files: readonly string[], directory: string): readonly string[] {
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
