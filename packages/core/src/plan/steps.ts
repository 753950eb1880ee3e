import { denoDirectory } from '../detect/deno/steps.ts'
import type { Install } from '../detect/install.ts'
import { builtAlone, nodeSteps } from './node-steps.ts'
import type { Step } from './plan.ts'
import { workspaceSteps } from './workspace-steps.ts'
import {
  builtForImage,
  builtInImage,
  builtInStage,
  commands,
  fetches,
  source,
  sourceToBuild,
  system,
  taking,
  writes,
} from './step-parts.ts'
import type { Making } from './step-parts.ts'

export type { Making } from './step-parts.ts'

/** The steps of a plan, in order; by the manager, since that decides what reaches the image. */
export function stepsFor(making: Making): readonly Step[] {
  const { install, shared } = making
  const files = making.files.map(({ path, text }): Step => ({ in: 'image', kind: 'write', path: inUnit(path, shared), text }))
  return [...(install && shared ? workspaceSteps(making, install, shared) : programSteps(making)), ...files]
}

function inUnit(path: string, shared: Making['shared']): string {
  return shared ? `${shared.directory}/${path}` : path
}

function programSteps(making: Making): readonly Step[] {
  if (making.steps) return ownSteps(making, making.steps)
  if (!making.install) return making.build ? builtAlone(making, making.build) : [...system(making), source, ...commands(making, 'image')]
  switch (making.install.installer ?? making.install.manager) {
    case 'pip':
    case 'pdm':
    case 'pipenv':
    case 'conda':
    case 'pixi':
      return pip(making, making.install)
    case 'uv':
    case 'poetry':
      return virtualEnvironment(making, making.install, making.install.manager === 'uv' ? 'uv' : 'poetry')
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
      return nodeSteps(making, making.install, making.install.manager as 'npm' | 'pnpm' | 'yarn' | 'bun')
  }
}

/**
 * The user's commands come after the last step of the stage in which the language builds; what packages fetch at the end, since the
 * language's own tool finds its packages by the manifests.
 */
function ownSteps(making: Making, steps: readonly Step[]): Step[] {
  const stage = steps.some((step) => step.in === 'build') ? 'build' : 'image'
  const last = steps.findLastIndex((step) => step.in === stage) + 1
  const own = [...steps.slice(0, last), ...commands(making, stage), ...steps.slice(last)]
  return [...system(making, { build: stage === 'build' }), ...own, ...fetches({ ...making, fetches: byDeno(making.fetches ?? []) })]
}

/** Of the languages with steps of their own Deno alone has such packages, and its image no node. */
function byDeno(all: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return all.map((argv) =>
    argv.flatMap((word) => {
      const name = /^node_modules\/([\w-]+)\/cli\.js$/.exec(word)?.[1]
      return word === 'node' ? [`DENO_DIR=${denoDirectory}`, 'deno', 'run', '--allow-all'] : name === undefined ? [word] : [`npm:${name}`]
    }),
  )
}

// One stage, unless something is needed only to install: compilers and git stay out of the image.
function pip(making: Making, install: Install): Step[] {
  const apart = (making.systemBuild.length > 0 || making.build?.apart === true) && making.pythonLine !== undefined
  const stage = apart ? 'build' : 'image'
  const by = making.installer ? { installer: making.installer } : {}
  const installing: Step[] = [
    ...writes(install, stage),
    ...(install.wholeSource ? [apart ? sourceToBuild : source] : []),
    { in: stage, kind: 'python', manager: 'pip', ...by, manifests: install.manifests, groups: making.groups },
    ...besideFile(making, stage),
  ]
  const packages = `/usr/local/lib/python${making.pythonLine}/site-packages`
  const taken: Step[] = apart ? [taking(packages, packages), taking('/usr/local/bin', '/usr/local/bin')] : []
  const end = install.wholeSource && !apart ? [] : [source]
  return [
    ...system(making, { build: apart }),
    ...installing,
    ...(apart ? builtInStage(making, install.wholeSource ? [] : [sourceToBuild]) : []),
    ...taken,
    ...fetches(making),
    ...end,
    ...(apart ? builtForImage(making) : builtInImage(making)),
    ...commands(making, 'image'),
  ]
}

function virtualEnvironment(making: Making, install: Install, manager: 'uv' | 'poetry'): Step[] {
  const beside = besideFile(making, 'build')
  return [
    ...system(making, { build: true }),
    ...writes(install, 'build'),
    ...(install.wholeSource ? [sourceToBuild] : []),
    { in: 'build', kind: 'python', manager, manifests: install.manifests, groups: making.groups },
    ...beside,
    ...builtInStage(making, install.wholeSource ? [] : [sourceToBuild]),
    taking('/opt/venv', '/opt/venv'),
    ...fetches(making),
    source,
    ...builtForImage(making),
    ...commands(making, 'image'),
  ]
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
