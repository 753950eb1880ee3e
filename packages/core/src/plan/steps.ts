import type { Install } from '../detect/install.ts'
import type { Build } from '../detect/project.ts'
import type { Step } from './plan.ts'

/** What the steps are made of. */
export interface Making {
  readonly install: Install | undefined
  readonly groups: readonly string[]
  /** `3.11` where the interpreter's own site-packages are known */
  readonly pythonLine?: string
  readonly build?: Build
  /** further commands, after the build, where the whole source is */
  readonly commands: readonly (readonly string[])[]
  readonly systemBuild: readonly string[]
  readonly systemImage: readonly string[]
  /** false when all packages are for development, so that nothing of them reaches the image */
  readonly needsPackages: boolean
  /** packages beside what a lock fixes, as requirements (`uvicorn`) or npm words (`tsx@^4`) */
  readonly beside: readonly string[]
  /** files that Kiln writes beside the source */
  readonly files: Install['generated']
}

const source: Step = { in: 'image', kind: 'copy', from: 'source', paths: ['.'], to: '.' }
const sourceToBuild: Step = { ...source, in: 'build' }

/** The steps of a plan, in order; by the manager, since that decides what reaches the image. */
export function stepsFor(making: Making): readonly Step[] {
  const files = making.files.map(({ path, text }): Step => ({ in: 'image', kind: 'write', path, text }))
  return [...programSteps(making), ...files]
}

function programSteps(making: Making): readonly Step[] {
  if (!making.install) return making.build ? builtAlone(making, making.build) : [...system(making), source, ...commands(making, 'image')]
  switch (making.install.installer ?? making.install.manager) {
    case 'pip':
    case 'pdm':
    case 'pipenv':
    case 'conda':
      return pip(making, making.install)
    case 'uv':
    case 'poetry':
      return virtualEnvironment(making, making.install, making.install.manager === 'uv' ? 'uv' : 'poetry')
    case 'npm':
    case 'pnpm':
      return node(making, making.install, making.install.manager === 'pnpm' ? 'pnpm' : 'npm')
  }
}

function system({ systemBuild, systemImage }: Making, stages: { build: boolean } = { build: false }): Step[] {
  const image = stages.build ? systemImage : [...new Set([...systemBuild, ...systemImage])].sort()
  return [
    ...(stages.build && systemBuild.length > 0 ? [{ in: 'build' as const, kind: 'system' as const, packages: systemBuild }] : []),
    ...(image.length > 0 ? [{ in: 'image' as const, kind: 'system' as const, packages: image }] : []),
  ]
}

// One stage, unless something is needed only to install: compilers and git stay out of the image.
function pip(making: Making, install: Install): Step[] {
  const apart = making.systemBuild.length > 0 && making.pythonLine !== undefined
  const stage = apart ? 'build' : 'image'
  const installing: Step[] = [
    ...writes(install, stage),
    ...(install.wholeSource ? [apart ? sourceToBuild : source] : []),
    { in: stage, kind: 'python', manager: 'pip', manifests: install.manifests, groups: making.groups },
    ...besideFile(making, stage),
  ]
  const packages = `/usr/local/lib/python${making.pythonLine}/site-packages`
  const taken: Step[] = apart ? [taking(packages, packages), taking('/usr/local/bin', '/usr/local/bin')] : []
  const end = install.wholeSource && !apart ? [] : [source]
  return [...system(making, { build: apart }), ...installing, ...taken, ...end, ...pythonBuild(making), ...commands(making, 'image')]
}

function virtualEnvironment(making: Making, install: Install, manager: 'uv' | 'poetry'): Step[] {
  const beside = besideFile(making, 'build')
  return [
    ...system(making, { build: true }),
    ...writes(install, 'build'),
    ...(install.wholeSource ? [sourceToBuild] : []),
    { in: 'build', kind: 'python', manager, manifests: install.manifests, groups: making.groups },
    ...beside,
    taking('/opt/venv', '/opt/venv'),
    source,
    ...pythonBuild(making),
    ...commands(making, 'image'),
  ]
}

/** What the program itself makes before it starts (Django's static files): it needs the packages and the source, so in the image. */
function pythonBuild({ build }: Making): Step[] {
  return build ? [{ in: 'image', kind: 'run', argv: build.argv, secrets: [] }] : []
}

/** The packages that a lock does not have, installed by pip to where the lock's are. A list with hashes takes none without. */
function besideFile({ beside }: Making, stage: 'build' | 'image'): Step[] {
  if (beside.length === 0) return []
  const path = 'requirements.more.txt'
  return [
    { in: stage, kind: 'write', path, text: beside.map((line) => `${line}\n`).join('') },
    { in: stage, kind: 'python', manager: 'pip', manifests: [path], groups: ['default'] },
  ]
}

