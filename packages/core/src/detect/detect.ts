import { BuildError, isBuildError, shown, type Json } from '../failure/error.ts'
import type { Config } from '../plan/config.ts'
import type { Edition } from '../plan/editions.ts'
import type { Source } from '../source/source.ts'
import { attempt } from './attempt.ts'
import type { Finding, Notice } from './detection.ts'
import { languages, pages } from './languages.ts'
import type { Project } from './project.ts'
import { treeOf, type Tree } from './tree.ts'
import { inUnit } from './unit-errors.ts'
import { manifest, projectsIn, severalUnits, unitsBelow, unitsIn, unreadableBelow, withoutServed } from './units.ts'
import { within } from './workspaces/directories.ts'
import { addedPaths } from './workspaces/added.ts'
import { likelyMembers, memberWith, ownTree } from './workspaces/choose.ts'
import { frontendOf, isSite, type Frontend } from './workspaces/frontend.ts'
import { linkedPaths } from './workspaces/linked.ts'
import { namedBeside } from './workspaces/beside.ts'
import { aloneIn, besides, served, withMore, type Layout } from './workspaces/layout.ts'
import { placed } from './workspaces/place.ts'
import { atSource } from './workspaces/places.ts'
import { versionWish, withEvidence } from './workspaces/version-wish.ts'
import { workspaceOf, type Workspace } from './workspaces/workspace.ts'

export interface Detected {
  readonly tree: Tree
  readonly project: Project
  readonly layout: Layout
  readonly frontend?: Frontend
  /** programs of the workspace that lost against the unit */
  readonly otherUnits?: Finding<string>['lost']
  readonly notices: readonly Notice[]
}

/**
 * What a source is, as far as its files say. Throws the codes of a source that cannot be planned: `nothing_detected`,
 * `several_candidates`, `invalid_manifest`, `conflicting_constraints`, `entrypoint_not_found`, `unsupported_project`.
 */
export function detect(source: Source, config: Config, edition: Edition): Detected {
  const unit = config.unit === undefined ? '.' : unitOf(source, config.unit)
  const workspace = workspaceOf(source, unit, edition)
  const tree = workspace?.root === unit ? workspace.tree : treeOf(source, unit, edition)
  const below = workspace?.root === unit ? memberToBuild(workspace, source, config) : unitToBuild(tree, source, config)
  if (below === undefined) return projectOf({ tree, workspace }, source, config)
  const { notices, lost } = below
  return { ...withNotice(detect(source, { ...config, unit: below.unit }, edition), ...notices), ...(lost ? { otherUnits: lost } : {}) }
}

interface Below {
  readonly unit: string
  readonly lost?: Finding<string>['lost']
  readonly notices: readonly Notice[]
}

function unitToBuild(tree: Tree, source: Source, config: Config): Below | undefined {
  const unit = config.unit === undefined && config.entrypoint === undefined ? onlyUnit(tree, source, config) : undefined
  return unit === undefined ? undefined : { unit, notices: [unitNotice(unit, 'the only project of the source')] }
}

/**
 * The member that is meant where the root of a workspace is no program itself: the one that has the given entry point, that the
 * root's start script names, that alone may be started. Throws `several_candidates`.
 */
