import { commonDirectory, isWithin, within } from './directories.ts'
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
  /** Node: a word of a command in the program's directory that names a file of a package (`node_modules/next/…`), as that lies there */
  readonly inModules?: (word: string) => string
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

/** The layout with further paths of the source that the build sees; once, and before `served`. */
export function withMore({ project, layout }: Lying, unit: string, more: readonly string[]): Lying {
  if (layout.context === null || more.length === 0) return { project, layout }
  const { shared, workspace } = layout
  const own = layout.context.filter((path) => path !== unit)
  const lying =
    shared && workspace !== null ? sharedWith({ project, layout }, workspace, more) : besides({ project, layout }, unit, [...own, ...more])
  return more.includes('.') ? { ...lying, layout: { ...lying.layout, context: null } } : lying
}

/** A workspace that lies below what it needs comes to its own directory among that. */
function sharedWith({ project, layout }: Lying, workspace: string, more: readonly string[]): Lying {
  const shared = layout.shared!
  const inside = more.filter((path) => isWithin(workspace, path)).map((path) => within(workspace, path))
  const outside = more.filter((path) => !isWithin(workspace, path))
  const all: Layout = {
    ...layout,
    context: sorted([...layout.context!, ...more]),
    shared: { ...shared, directories: sorted([...shared.directories, ...inside]) },
  }
  if (outside.length === 0) return { project, layout: all }
  const home = outside.reduce(commonDirectory, workspace)
  const moved = { directory: within(home, workspace), beside: outside.map((path) => within(home, path)) }
  return inHome({ project, layout }, { ...all, workspace: home, moved })
}

/** A unit without a workspace among other directories of the source that its build sees, as they lie in the source. */
export function besides({ project, layout }: Lying, unit: string, others: readonly string[]): Lying {
  const outside = sorted(others).filter((path) => !isWithin(unit, path))
  if (outside.length === 0) return { project, layout }
  const home = outside.reduce(commonDirectory, unit)
  const moved = { directory: within(home, unit), beside: outside.map((path) => within(home, path)) }
  return inHome({ project, layout }, { workspace: home, context: sorted([unit, ...outside]), moved })
}

/** What changes for a program that serves a front end: where it lies, so that it finds the files, and what the build sees. */
export function served({ project, layout }: Lying, unit: string, found: Frontend): Lying {
  const other = found.layout.context
  const context = layout.context === null || other === null ? null : sorted([...layout.context, ...other])
  const own = layout.workspace ?? unit
  if (isWithin(own, found.at)) return { project, layout: { ...layout, context } }
  const home = commonDirectory(own, found.at)
  const beside = (layout.moved?.beside ?? []).map((path) => within(home, own === '.' ? path : `${own}/${path}`))
  const moved = { directory: within(home, stepsIn(layout, unit)), beside }
  return inHome({ project, layout }, { ...layout, workspace: home, context, moved })
}

/** The directory of the source in which the paths of the program's steps begin. */
function stepsIn({ shared, workspace, moved }: Layout, unit: string): string {
  if (!shared || workspace === null) return unit
  if (!moved) return workspace
  return workspace === '.' ? moved.directory : `${workspace}/${moved.directory}`
}

/** Variables that name the directory of the program follow it. */
function inHome({ project, layout }: Lying, to: Layout): Lying {
  const from = layout.moved ? `/app/${layout.moved.directory}` : '/app'
  const follow = (path: string): string =>
    path === from || path.startsWith(`${from}/`) ? `/app/${to.moved!.directory}${path.slice(from.length)}` : path
  const env = Object.entries(project.env).map(([name, value]) => [name, value.split(':').map(follow).join(':')])
  return { project: { ...project, env: Object.fromEntries(env) }, layout: to }
}

function sorted(paths: readonly string[]): string[] {
  return [...new Set(paths)].sort((a, b) => (a < b ? -1 : 1))
}
