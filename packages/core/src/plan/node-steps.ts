import type { Install } from '../detect/install.ts'
import type { Build } from '../detect/project.ts'
import { adding, pruning, type Manager } from './node-packages.ts'
import type { Step } from './plan.ts'
import { commands, fetches, fetchesApart, run, source, sourceToBuild, system, taking, writes, type Making } from './step-parts.ts'

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
  const apart = fetchesApart(making)
  return [
    ...system(making, { build: true }),
    ...installing(install, { stage: 'build', manager, groups: withDev(making.groups) }),
    ...beside(making, manager, 'build'),
    ...apart.build,
    ...(install.wholeSource ? [] : [sourceToBuild]),
    ...building(build),
    ...commands(making, 'build'),
    ...apart.image,
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
    ...installing(install, { stage: 'build', manager, groups: withDev(groups) }),
    sourceToBuild,
    ...building(build!),
    ...commands(making, 'build'),
    ...system(making),
    ...(needsPackages ? installing(install, { stage: 'image', manager, groups }) : []),
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
  const installed = installing(install, { stage, manager, groups })
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
    ...(groups === making.groups ? [] : pruned(making, install, manager)),
    ...beside(making, manager, stage),
    ...outputs(making),
  ]
}

interface Where {
  readonly stage: 'build' | 'image'
  readonly manager: Manager
  readonly groups: readonly string[]
}

function installing(install: Install, { stage, manager, groups }: Where): Step[] {
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
function pruned({ groups }: Making, install: Install, manager: Manager): Step[] {
  // packages that only a written manifest names would all be taken away by the source's own
  if (groups.includes('dev') || install.generated.length > 0) return []
  return pruning(manager, install.toolchain?.version ?? '0', install).map((argv) => run('build', argv))
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

function beside(making: Making, manager: Manager, stage: 'build' | 'image'): Step[] {
  return adding(making, manager).map((argv) => run(stage, argv))
}