function memberToBuild(workspace: Workspace, source: Source, config: Config): Below | undefined {
  const { entrypoint, start } = config
  const given = entrypoint === undefined ? undefined : memberWith(workspace, entrypoint.replace(/^\.\//, ''))
  if (given !== undefined) return { unit: given, notices: [] }
  if (entrypoint !== undefined || start !== undefined) return undefined
  const { own, others, root } = rootOf(workspace)
  if (attempt(() => choose(root, source, config)).project?.strength === 'strong') return undefined
  const units = withoutServed(projectsIn([...likelyMembers(workspace), ...others], own, source, config), source, config)
  const strong = units.filter((unit) => unit.project.strength === 'strong')
  const likely = strong.length > 0 ? strong : units
  if (likely.length > 1) throw severalUnits(likely.map(({ candidate }) => candidate))
  const [chosen] = likely
  if (chosen === undefined) return undefined
  const { unit } = chosen.candidate.config
  const lost = units.flatMap((one) => (one === chosen ? [] : { value: one.candidate.config.unit, evidence: one.candidate.evidence }))
  return { unit, lost, notices: [unitNotice(unit, 'the only member of the workspace that says how it starts')] }
}

/** The root of a workspace without its members, with the projects beside them, and without those; a task of Deno may name any file. */
function rootOf({ kind, root: directory, tree, members }: Workspace): { own: Tree; others: readonly string[]; root: Tree } {
  const own = ownTree(
    tree,
    members.map((member) => member.directory),
  )
  const others = unitsIn(own)
  const root = ownTree(
    own,
    others.map((unit) => within(directory, unit)),
  )
  return { own, others, root: kind === 'deno' ? { ...root, has: (path) => tree.has(path) } : root }
}

/** The project of a unit, where it lies, and what the build sees. */
function projectOf({ tree, workspace }: { tree: Tree; workspace: Workspace | undefined }, source: Source, config: Config): Detected {
  const wish = workspace && workspace.root !== tree.unit ? versionWish(workspace, tree, config) : undefined
  const wishes = wish ? { ...config, runtime: { version: wish.version } } : config
  const chosen = orDockerfile(tree, () => inUnit(tree, () => choose(tree, source, belowUnit(wishes, tree.unit))))
  const found = atSource(wish ? withEvidence(chosen, wish) : chosen, tree)
  const shared = workspace && placed(workspace, tree.unit, found, config)
  const others = [...namedBeside(source, tree), ...(found.beside ?? [])]
  const own = shared ?? besides({ project: found, layout: aloneIn(tree.unit) }, tree.unit, others)
  const frontend = frontendOf(source, tree, own.project, config)
  const added = addedPaths(source, config.context?.add ?? [])
  const seen = own.layout.context === null || added.includes('.') ? [] : [...own.layout.context, ...added]
  const links = linkedPaths(source, seen, tree.unit)
  const more = withMore(own, tree.unit, [...added, ...links.paths])
  const lying = frontend ? { ...served(more, tree.unit, frontend), frontend } : more
  const notices = [...lying.project.notices, ...links.notices]
  return withNotice({ tree, ...lying, notices }, ...frontendNotices(frontend), ...dockerfileNotice(tree))
}

function frontendNotices(frontend: Frontend | undefined): Notice[] {
  if (!frontend) return []
  const { unit, at, evidence, notices } = frontend
  const { file, line } = evidence
  const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) }
  const message = `The front end in ${unit} is built, and its files are put to ${at}.`
  return [...notices, { code: 'frontend_built', message, ...place, fix: { frontend: false } }]
}

/** What cannot be planned may still be built: a Dockerfile at the top needs no plan. */
function orDockerfile<T>(tree: Tree, run: () => T): T {
  try {
    return run()
  } catch (error) {
    const dockerfile = tree.unit === '.' && tree.has('Dockerfile') ? 'Dockerfile' : undefined
    const noPlan = isBuildError(error) && (error.code === 'nothing_detected' || error.code === 'unsupported_project')
    if (!noPlan || dockerfile === undefined) throw error
    const hint = `\`kiln build\` uses the ${dockerfile} of the source, and needs no plan.`
    throw new BuildError(error.code, error.message, { hint, data: { ...error.data, dockerfile }, cause: error.cause })
  }
}

function withNotice(detected: Detected, ...notices: readonly Notice[]): Detected {
  return { ...detected, notices: [...detected.notices, ...notices] }
}

function unitNotice(unit: string, why: string): Notice {
  return { code: 'unit_chosen', message: `${unit} is built: it is ${why}.`, file: unit, fix: { unit } }
}

/**
 * The directory to build when the top has no manifest and no program, but directories below have. Throws
 * `several_candidates` when there are several.
 */
function onlyUnit(tree: Tree, source: Source, config: Config): string | undefined {
  const top = tree.files.filter((path) => !path.includes('/'))
  if (top.some((path) => manifest.test(path) || /\.(?:py|go|[cm]?[jt]s)$/.test(path))) return undefined
  const units = unitsBelow(tree, source, config)
  if (units.length > 1) throw severalUnits(units)
  return units[0]?.config.unit
}

