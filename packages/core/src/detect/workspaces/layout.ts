/** Where a unit lies in the image, and what of the source its build sees. */
export interface Layout {
  /** as of the Plan: the directory of the source that comes to /app where it is not the unit itself */
  readonly workspace: string | null
  /** as of the Plan */
  readonly context: readonly string[] | null
  /** a unit that is installed and built with others */
  readonly shared?: Shared
}

/** Paths are below the directory that comes to /app. */
export interface Shared {
  /** where the program lies */
  readonly directory: string
  /** directories of the source that the program needs, sorted; its own is among them */
  readonly directories: readonly string[]
  /** files beside them, such as the root's tsconfig */
  readonly files: readonly string[]
  /** for the install steps: of the members, by name for uv, else by directory */
  readonly packages: readonly string[]
  /** the root has packages of its own: for development too */
  readonly root: { readonly build: boolean; readonly image: boolean }
  /** builds of what the program needs, in order, before its own */
  readonly builds: readonly SharedBuild[]
  /** false: the builds above include the program's own */
  readonly ownBuild: boolean
  /** uv: some of the directories are packages that have to be installed */
  readonly installs: boolean
  /** where the manager is called: the unit for a lock of its own */
  readonly calledIn: string
}

export interface SharedBuild {
  readonly directory: string
  readonly argv: readonly string[]
  /** directories it writes, below its own; empty when they are not known */
  readonly outputs: readonly string[]
}

/** The layout of a unit that needs nothing of others: the build sees its directory. */
export function aloneIn(unit: string): Layout {
  return { workspace: null, context: unit === '.' ? null : [unit] }
}
