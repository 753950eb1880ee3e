import { BuildError, shown, type Json } from '../failure/error.ts'
import type { Config } from '../plan/config.ts'
import type { Source } from '../source/source.ts'
import { attempt } from './attempt.ts'
import type { Candidate } from './detection.ts'
import { languages } from './languages.ts'
import { parent } from './paths.ts'
import type { Project } from './project.ts'
import { byText, treeOf, type Tree } from './tree.ts'
import { errorAtSource } from './unit-errors.ts'
import { likelyMembers } from './workspaces/choose.ts'
import { frontendOf, isSite } from './workspaces/frontend.ts'
import { workspaceAt } from './workspaces/workspace.ts'

/** The files by which a directory is a project. */
export const manifest: RegExp =
  /(?:^|\/)(?:package\.json|pyproject\.toml|requirements\.txt|Pipfile|uv\.lock|poetry\.lock|go\.mod|go\.work|deno\.jsonc?)$/

/** The answer where a person has to choose. */
export function severalUnits(units: readonly UnitCandidate[]): BuildError {
  const names = units.map(({ config }) => shown(config.unit)).join(', ')
  return new BuildError('several_candidates', `no program at the top, but in ${names.slice(0, 300)}`, {
    hint: 'Choose one: set "unit" in kiln.json, or pass it as an option.',
    data: { candidates: units as unknown as Json },
  })
}

export type UnitCandidate = Candidate & { readonly config: { readonly unit: string } }

/** The projects in the directories below, at most 20. */
export function unitsBelow(tree: Tree, source: Source, config: Config): UnitCandidate[] {
  const units = withoutServed(projectsIn(unitsIn(tree), tree, source, config), source, config)
  return withoutUnsure(units).map(({ candidate }) => candidate)
}

/** Directories of the source with a manifest of their own, and with a program beside such. */
export function unitsIn(tree: Tree): string[] {
  const marked = tree.files.filter((path) => path.includes('/') && manifest.test(path)).map(parent)
  const all = new Set([...marked, ...siblings(tree, marked)])
  const inside = (unit: string): boolean => {
    for (let above = parent(unit); above !== ''; above = parent(above)) if (all.has(above)) return true
    return false
  }
  return [...all]
    .filter((unit) => !inside(unit))
    .sort(byText)
    .map((unit) => tree.inSource(unit))
}

export interface UnitProject {
  /** the unit, or the workspace whose member it is */
  readonly of: string
  readonly tree: Tree
  readonly candidate: UnitCandidate
  readonly project: Project
}

/** A directory that is a workspace stands for its members. */
function withMembers(unit: string, source: Source, edition: Tree['edition']): readonly string[] {
  const workspace = workspaceAt(source, unit, edition)
  return workspace ? likelyMembers(workspace) : [unit]
}

/** What these directories of the source are, at most 20. */
export function projectsIn(given: readonly string[], { edition }: Tree, source: Source, config: Config): UnitProject[] {
  const units = given.slice(0, 20).flatMap((of) => withMembers(of, source, edition).map((unit) => ({ unit, of })))
  return units.slice(0, 20).flatMap(({ unit, of }) => {
    const one = projectIn(unit, treeOf(source, unit, edition), config)
    return one ? [{ ...one, of }] : []
  })
}

/** Of a workspace what is surely a program, if there is such. */
function withoutUnsure(units: readonly UnitProject[]): readonly UnitProject[] {
  const sure = new Set(units.flatMap(({ of, project }) => (project.strength === 'strong' ? of : [])))
  return units.filter(({ of, project }) => project.strength === 'strong' || !sure.has(of))
}

function projectIn(unit: string, tree: Tree, config: Config): Omit<UnitProject, 'of'> | undefined {
  const { project } = languages.map((language) => attempt(() => language(tree, { ...config, unit }))).find((one) => one.project) ?? {}
  if (!project) return undefined
  const evidence = { ...project.start.evidence, ...inUnit(project, unit) }
  return { tree, project, candidate: { config: { unit }, title: `build ${unit} (${project.language.value})`, evidence } }
}

/** Why a directory below is no project, where its manifest cannot be read: what to say when nothing else is found. */
export function unreadableBelow(tree: Tree, source: Source): BuildError | undefined {
  for (const unit of unitsIn(tree).slice(0, 20)) {
    const own = treeOf(source, unit, tree.edition)
    for (const language of languages) {
      const { error } = attempt(() => language(own, { unit }))
      if (error?.code === 'invalid_manifest') return errorAtSource(error, own)
    }
  }
  return undefined
}

/** Without the front ends that another of them serves. */
export function withoutServed(units: readonly UnitProject[], source: Source, config: Config): readonly UnitProject[] {
  if (units.length < 2) return units
  const sites = new Set(units.flatMap(({ tree, project }) => attemptFrontend(source, tree, project, config)))
  return units.filter(({ tree, project }) => !isSite(project) || !sites.has(tree.unit))
}

function attemptFrontend(source: Source, tree: Tree, project: Project, config: Config): string[] {
  if (isSite(project)) return []
  const found = frontendOf(source, tree, project, config)
  return found ? [found.unit] : []
}

const program = /\/(?:main|app|server|agent|bot|index)\.(?:py|[cm]?[jt]s)$/

/** Beside a directory that is a project, one with a program is a project too, manifest or not. */
function siblings(tree: Tree, units: readonly string[]): string[] {
  const parents = new Set(units.map(parent))
  return tree.files
    .filter((path) => program.test(path))
    .map(parent)
    .filter((directory) => parents.has(parent(directory)))
}

function inUnit({ start }: Project, unit: string): { file?: string } {
  return start.evidence.file === undefined ? {} : { file: `${unit}/${start.evidence.file}` }
}
