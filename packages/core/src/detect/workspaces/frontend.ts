import { BuildError, isBuildError, shown } from '../../failure/error.ts'
import { directoryOf } from '../../infer/files.ts'
import type { Config } from '../../plan/config.ts'
import type { Source } from '../../source/source.ts'
import type { Evidence, Notice } from '../detection.ts'
import { detectNode } from '../node.ts'
import { configFile } from '../node/config-file.ts'
import { joined } from '../paths.ts'
import { siteFrameworks } from '../node/frameworks/sites.ts'
import { readPackageJson } from '../node/package-json.ts'
import type { Project } from '../project.ts'
import { byText, treeOf, type Tree } from '../tree.ts'
import type { Layout } from './layout.ts'
import { placed } from './place.ts'
import { atSource } from './places.ts'
import { servedDirectory, servedPlace, type Served } from './served.ts'
import { workspaceOf } from './workspace.ts'

/** A front end that the program serves: built in a stage of its own. Paths are of the source. */
export interface Frontend {
  readonly unit: string
  readonly project: Project
  readonly layout: Layout
  /** what its build writes */
  readonly output: string
  /** where the program looks for it */
  readonly at: string
  /** why it is served */
  readonly evidence: Evidence
  readonly notices: readonly Notice[]
}

/** Names that say what a directory is; a directory with another name must be named by the code. */
const usual = ['frontend', 'front-end', 'front', 'web', 'webapp', 'web-app', 'client', 'ui', 'www', 'dashboard']

/** The front end of a program, when its code serves one. `project` is the program in `tree`. Throws `invalid_config`. */
export function frontendOf(source: Source, tree: Tree, project: Project, config: Config): Frontend | undefined {
  if (config.frontend === false || isSite(project) || !['python', 'node'].includes(project.runtime.name)) return undefined
  const given = config.frontend === undefined ? undefined : directoryIn(source, config.frontend)
  const units = given === undefined ? candidates(source, tree, project) : [given]
  const files = codeOf(tree, project, units)
  const sites = units.flatMap((unit) => siteAt(source, unit, tree, config))
  if (given !== undefined && sites.length === 0)
    throw new BuildError('invalid_config', `"frontend" ${shown(given)} has no build of a site`, { data: { field: 'frontend' } })
  for (const site of sites) {
    const served = servedPlace(tree, files, site.output) ?? writtenInto(site, tree)
    if (served) return { ...site, ...served }
  }
  const likely = sites.filter(({ unit }) => given !== undefined || usual.includes(nameOf(unit)) || unit === tree.unit)
  const [only] = likely.length === 1 ? likely : []
  if (!only) return undefined
  const served = servedDirectory(tree, files, (directory) => source.entry(directory) !== undefined)
  if (served) return { ...only, ...served }
  if (given === undefined) return undefined
  return { ...only, at: only.output, evidence: { rule: 'config.frontend', says: 'the configuration names it' } }
}

/** True for a project that is a site with our server of files. */
export function isSite({ start }: Project): boolean {
  return start.evidence.rule === 'node.start.static'
}

