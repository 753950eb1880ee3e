import { commonDirectory, isWithin, within } from '../../plan/relocated.ts'
import type { Project } from '../project.ts'
import type { Frontend } from './frontend.ts'

/** Where a unit lies in the image, and what of the source its build sees. */
export interface Layout {
  /** as of the Plan: the directory of the source that comes to /app where it is not the unit itself */
  readonly workspace: string | null
  /** as of the Plan */
  readonly context: readonly string[] | null
  /** a unit that is installed and built with others */
  readonly shared?: Shared
  /** a unit with a lock of its own that lies beside what it needs; paths below the directory that comes to /app */
  readonly moved?: { readonly directory: string; readonly beside: readonly string[] }
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

interface Lying {
  readonly project: Project
  readonly layout: Layout
}

/** The layout with further paths of the source that the build sees. */
export function withMore({ project, layout }: Lying, unit: string, more: readonly string[]): Lying {
  if (layout.context === null || more.length === 0) return { project, layout }
  const context = sorted([...layout.context, ...more])
  const { shared, workspace } = layout
  if (!shared || workspace === null)
    return { project: inDirectory(project, unit), layout: { workspace: '.', context, moved: { directory: unit, beside: sorted(more) } } }
  const inside = more.filter((path) => isWithin(workspace, path)).map((path) => within(workspace, path))
  return { project, layout: { ...layout, context, shared: { ...shared, directories: sorted([...shared.directories, ...inside]) } } }
}

/** What changes for a program that serves a front end: where it lies, so that it finds the files, and what the build sees. */
export function served({ project, layout }: Lying, found: Frontend): Lying {
  const other = found.layout.context
  const context = layout.context === null || other === null ? null : sorted([...layout.context, ...other])
  const own = layout.context === null ? '.' : (layout.workspace ?? layout.context[0]!)
  if (isWithin(own, found.at)) return { project, layout: { ...layout, context } }
  const home = commonDirectory(own, found.at)
  const directory = within(home, own)
  return { project: inDirectory(project, directory), layout: { workspace: home, context, moved: { directory, beside: [] } } }
}

/** Variables that name /app, for a program that lies below it. */
function inDirectory(project: Project, directory: string): Project {
  const env = Object.entries(project.env).map(([name, value]) => [name, value.replaceAll(/(^|:)\/app(?=\/|:|$)/g, `$1/app/${directory}`)])
  return { ...project, env: Object.fromEntries(env) }
}

function sorted(paths: readonly string[]): string[] {
  return [...new Set(paths)].sort((a, b) => (a < b ? -1 : 1))
}
