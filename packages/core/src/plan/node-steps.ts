import type { Install } from '../detect/install.ts'
import type { Build } from '../detect/project.ts'
import type { Step } from './plan.ts'
import { commands, run, source, sourceToBuild, system, taking, writes, type Making } from './step-parts.ts'

type Manager = Extract<Step, { kind: 'node' }>['manager']

/** The steps of a Node program, by what of the build the image takes. */
export function nodeSteps(making: Making, install: Install, manager: Manager): Step[] {
  const { build } = making
  if (!build && !making.needsPackages) return [...system(making), source, ...commands(making, 'image')]
  if (build?.alone) return builtWhole(making, install, manager)
  return installsTwice(making, install) ? builtApart(making, install, manager) : builtTogether(making, install, manager)
}

/** A build without packages: of the script alone, with what the base brings. */
export function builtAlone(making: Making, build: Build): Step[] {
  const taken = build.alone ? build.alone.map(({ from, to }) => taking(from, to)) : outputs(making)
  return [...system(making, { build: true }), sourceToBuild, ...building(build), ...commands(making, 'build'), ...taken]
}

/** What the build wrote is all: no package and no source reaches the image. */
function builtWhole(making: Making, install: Install, manager: Manager): Step[] {
  const build = making.build!
  return [
    ...system(making, { build: true }),
    ...installing(making, install, { stage: 'build', manager, groups: withDev(making.groups) }),
    ...beside(making, manager, 'build'),
    ...(install.wholeSource ? [] : [sourceToBuild]),
    ...building(build),
    ...commands(making, 'build'),
    ...build.alone!.map(({ from, to }) => taking(from, to)),
  ]
}

/** Known outputs, and packages that the manifests alone bring: then no stage has to wait for the other. */
function installsTwice({ build, systemBuild, beside: more, bare }: Making, install: Install): boolean {
  if (!build || bare || build.outputs.length === 0 || build.inPackages || systemBuild.length > 0 || install.wholeSource) return false
  // a manager that the base lacks is gone from the image when further packages would come
  return more.length === 0 || install.manager === 'npm'
}

// The two stages install by themselves: the layers of both depend on the manifests alone, so an edit of the source only builds.
function builtApart(making: Making, install: Install, manager: Manager): Step[] {
  const { build, needsPackages, groups } = making
  return [
    ...installing(making, install, { stage: 'build', manager, groups: withDev(groups) }),
    sourceToBuild,
    ...building(build!),
    ...commands(making, 'build'),
    ...system(making),
    ...(needsPackages ? installing(making, install, { stage: 'image', manager, groups }) : []),
    ...beside(making, manager, 'image'),
    ...fetches(making),
    source,
    ...build!.outputs.map((path) => taking(path, path)),
  ]
}

// npm is in the base image; the others are not, and neither compilers nor build tools belong into the image.
function builtTogether(making: Making, install: Install, manager: Manager): Step[] {
  const { build } = making
  const apart =
    making.bare === true || build !== undefined || manager !== 'npm' || making.systemBuild.length > 0 || install.runsScripts === true
  const stage = apart ? 'build' : 'image'
  const groups = build || install.runsScripts ? withDev(making.groups) : making.groups
  const installed = installing(making, install, { stage, manager, groups })
  if (!apart)
    return [
      ...system(making),
      ...installed,
      ...beside(making, manager, stage),
      ...fetches(making),
      ...(install.wholeSource ? [] : [source]),
      ...commands(making, 'image'),
    ]
  const needsSource = build !== undefined || making.commands.length > 0
  return [
    ...system(making, { build: true }),
    ...installed,
    ...(needsSource && !install.wholeSource ? [sourceToBuild] : []),
    ...(build ? building(build) : []),
    ...commands(making, 'build'),
    ...(groups === making.groups ? [] : pruning(making, install, manager)),
    ...beside(making, manager, stage),
    ...outputs(making),
  ]
}

