import type { Install } from '../detect/install.ts'
import { fewer, mostPaths } from '../detect/workspaces/directories.ts'
import type { Shared } from '../detect/workspaces/layout.ts'
import { adding, type Manager } from './node-packages.ts'
import type { Step } from './plan.ts'
import { builtInImage, builtInStage, commands, fetches, fetchesApart, system, taking, writes, type Making } from './step-parts.ts'

type Inside = 'build' | 'image'

/** The steps of a program that is a member of a workspace: /app has the workspace, as far as the program needs it. */
export function workspaceSteps(making: Making, install: Install, shared: Shared): readonly Step[] {
  if (install.manager === 'uv') return uvSteps(making, install, shared)
  const own = making.build && shared.ownBuild ? building(making.build, shared) : []
  const others = shared.builds.filter(({ argv }) => argv.length > 0)
  const builds = [
    ...(others.length > mostPaths ? [inOneRun(others)] : others.map(({ directory, argv }) => runIn('build', directory, argv))),
    ...own,
  ]
  const parts: Parts = { making, install, shared, builds }
  if (making.build?.alone) return wholeBuilt(parts)
  if (builds.length === 0 && !needsBuildStage(parts)) return inOneStage(parts)
  return outputsKnown(parts) ? builtApart(parts) : builtTogether(parts)
}

interface Parts {
  readonly making: Making
  readonly install: Install
  readonly shared: Shared
  readonly builds: readonly Step[]
}

function needsBuildStage({ making, install }: Parts): boolean {
  return making.systemBuild.length > 0 || install.runsScripts === true || (making.beside.length > 0 && install.manager !== 'npm')
}

function outputsKnown(parts: Parts): boolean {
  const { making, shared, install } = parts
  const known = shared.builds.every(({ outputs, directory }) => outputs.length > 0 || directory === '.')
  const own = making.build === undefined || (making.build.outputs.length > 0 && !making.build.inPackages)
  return known && own && !needsBuildStage(parts) && !install.wholeSource
}

function inOneStage(parts: Parts): Step[] {
  const { making, install, shared } = parts
  return [
    ...system(making),
    ...installing(parts, 'image', making.groups),
    ...beside(parts, 'image'),
    ...fetches(making),
    ...(install.wholeSource ? [] : copies(shared, 'image')),
    ...inUnit(commands(making, 'image'), shared),
  ]
}

// As for a single package: each stage installs from the manifests alone, so that an edit of the source only builds.
function builtApart(parts: Parts): Step[] {
  const { making, shared, builds } = parts
  const members = shared.builds.flatMap(({ directory, outputs }) => outputs.map((path) => `${directory}/${path}`))
  const own = (making.build?.outputs ?? []).map((path) => `${shared.directory}/${path}`)
  return [
    ...installing(parts, 'build', withDev(making.groups)),
    ...copies(shared, 'build'),
    ...builds,
    ...inUnit(commands(making, 'build'), shared),
    ...system(making),
    ...installing(parts, 'image', making.groups),
    ...beside(parts, 'image'),
    ...fetches(making),
    ...copies(shared, 'image'),
    ...[...members, ...own].map((path) => taking(path, path)),
  ]
}

// Unknown outputs, compilers, scripts of the project: everything is made in the build stage, and the image takes what is left of it.
function builtTogether(parts: Parts): Step[] {
  const { making, install, shared, builds } = parts
  const develops = builds.length > 0 || install.runsScripts === true
  const groups = develops ? withDev(making.groups) : making.groups
  return [
    ...system(making, { build: true }),
    ...installing(parts, 'build', groups),
    ...(install.wholeSource ? [] : copies(shared, 'build')),
    ...builds,
    ...inUnit(commands(making, 'build'), shared),
    ...(develops && !making.groups.includes('dev') && !making.build?.inPackages ? pruning(parts) : []),
    ...beside(parts, 'build'),
    taking('.', '.'),
    ...fetches(making),
  ]
}

/** What the build wrote is all: no package and no source reaches the image. */
function wholeBuilt(parts: Parts): Step[] {
  const { making, install, shared, builds } = parts
  const apart = fetchesApart(making)
  return [
    ...system(making, { build: true }),
    ...installing(parts, 'build', withDev(making.groups)),
    ...beside(parts, 'build'),
    ...apart.build,
    ...(install.wholeSource ? [] : copies(shared, 'build')),
    ...builds,
    ...inUnit(commands(making, 'build'), shared),
    ...apart.image,
    ...making.build!.alone!.map(({ from, to }) => taking(`${shared.directory}/${from}`, placeOf(from, to, shared))),
  ]
}

// Next lays a standalone program of a workspace out as the workspace is: below it the member's directory is there again.
function placeOf(from: string, to: string, { directory }: Shared): string {
  if (from.endsWith('.next/standalone')) return '.'
  return to === '.' ? directory : `${directory}/${to}`
}

