import type { Step } from '../../plan/plan.ts'
import type { Notice } from '../detection.ts'
import { mostPaths } from '../workspaces/directories.ts'
import type { DenoCode, DenoManifests } from './manifests.ts'
import type { DenoProgram } from './program.ts'

/** Where Deno keeps what it loads: outside of /app, so that a copy of the source cannot touch it. */
export const denoDirectory = '/opt/deno-cache'

export interface DenoInstall {
  readonly steps: readonly Step[]
  readonly notices: readonly Notice[]
}

/** Packages from the manifests alone, then what the source imports besides; the image starts without the network. */
export function denoInstall(manifests: DenoManifests, code: readonly DenoCode[], program: DenoProgram): DenoInstall {
  const { locked, packages, modules, beside } = manifests
  const frozen = locked ? ['--frozen'] : []
  const options = loading(program.options ?? [])
  // what lies beside comes with the source alone
  const few = manifests.files.length > 0 && manifests.files.length <= mostPaths && beside.length === 0
  const early = few && (packages.size > 0 || manifests.files.includes('package.json'))
  const late = packages.size > 0 || options.length > 0 || code.some(loadsByItself)
  if (!early && !late && program.made === undefined) return { steps: [source('image')], notices: [] }
  const made: Step = { in: 'image', kind: 'copy', from: 'build', paths: ['.'], to: '.' }
  return {
    steps: [
      ...(early ? [...manifestSteps(manifests.files), run(['deno', 'install', ...frozen])] : []),
      source('build'),
      ...(program.made === undefined ? [] : [run(['deno', 'task', program.made])]),
      run(['deno', 'install', ...frozen, ...options, '--entrypoint', program.file]),
      // Deno makes none where no package of npm is needed
      ...(modules.length > 0 ? [plainRun(['mkdir', '-p', ...modules])] : []),
      { in: 'image', kind: 'copy', from: 'build', paths: [denoDirectory], to: denoDirectory },
      ...modules.map((path): Step => ({ in: 'image', kind: 'copy', from: 'build', paths: [path], to: path })),
      // what lies beside is not made
      ...(program.made === undefined || beside.length > 0 ? [source('image')] : []),
      ...(program.made === undefined ? [] : [made]),
    ],
    notices: locked ? [] : [noLock(manifests)],
  }
}

/** Each where it lies: those of a workspace's members are in their directories. */
function manifestSteps(files: readonly string[]): Step[] {
  const [top, below] = [files.filter((path) => !path.includes('/')), files.filter((path) => path.includes('/'))]
  const copy = (paths: readonly string[], to: string): Step => ({ in: 'build', kind: 'copy', from: 'source', paths, to })
  return [...(top.length > 0 ? [copy(top, '.')] : []), ...below.map((path) => copy([path], path))]
}

function loadsByItself({ files }: DenoCode): boolean {
  return files.program.some((file) => files.imports(file).some(({ module }) => /^(?:npm|jsr|https?):/.test(module)))
}

/** The options of the start that decide what is loaded. */
function loading(options: readonly string[]): readonly string[] {
  return options.flatMap((option, at) => {
    if (!/^(?:--import-map|--config|-c)(?:=|$)/.test(option)) return []
    return option.includes('=') ? [option] : options.slice(at, at + 2)
  })
}

function source(stage: 'build' | 'image'): Step {
  return { in: stage, kind: 'copy', from: 'source', paths: ['.'], to: '.' }
}

function run(argv: readonly string[]): Step {
  return plainRun(['env', `DENO_DIR=${denoDirectory}`, ...argv])
}

function plainRun(argv: readonly string[]): Step {
  return { in: 'build', kind: 'run', argv, secrets: [] }
}

function noLock({ named }: DenoManifests): Notice {
  const message = 'No deno.lock: the same source may load other versions later. `deno install` makes one.'
  return { code: 'no_lock', message, ...(named === undefined ? {} : { file: named }) }
}