interface Where {
  readonly stage: 'build' | 'image'
  readonly manager: Manager
  readonly groups: readonly string[]
}

function installing(_: Making, install: Install, { stage, manager, groups }: Where): Step[] {
  const whole = stage === 'build' ? sourceToBuild : source
  const without = install.without && install.without.length > 0 ? { without: install.without } : {}
  return [
    ...writes(install, stage),
    ...(install.wholeSource ? [whole] : []),
    { in: stage, kind: 'node', manager, manifests: install.manifests, groups, ...without },
  ]
}

function building({ argv, before = [], after = [] }: Build): Step[] {
  return [...before, argv, ...after].map((one) => run('build', one))
}

function withDev(groups: readonly string[]): readonly string[] {
  return [...new Set([...groups, 'dev'])]
}

/** What only the build needed is taken away before the image takes the rest. */
function pruning({ groups }: Making, install: Install, manager: Manager): Step[] {
  // packages that only a written manifest names would all be taken away by the source's own
  if (groups.includes('dev') || install.generated.length > 0) return []
  return prune(manager, Number(install.toolchain?.version.split('.')[0] ?? 0), install).map((argv) => run('build', argv))
}

function prune(manager: Manager, major: number, { runsScripts }: Install): string[][] {
  switch (manager) {
    case 'npm':
      return [['npm', 'prune', '--omit=dev', '--ignore-scripts']]
    case 'pnpm':
      // without its store, which is not kept, pnpm makes node_modules anew, and would ask first
      return [['pnpm', 'prune', '--prod', '--config.ignore-scripts=true', '--config.confirmModulesPurge=false']]
    case 'yarn':
      if (major === 1) return [['yarn', 'install', '--production', '--ignore-scripts', '--non-interactive']]
      return major >= 4 ? [['env', 'YARN_ENABLE_SCRIPTS=0', 'yarn', 'workspaces', 'focus', '--all', '--production']] : []
    case 'bun':
      // it takes nothing away by itself, and scripts of the project would run again
      return runsScripts
        ? []
        : [
            ['rm', '-rf', 'node_modules'],
            ['bun', 'install', '--production'],
          ]
  }
}

function outputs(making: Making): Step[] {
  const { build, install, commands: more, needsPackages } = making
  const whole = (build && build.outputs.length === 0) || (!build && (more.length > 0 || install?.runsScripts === true))
  if (whole) return [taking('.', '.'), ...fetches(making)]
  return [
    ...(needsPackages ? [taking('node_modules', 'node_modules')] : []),
    ...fetches(making),
    source,
    ...(build?.outputs ?? []).map((path) => taking(path, path)),
  ]
}

/** What the packages themselves fetch, such as a browser: into the image, before the source, which changes more often. */
function fetches({ fetches: all = [] }: Making): Step[] {
  return all.map((argv) => run('image', argv))
}

/** Packages that no manifest of the source names, after all that could take them away again. */
function beside({ beside: names, groups, install }: Making, manager: Manager, stage: 'build' | 'image'): Step[] {
  if (names.length === 0) return []
  return add(manager, names, groups.includes('dev'), install?.toolchain?.version ?? '').map((argv) => run(stage, argv))
}

function add(manager: Manager, names: readonly string[], dev: boolean, version: string): string[][] {
  switch (manager) {
    case 'npm':
      return [['npm', 'install', '--no-save', ...(dev ? [] : ['--omit=dev']), '--no-audit', '--no-fund', ...names]]
    case 'pnpm':
      return [['pnpm', 'add', '--save-prod', ...names]]
    case 'yarn':
      if (version.startsWith('1.')) return [['yarn', 'add', ...(dev ? [] : ['--production']), '--ignore-scripts', ...names]]
      return [['yarn', 'add', ...names], ...(dev ? [] : prune('yarn', Number(version.split('.')[0]), {} as Install))]
    case 'bun':
      return [['bun', 'add', ...(dev ? [] : ['--production']), ...names]]
  }
}
