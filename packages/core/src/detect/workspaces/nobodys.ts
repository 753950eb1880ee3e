import { parents } from '../../source/parents.ts'

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/

/** JavaScript or TypeScript, by its name. */
export function isCode(path: string): boolean {
  return code.test(path)
}

interface Place {
  readonly members: readonly { readonly directory: string }[]
}

/** Of a file that is no member's: its directory, which has what the file imports itself; the file alone where members are in the directory. */
export function placeOf(workspace: Place, file: string): string {
  const above = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : undefined
  return above === undefined || holdsMembers(workspace, above) ? file : above
}

const above = new WeakMap<Place['members'], ReadonlySet<string>>()

/** Whether members lie below a directory. */
export function holdsMembers({ members }: Place, path: string): boolean {
  const known = above.get(members) ?? new Set(members.flatMap(({ directory }) => parents(directory)))
  above.set(members, known)
  return known.has(path)
}
