import { shown, BuildError } from '../failure/error.ts'
import type { Plan, Step } from '../plan/plan.ts'
import type { Argv, Wish } from './instruction.ts'

type NodeStep = Extract<Step, { kind: 'node' }>
type Manager = NodeStep['manager']

/** The commands of one install step. `kept`: its layer stays in the image, so that the manager itself has to go again. */
export function nodeCommands(plan: Plan, step: NodeStep, kept: boolean): Argv[] {
  const main = [...withoutScripts(step), ...installCommands(plan, step)]
  if (step.manager === 'npm' || !kept) return main
  return [managerInstall(plan, step.manager), ...main, ['npm', 'uninstall', '--global', managerPackage(plan, step.manager).name]]
}

/** Variables of the manager, for the commands of this stage alone. */
export function nodeSettings(plan: Plan, step: NodeStep): Wish[] {
  // the browser of the distribution is used: see plan/system-packages-npm.ts
  const skips = plan.dependencies.some(({ name }) => name === 'puppeteer') ? [arg('PUPPETEER_SKIP_DOWNLOAD', 'true')] : []
  return [...skips, ...quiet(plan), ...ofManager(plan, step)]
}

/** Tools that tell their makers of every build, unless these variables say no. */
const telemetry: Readonly<Record<string, readonly [name: string, value: string]>> = {
  angular: ['NG_CLI_ANALYTICS', 'false'],
  astro: ['ASTRO_TELEMETRY_DISABLED', '1'],
  gatsby: ['GATSBY_TELEMETRY_DISABLED', '1'],
  next: ['NEXT_TELEMETRY_DISABLED', '1'],
  nuxt: ['NUXT_TELEMETRY_DISABLED', '1'],
  storybook: ['STORYBOOK_DISABLE_TELEMETRY', '1'],
  strapi: ['STRAPI_TELEMETRY_DISABLED', 'true'],
}

function quiet({ framework }: Plan): Wish[] {
  const variable = framework !== null && Object.hasOwn(telemetry, framework) ? telemetry[framework] : undefined
  return variable ? [arg(...variable)] : []
}

function ofManager(plan: Plan, step: NodeStep): Wish[] {
  if (step.manager === 'bun') return [arg('BUN_INSTALL_CACHE_DIR', '/var/cache/bun')]
  if (step.manager !== 'yarn') return []
  if (!isBerry(plan)) return [arg('YARN_CACHE_FOLDER', '/var/cache/yarn')]
  // Packages lie in node_modules, also where a checkout uses Plug'n'Play: one form for every tool, and the lock is the same.
  const offline = step.manifests.some((path) => path.startsWith('.yarn/cache/'))
  return [
    arg('YARN_NODE_LINKER', 'node-modules'),
    arg('YARN_GLOBAL_FOLDER', '/var/cache/yarn'),
    arg('YARN_ENABLE_GLOBAL_CACHE', offline ? 'false' : 'true'),
    arg('YARN_ENABLE_TELEMETRY', '0'),
  ]
}

/** How the base gets a manager that it lacks: from the registry of npm, which it has. `--force`, since official images have a yarn. */
export function managerInstall(plan: Plan, manager: Exclude<Manager, 'npm'>): Argv {
  const { name, version } = managerPackage(plan, manager)
  return ['npm', 'install', '--global', ...(manager === 'yarn' ? ['--force'] : []), `${name}@${version}`]
}

function managerPackage(plan: Plan, manager: Exclude<Manager, 'npm'>): { readonly name: string; readonly version: string } {
  const version = toolVersion(plan, manager)
  return { name: manager === 'yarn' && isBerry(plan) ? '@yarnpkg/cli-dist' : manager, version }
}

function isBerry(plan: Plan): boolean {
  return Number(toolVersion(plan, 'yarn').split('.')[0]) >= 2
}

/** Used where a plan does not name the version of its package manager. */
const defaultTools: Readonly<Record<Exclude<Manager, 'npm'>, string>> = { pnpm: '10', yarn: '1.22.22', bun: '1' }

function toolVersion(plan: Plan, tool: Exclude<Manager, 'npm'>): string {
  const version = plan.toolchains.find(({ name }) => name === tool)?.version ?? defaultTools[tool]
  if (!/^\d[0-9A-Za-z.+-]*$/.test(version)) throw new BuildError('invalid_plan', `toolchains: "${shown(version)}" is no version of ${tool}`)
  return version
}

function withoutScripts({ without = [] }: NodeStep): Argv[] {
  for (const name of without)
    if (!/^[a-z]+$/.test(name)) throw new BuildError('invalid_plan', `"${shown(name)}" is no script that installs run`)
  return without.length === 0 ? [] : [['npm', 'pkg', 'delete', ...without.map((name) => `scripts.${name}`)]]
}

function installCommands(plan: Plan, step: NodeStep): Argv[] {
  const dev = step.groups.includes('dev')
  const has = (lock: RegExp): boolean => step.manifests.some((path) => lock.test(path))
  switch (step.manager) {
    case 'npm': {
      const verb = has(/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/) ? 'ci' : 'install'
      return [['npm', verb, dev ? '--include=dev' : '--omit=dev', '--no-audit', '--no-fund']]
    }
    case 'pnpm': {
      const frozen = has(/(?:^|\/)pnpm-lock\.yaml$/) ? '--frozen-lockfile' : '--no-frozen-lockfile'
      return [['pnpm', 'install', frozen, dev ? '--prod=false' : '--prod']]
    }
    case 'yarn':
      return yarnCommands(plan, dev, has(/(?:^|\/)yarn\.lock$/))
    case 'bun':
      return [['bun', 'install', ...(has(/(?:^|\/)bun\.lockb?$/) ? ['--frozen-lockfile'] : []), ...(dev ? [] : ['--production'])]]
  }
}

/** Only yarn 4 brings the command that leaves out packages for development; before, a plugin did, so that all are installed. */
function yarnCommands(plan: Plan, dev: boolean, locked: boolean): Argv[] {
  if (!isBerry(plan))
    return [['yarn', 'install', '--non-interactive', ...(locked ? ['--frozen-lockfile'] : []), dev ? '--production=false' : '--production']]
  const focuses = Number(toolVersion(plan, 'yarn').split('.')[0]) >= 4
  return dev || !focuses
    ? [['yarn', 'install', locked ? '--immutable' : '--no-immutable']]
    : [['yarn', 'workspaces', 'focus', '--all', '--production']]
}

function arg(name: string, value: string): Wish {
  return { kind: 'arg', name, value }
}