function directoryIn(source: Source, path: string): string {
  const directory = path.replace(/^\.\//, '').replace(/\/+$/, '') || '.'
  if (directory === '.' || source.entry(directory)?.kind === 'directory') return directory
  throw new BuildError('invalid_config', `"frontend" ${shown(directory)} is no directory of the source`, { data: { field: 'frontend' } })
}

/** Directories with a package.json: of the program itself, up to two levels below, beside it. */
function candidates(source: Source, tree: Tree, project: Project): string[] {
  const own = project.runtime.name !== 'node' && tree.has('package.json') ? [tree.unit] : []
  const below = tree.files
    .filter((path) => path.endsWith('/package.json') && path.split('/').length <= 3)
    .map((path) => tree.inSource(directoryOf(path)))
  const parent = tree.unit === '.' ? undefined : directoryOf(tree.unit)
  const beside = parent === undefined ? [] : packagesIn(source, parent)
  const all = [...new Set([...own, ...below, ...beside])].filter((unit) => unit !== tree.unit || own.length > 0)
  const rank = (unit: string): number => (usual.includes(nameOf(unit)) ? usual.indexOf(nameOf(unit)) : usual.length)
  return all.sort((a, b) => rank(a) - rank(b) || byText(a, b)).slice(0, 10)
}

function packagesIn(source: Source, parent: string): string[] {
  const prefix = parent === '.' ? '' : `${parent}/`
  return source.entries.flatMap(({ kind, path }) => {
    if (kind !== 'directory' || !path.startsWith(prefix) || path.slice(prefix.length).includes('/')) return []
    return source.entry(`${path}/package.json`)?.kind === 'file' ? [path] : []
  })
}

/** The files that may serve: of the program's language, not of a front end. */
function codeOf(tree: Tree, { runtime }: Project, units: readonly string[]): string[] {
  const code = runtime.name === 'python' ? /\.py$/ : /\.(?:[cm]?[jt]s)$/
  const inside = units.filter((unit) => unit !== tree.unit)
  return tree.files.filter((path) => code.test(path) && !inside.some((unit) => tree.inSource(path).startsWith(`${unit}/`)))
}

type Site = Pick<Frontend, 'unit' | 'project' | 'layout' | 'output' | 'notices'>

function siteAt(source: Source, unit: string, { edition }: Tree, config: Config): Site[] {
  const tree = treeOf(source, unit, edition)
  if (!(tree.text('package.json') ?? '').includes('"build"')) return []
  const project = siteProject(tree)
  if (!project?.build?.alone?.[0]) return []
  const { from } = project.build.alone[0]
  const path = writtenPath(tree, from)
  const output = joined(tree.unit === '.' ? [] : tree.unit.split('/'), path)
  if (output === undefined || output === '') return []
  // a check of what the build left
  const after = project.build.after?.map((argv) => argv.map((word) => (word === from ? path : word)))
  const build = { ...project.build, ...(after ? { after } : {}) }
  const workspace = workspaceOf(source, unit, edition)
  const plain: Layout = { workspace: null, context: [unit] }
  const found = atSource({ ...project, build }, tree)
  const own = (workspace && placed(workspace, unit, found, config)) ?? { project: found, layout: plain }
  const notices = own.project.notices.filter(({ code }) => code === 'no_lock' || code === 'several_locks')
  return [{ unit, ...own, output, notices }]
}

const builders = new Set(['next', ...siteFrameworks.flatMap(({ packages }) => packages)])

/** A front end that cannot be read is none of the program's business. */
function siteProject(tree: Tree): Project | undefined {
  try {
    const manifest = readPackageJson(tree)
    // what else there is may be large, and is not looked into
    if (!manifest?.dependencies.some(({ name }) => builders.has(name))) return undefined
    const project = detectNode(tree, {})
    return project && isSite(project) ? project : undefined
  } catch (error) {
    if (isBuildError(error)) return undefined
    throw error
  }
}

/** Vite may be told to write into the back end's directory: `outDir: '../server/static'`. */
function writtenPath(tree: Tree, from: string): string {
  const said = configFile(tree, 'vite.config')?.literal('outDir')
  return typeof said === 'string' && said.startsWith('../') ? said : from
}

/** A build that writes into the program's own directory needs no other word for being served. */
function writtenInto({ unit, output }: Site, tree: Tree): Served | undefined {
  const inUnit = tree.unit === '.' || output.startsWith(`${tree.unit}/`)
  if (unit === tree.unit || output.startsWith(`${unit}/`) || !inUnit) return undefined
  const says = `the build of ${unit} writes to ${output}`
  return { at: output, evidence: { rule: 'frontend.written', file: unit === '.' ? 'package.json' : `${unit}/package.json`, says } }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
