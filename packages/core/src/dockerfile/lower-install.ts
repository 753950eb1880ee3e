import { BuildError, shown } from '../failure/error.ts'
import type { Plan, Step } from '../plan/plan.ts'
import type { Argv, Group, Installer, Wish } from './instruction.ts'
import { ofPackages } from './lower-workspace.ts'
import { managerInstall, nodeCommands, nodeSettings } from './lower-node.ts'

/** where uv and poetry install to, outside /app so that a copy of the source cannot touch it */
export const venv = '/opt/venv'
/** where uv is while it installs a list of requirements: beside the packages, one of which may be uv */
const uvHome = '/tmp/uv'

type InstallStep = Extract<Step, { kind: 'system' | 'python' | 'node' }>
type PythonStep = Extract<Step, { kind: 'python' }>
type NodeStep = Extract<Step, { kind: 'node' }>

export interface Where {
  /** the layer is part of the image, so that tools have to go again */
  readonly kept: boolean
  /** the steps before it in the same stage */
  readonly earlier: readonly Step[]
}

/** The packages of one step. */
export function install(plan: Plan, step: InstallStep, where: Where): Group<Wish>[] {
  switch (step.kind) {
    case 'system':
      return step.packages.length === 0 ? [] : [systemPackages(step.packages)]
    case 'python':
      return python(plan, step, where)
    case 'node':
      return node(plan, step, where)
  }
}

/** Package managers that the base lacks, for a build stage: before the manifests, so that a new lock does not fetch them again. */
export function installTools(plan: Plan, steps: readonly Step[]): Group<Wish>[] {
  const managers = new Set(steps.flatMap((step) => ('manager' in step ? [step.manager] : [])))
  const groups: Group<Wish>[] = []
  for (const tool of ['uv', 'poetry'] as const) if (managers.has(tool)) groups.push({ instructions: pythonTool(plan, tool) })
  for (const tool of ['pnpm', 'yarn', 'bun'] as const)
    // as a runtime it is there already
    if (managers.has(tool) && plan.runtime.name !== tool) groups.push({ instructions: [wish('npm', [managerInstall(plan, tool)])] })
  return groups
}

function systemPackages(packages: readonly string[]): Group<Wish> {
  for (const name of packages)
    if (!/^[a-z0-9][a-z0-9+.-]*(:[a-z0-9]+)?(=[A-Za-z0-9.+:-]+)?$/.test(name))
      throw new BuildError('invalid_plan', `"${shown(name)}" is no name of a Debian package`)
  const commands = [
    ['apt-get', 'update'],
    ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages],
  ]
  return {
    why: 'Packages of the distribution.',
    instructions: [{ kind: 'arg', name: 'DEBIAN_FRONTEND', value: 'noninteractive' }, wish('apt', commands)],
  }
}

function python(plan: Plan, step: PythonStep, where: Where): Group<Wish>[] {
  const tool = step.manager === 'pip' || !where.kept ? [] : pythonTool(plan, step.manager)
  const commands = ofPackages(step, pythonCommands(plan, step, where), majorOf(plan, step.manager))
  const byUv = isByUv(step)
  const running = inDirectory(step.directory, wish(byUv ? 'uv-pip' : step.manager, commands))
  const set = [...settings[step.manager], ...(byUv ? settingsOfUv : [])]
  const instructions = [...tool, ...set, ...copies(plan, step, where), ...running]
  return [{ why: whyManifests(plan, step, where), instructions }]
}

function isByUv({ manager, installer }: PythonStep): boolean {
  return manager === 'pip' && installer === 'uv'
}

function pythonCommands(plan: Plan, step: PythonStep, where: Where): Argv[] {
  const others = step.groups.filter((group) => group !== 'default')
  switch (step.manager) {
    // further manifests are what the first one includes: they have to be there, not to be named
    case 'pip':
      if (isByUv(step)) return uvCommands(plan, step, where)
      return [['pip', ...(hasVenv(where) ? ['--python', venv] : []), 'install', '-r', requirements(step)]]
    case 'uv':
      return [
        [
          ...['uv', 'sync', '--frozen', '--no-install-project', '--compile-bytecode'],
          ...(others.includes('dev') ? [] : ['--no-dev']),
          ...others.filter((group) => group !== 'dev').flatMap((group) => ['--group', group]),
        ],
      ]
    case 'poetry':
      return poetryCommands(step, ['main', ...others].join(','))
  }
}

/** To where pip installs, compiled as pip does it. uv goes again in the same layer, with the lock that it leaves among temporary files. */
function uvCommands(plan: Plan, step: PythonStep, where: Where): Argv[] {
  const into = hasVenv(where) ? ['--python', venv] : ['--system']
  return [
    ['pip', 'install', '--target', uvHome, pinned(plan, 'uv')],
    ['/usr/bin/env', `TMPDIR=${uvHome}`, `${uvHome}/bin/uv`, 'pip', 'install', ...into, '--compile-bytecode', '-r', requirements(step)],
    ['rm', '-rf', uvHome],
  ]
}

/** What uv or poetry made is where pip goes on. */
function hasVenv(where: Where): boolean {
  return where.earlier.some((step) => step.kind === 'python' && step.manager !== 'pip')
}

/** A lock is installed by pip, which asks an index for no more than the files: every mirror can do that, Poetry wants the JSON API of PyPI. */
function poetryCommands(step: PythonStep, groups: string): Argv[] {
  const create = ['python', '-m', 'venv', venv]
  if (!step.manifests.some((path) => /(^|\/)poetry\.lock$/.test(path)))
    return [create, ['poetry', 'install', '--no-interaction', '--no-ansi', '--no-root', '--only', groups]]
  const exported = '/tmp/requirements.txt'
  return [
    create,
    ['poetry', 'export', '--no-interaction', '--no-ansi', '--only', groups, '--output', exported],
    [`${venv}/bin/pip`, 'install', '--no-deps', '-r', exported],
  ]
}