function unitOf(source: Source, unit: string): string {
  const path = unit.replace(/^\.\//, '').replace(/\/+$/, '')
  if (path === '.' || path === '') return '.'
  if (source.entry(path)?.kind === 'directory') return path
  throw new BuildError('invalid_config', `"unit" ${shown(path)} is no directory of the source`, { data: { field: 'unit' } })
}

// people name the entry point from the source or from the unit; both are understood
function belowUnit(config: Config, unit: string): Config {
  const { entrypoint } = config
  return unit !== '.' && entrypoint?.startsWith(`${unit}/`) ? { ...config, entrypoint: entrypoint.slice(unit.length + 1) } : config
}

/** The one project of the unit. A language whose start is only guessed loses to one whose start is known, pages alone to any program. */
function choose(tree: Tree, source: Source, config: Config): Project {
  const tries = languages.map((language) => attempt(() => language(tree, config)))
  const found = tries.flatMap((one) => (one.project ? [one.project] : []))
  const strong = found.filter(({ strength }) => strength === 'strong')
  const likely = strong.length > 0 ? strong : found
  const errors = tries.flatMap((one) => (one.error ? [one.error] : []))
  const refused = errors.find(({ code }) => code !== 'nothing_detected') ?? errors[0]
  const site = strong.length > 0 ? {} : attempt(() => pages(tree, config))
  if (site.project && (site.project.strength === 'strong' || (found.length === 0 && mayBePages(refused)))) return site.project
  if (likely.length === 1 && (strong.length > 0 || refused === undefined || refused.code === 'nothing_detected')) return likely[0]!
  const program = likely.length > 1 ? withOwnSite(likely, tree, source, config) : undefined
  if (program) return program
  if (likely.length > 1) throw severalLanguages(likely)
  if (refused && refused.code !== 'nothing_detected') throw refused
  if (site.error && site.error.code !== 'nothing_detected') throw site.error
  throw nothing(tree, source, refused)
}

function mayBePages(refused: BuildError | undefined): boolean {
  return refused === undefined || refused.code === 'nothing_detected'
}

/** The program among several projects of one directory, where the other one is the front end that it serves. */
function withOwnSite(projects: readonly Project[], tree: Tree, source: Source, config: Config): Project | undefined {
  const [program, ...others] = projects.filter((project) => !isSite(project))
  if (!program || others.length > 0) return undefined
  return frontendOf(source, tree, program, config)?.unit === tree.unit ? program : undefined
}

function severalLanguages(projects: readonly Project[]): BuildError {
  const candidates = projects.map(({ language, start, entrypoint }) => ({
    config: { language: language.value },
    title: `build the ${language.value} program${entrypoint ? ` ${entrypoint.value}` : ''}`,
    evidence: start.evidence,
  }))
  const names = candidates.map(({ config }) => config.language).join(' and ')
  return new BuildError('several_candidates', `the source has a ${names} program`, {
    hint: 'Choose one: set "language" (or "entrypoint") in kiln.json, or pass it as an option.',
    data: { candidates: candidates as unknown as Json },
  })
}

/** Nothing here: perhaps in the directories below. */
function nothing(tree: Tree, source: Source, refused: BuildError | undefined): BuildError {
  const units = tree.unit === '.' ? unitsBelow(tree, source, {}) : []
  if (units.length > 0) return severalUnits(units)
  const foreign = Object.keys(foreignManifests).find((path) => tree.has(path))
  if (foreign !== undefined) return ofOtherLanguage(foreign)
  const unreadable = tree.unit === '.' && !tree.has('Dockerfile') ? unreadableBelow(tree, source) : undefined
  if (unreadable) return unreadable
  const what = tree.files.length === 0 ? 'the source has no files' : (refused?.message ?? noProgram(tree.files.length))
  return new BuildError('nothing_detected', what, { data: { candidates: [] } })
}

function noProgram(files: number): string {
  const among = `${files} file${files === 1 ? '' : 's'}`
  return `no program among ${among}: Kiln looked for package.json, pyproject.toml, requirements.txt, go.mod, deno.json, index.html, and for Python, JavaScript, TypeScript and Go`
}

const foreignManifests: Readonly<Record<string, string>> = {
  'Cargo.toml': 'Rust',
  'pom.xml': 'Java',
  'build.gradle': 'Java',
  'build.gradle.kts': 'Kotlin',
  'composer.json': 'PHP',
  Gemfile: 'Ruby',
  'mix.exs': 'Elixir',
  'Package.swift': 'Swift',
}

function ofOtherLanguage(file: string): BuildError {
  return new BuildError('unsupported_project', `${file}: this is ${foreignManifests[file]!}, which Kiln does not plan yet`, {
    data: { file },
  })
}

function dockerfileNotice(tree: Tree): Notice[] {
  const file = ['Dockerfile', 'Containerfile'].find((path) => tree.has(path))
  return file === undefined ? [] : [{ code: 'dockerfile_not_used', message: `${file} is there, but the plan does not use it.`, file }]
}