function node(making: Making, install: Install, manager: 'npm' | 'pnpm'): Step[] {
  const { build } = making
  if (!build && !making.needsPackages) return [...system(making), source, ...commands(making, 'image')]
  if (build && build.outputs.length > 0 && making.systemBuild.length === 0 && !install.wholeSource)
    return builtApart(making, install, manager)
  // npm is in the base image; pnpm is not, and neither compilers nor build tools belong into the image
  const apart = build !== undefined || manager !== 'npm' || making.systemBuild.length > 0
  const stage = apart ? 'build' : 'image'
  const groups = build ? withDev(making.groups) : making.groups
  const installing: Step[] = [
    ...writes(install, stage),
    ...(install.wholeSource ? [apart ? sourceToBuild : source] : []),
    { in: stage, kind: 'node', manager, manifests: install.manifests, groups },
    ...besidePackages(making, manager, stage),
  ]
  if (!apart) return [...system(making), ...installing, ...(install.wholeSource ? [] : [source]), ...commands(making, 'image')]
  return [...system(making, { build: true }), ...installing, ...building(making, manager), ...outputs(making)]
}

// The two stages install by themselves: the layers of both depend on the manifests alone, so an edit of the source only builds.
function builtApart(making: Making, install: Install, manager: 'npm' | 'pnpm'): Step[] {
  const { build, needsPackages, groups } = making
  const { manifests } = install
  return [
    ...writes(install, 'build'),
    { in: 'build', kind: 'node', manager, manifests, groups: withDev(groups) },
    sourceToBuild,
    { in: 'build', kind: 'run', argv: build!.argv, secrets: [] },
    ...commands(making, 'build'),
    ...system(making),
    ...(needsPackages ? [...writes(install, 'image'), { in: 'image' as const, kind: 'node' as const, manager, manifests, groups }] : []),
    ...besidePackages(making, manager, 'image'),
    source,
    ...build!.outputs.map((path) => taking(path, path)),
  ]
}

// A build that needs no packages: of the script alone, with what the base brings.
function builtAlone(making: Making, build: Build): Step[] {
  return [
    ...system(making, { build: true }),
    sourceToBuild,
    { in: 'build', kind: 'run', argv: build.argv, secrets: [] },
    ...commands(making, 'build'),
    ...outputs(making),
  ]
}

function withDev(groups: readonly string[]): readonly string[] {
  return [...new Set([...groups, 'dev'])]
}

// The build sees the whole source and all packages; what only it needed is taken away before the image takes the rest.
function building(making: Making, manager: 'npm' | 'pnpm'): Step[] {
  const { build } = making
  if (!build) return making.commands.length > 0 ? [sourceToBuild, ...commands(making, 'build')] : []
  const npm = ['npm', 'prune', '--omit=dev', '--ignore-scripts']
  // without its store, which is not kept, pnpm makes node_modules anew, and would ask first
  const pnpm = ['pnpm', 'prune', '--prod', '--ignore-scripts', '--config.confirmModulesPurge=false']
  return [
    ...(making.install?.wholeSource ? [] : [sourceToBuild]),
    { in: 'build', kind: 'run', argv: build.argv, secrets: [] },
    ...commands(making, 'build'),
    // packages that only a written manifest names would all be taken away by the source's own
    ...(making.groups.includes('dev') || (making.install?.generated.length ?? 0) > 0
      ? []
      : [{ in: 'build' as const, kind: 'run' as const, argv: manager === 'npm' ? npm : pnpm, secrets: [] }]),
  ]
}

function outputs({ build, commands: more, needsPackages }: Making): Step[] {
  const whole = (build && build.outputs.length === 0) || (!build && more.length > 0)
  if (whole) return [taking('.', '.')]
  return [
    ...(needsPackages ? [taking('node_modules', 'node_modules')] : []),
    source,
    ...(build?.outputs ?? []).map((path) => taking(path, path)),
  ]
}

function besidePackages({ beside, groups }: Making, manager: 'npm' | 'pnpm', stage: 'build' | 'image'): Step[] {
  if (beside.length === 0) return []
  const omit = groups.includes('dev') ? [] : ['--omit=dev']
  const npm = ['npm', 'install', '--no-save', ...omit, '--no-audit', '--no-fund', ...beside]
  return [{ in: stage, kind: 'run', argv: manager === 'npm' ? npm : ['pnpm', 'add', '--save-prod', ...beside], secrets: [] }]
}

function taking(path: string, to: string): Step {
  return { in: 'image', kind: 'copy', from: 'build', paths: [path], to }
}

function writes(install: Install, stage: 'build' | 'image'): Step[] {
  return install.generated.map(({ path, text }) => ({ in: stage, kind: 'write', path, text }))
}

function commands(making: Making, stage: 'build' | 'image'): Step[] {
  return making.commands.map((argv) => ({ in: stage, kind: 'run', argv, secrets: [] }))
}