function requirements(step: PythonStep): string {
  const [first] = step.manifests
  if (first === undefined || first.endsWith('.toml') || first.startsWith('-'))
    throw new BuildError('invalid_plan', `steps: pip installs from a requirements file, not from "${shown(first ?? '')}"`)
  // pip runs in the directory of the step
  return step.directory !== undefined && first.startsWith(`${step.directory}/`) ? first.slice(step.directory.length + 1) : first
}

// ARG and not ENV: for the commands of this stage only, not for the program.
const settingsOfUv: readonly Wish[] = [arg('UV_PYTHON_DOWNLOADS', 'never'), arg('UV_LINK_MODE', 'copy')]
const settings: Readonly<Record<PythonStep['manager'], readonly Wish[]>> = {
  pip: [arg('PIP_ROOT_USER_ACTION', 'ignore'), arg('PIP_DISABLE_PIP_VERSION_CHECK', '1')],
  uv: [arg('UV_PROJECT_ENVIRONMENT', venv), ...settingsOfUv],
  poetry: [arg('VIRTUAL_ENV', venv)],
}

function pythonTool(plan: Plan, tool: 'uv' | 'poetry'): Wish[] {
  const packages = [pinned(plan, tool), ...(tool === 'poetry' ? ['poetry-plugin-export'] : [])]
  return [...settings.pip, wish('pip', [['pip', 'install', ...packages]])]
}

function node(plan: Plan, step: NodeStep, where: Where): Group<Wish>[] {
  const commands = ofPackages(step, nodeCommands(plan, step, where.kept), majorOf(plan, step.manager))
  const running = inDirectory(step.directory, wish(step.manager, commands))
  return [
    {
      why: whyManifests(plan, step, where),
      instructions: [...nodeSettings(plan, step), ...copies(plan, step, where), ...running],
    },
  ]
}

/** 0 where the plan does not name it */
function majorOf({ toolchains }: Plan, manager: string): number {
  return Number(toolchains.find(({ name }) => name === manager)?.version.split('.')[0] ?? 0)
}

/** COPY of manifests to where they lie in the source, one instruction for each directory; none of what is there already. */
function copies(plan: Plan, step: PythonStep | NodeStep, where: Where): Wish[] {
  const missing = step.manifests.filter((path) => !isThere(plan, path, where))
  const byDirectory = Map.groupBy(missing, (path) => path.slice(0, path.lastIndexOf('/') + 1))
  return [...byDirectory].map(([directory, paths]): Wish => {
    const sources = paths.map((path) => (isWritten(plan, path) ? path : inSource(plan, path)))
    const to = directory !== '' ? directory : sources.length === 1 ? '.' : './'
    return { kind: 'copy', sources, to, owned: false }
  })
}

/** Copied by an earlier step. Written files lie at the top of the context. */
function isThere(plan: Plan, path: string, { earlier }: Where): boolean {
  if (isWritten(plan, path) && home(plan) !== '.') return false
  return earlier.some(
    (step) =>
      step.kind === 'copy' && step.from === 'source' && step.paths.some((one) => one === '.' || one === path || path.startsWith(`${one}/`)),
  )
}

function isWritten(plan: Plan, path: string): boolean {
  return plan.steps.some((other) => other.kind === 'write' && other.path === path)
}

/** The directory of the source that comes to /app. */
export function home({ workspace, unit }: Plan): string {
  return workspace ?? unit
}

/** Paths of a plan are below what comes to /app; the context has the paths of the source. */
export function inSource(plan: Plan, path: string): string {
  const above = home(plan)
  if (above === '.') return path
  return path === '.' ? above : `${above}/${path}`
}

/** An instruction that is carried out in a directory below /app. */
export function inDirectory(directory: string | undefined, instruction: Wish): Wish[] {
  if (directory === undefined || directory === '.') return [instruction]
  return [{ kind: 'workdir', path: `/app/${directory}` }, instruction, { kind: 'workdir', path: '/app' }]
}

function whyManifests(plan: Plan, step: PythonStep | NodeStep, where: Where): string {
  const written = step.manifests.filter((path) => isWritten(plan, path))
  const generated =
    written.length > 0 ? ` ${written.join(' ')} is generated by Kiln: keep it beside the source when you keep this Dockerfile.` : ''
  const why = step.manifests.every((path) => isThere(plan, path, where))
    ? 'These dependencies need the source itself.'
    : 'Dependencies come before the source: an edit of the source leaves this layer as it is.'
  return `${why}${generated}`
}

/** Used where a plan does not name the version of its package manager. */
const defaultTools: Readonly<Record<string, string>> = { uv: '0', poetry: '2' }

/** A requirement that a shell reads as it stands: `2` and `1.8` mean the newest of that line, `1.8.3` itself. */
function pinned(plan: Plan, tool: 'uv' | 'poetry'): string {
  const version = plan.toolchains.find(({ name }) => name === tool)?.version ?? defaultTools[tool]!
  if (!/^\d[0-9A-Za-z.+-]*$/.test(version)) throw new BuildError('invalid_plan', `toolchains: "${shown(version)}" is no version of ${tool}`)
  return version.split('.').length < 3 ? `${tool}~=${version}.0` : `${tool}==${version}`
}

function arg(name: string, value: string): Wish {
  return { kind: 'arg', name, value }
}
function wish(installer: Installer, commands: readonly Argv[]): Wish {
  return { kind: 'install', installer, commands }
}