/** Each run is a layer too. */
function inOneRun(builds: Shared['builds']): Step {
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
  const lines = builds.map(({ directory, argv }) => `(cd ${quoted(directory)} && ${argv.map(quoted).join(' ')})`)
  return runIn('build', '.', ['sh', '-c', lines.join(' && ')])
}

function building({ argv, before = [], after = [] }: NonNullable<Making['build']>, { directory }: Shared): Step[] {
  return [...before, argv, ...after].map((one) => runIn('build', directory, one))
}

function installing({ making, install, shared }: Parts, stage: Inside, groups: readonly string[]): Step[] {
  const manager = install.manager as Manager
  const root = stage === 'build' && groups.includes('dev') ? shared.root.build : shared.root.image
  const without = install.without && install.without.length > 0 ? { without: install.without } : {}
  const packages = [...(root ? ['.'] : []), ...shared.packages]
  if (!making.needsPackages && shared.packages.length === 1 && stage === 'image') return []
  return [
    ...writes(install, stage),
    ...(install.wholeSource ? copies(shared, stage) : []),
    { in: stage, kind: 'node', manager, manifests: install.manifests, groups, ...without, packages },
  ]
}

function pruning({ making, install, shared }: Parts): Step[] {
  if (install.manager === 'npm') return [runIn('build', '.', ['npm', 'prune', '--omit=dev', '--ignore-scripts'])]
  const gone = ['.', ...shared.directories].map((path) => (path === '.' ? 'node_modules' : `${path}/node_modules`))
  const [step] = installing(
    { making: { ...making, needsPackages: true }, install: withoutSource(install), shared, builds: [] },
    'build',
    making.groups,
  )
  return [runIn('build', '.', ['rm', '-rf', ...gone]), step!]
}

/** Its source is there already. */
function withoutSource(install: Install): Install {
  const { wholeSource: _, ...rest } = install
  return { ...rest, generated: [] }
}

function beside({ making, install, shared }: Parts, stage: Inside): Step[] {
  return adding(making, install.manager as Manager).map((argv) => runIn(stage, shared.directory, argv))
}

/** The directories and files of the source that the program needs, where they lie in the workspace: files at the top first. */
function copies({ directories, files }: Shared, stage: Inside, only: (path: string) => boolean = () => true): Step[] {
  const copy = (paths: readonly string[], to: string): Step => ({ in: stage, kind: 'copy', from: 'source', paths, to })
  const all = fewer([...files, ...directories.filter(only)])
  const top = all.filter((path) => files.includes(path) && !path.includes('/'))
  const others = all.filter((path) => !top.includes(path))
  return [...(top.length > 0 ? [copy(top, '.')] : []), ...others.map((path) => copy([path], path))]
}

// The lock's packages come from the manifests alone; members among them are built and installed when their source is there.
function uvSteps(making: Making, install: Install, shared: Shared): Step[] {
  const groups = making.groups.filter((group) => group !== 'default' && group !== 'dev').flatMap((group) => ['--group', group])
  const members = ['uv', 'sync', '--frozen', '--no-install-project', '--no-editable', '--compile-bytecode', '--no-dev', ...groups]
  const sources = copies(shared, 'build', (path) => path !== shared.directory)
  const many = install.manifests.length > mostPaths
  return [
    ...system(making, { build: true }),
    ...(many ? sources : []),
    { in: 'build', kind: 'python', manager: 'uv', manifests: install.manifests, groups: making.groups, packages: shared.packages },
    ...(shared.installs ? [...(many ? [] : sources), runIn('build', '.', [...members, '--package', ...shared.packages])] : []),
    ...besideFile(making),
    ...inUnit(builtInStage(making, copies(shared, 'build')), shared),
    taking('/opt/venv', '/opt/venv'),
    ...fetches(making),
    ...copies(shared, 'image'),
    ...(making.build?.apart ? making.build.outputs.map((path) => below(path, shared)) : inUnit(builtInImage(making), shared)),
    ...inUnit(commands(making, 'image'), shared),
  ]
}

function besideFile({ beside: lines }: Making): Step[] {
  if (lines.length === 0) return []
  const path = 'requirements.more.txt'
  return [
    { in: 'build', kind: 'write', path, text: lines.map((line) => `${line}\n`).join('') },
    { in: 'build', kind: 'python', manager: 'pip', manifests: [path], groups: ['default'] },
  ]
}

function withDev(groups: readonly string[]): readonly string[] {
  return [...new Set([...groups, 'dev'])]
}

function below(path: string, { directory }: Shared): Step {
  const place = directory === '.' ? path : `${directory}/${path}`
  return taking(place, place)
}

function inUnit(steps: readonly Step[], { directory }: Shared): Step[] {
  return steps.map((step) => (step.kind === 'run' ? { ...step, directory } : step))
}

function runIn(stage: Inside, directory: string, argv: readonly string[]): Step {
  return { in: stage, kind: 'run', argv, secrets: [], ...(directory === '.' ? {} : { directory }) }
}
