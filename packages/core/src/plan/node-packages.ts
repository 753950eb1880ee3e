import type { Install } from '../detect/install.ts'
import type { Step } from './plan.ts'
import type { Making } from './step-parts.ts'

export type Manager = Extract<Step, { kind: 'node' }>['manager']

/** The commands that add packages which no manifest of the source names, after all that could take them away again. */
export function adding({ beside: names, groups, install }: Making, manager: Manager): readonly (readonly string[])[] {
  return names.length === 0 ? [] : add(manager, names, groups.includes('dev'), install?.toolchain?.version ?? '')
}

function add(manager: Manager, names: readonly string[], dev: boolean, version: string): string[][] {
  switch (manager) {
    case 'npm':
      return [['npm', 'install', '--no-save', ...(dev ? [] : ['--omit=dev']), '--no-audit', '--no-fund', ...names]]
    case 'pnpm':
      // for a workspace it is an error to bring what the install left out
      return [['pnpm', 'add', '--save-prod', ...(dev ? [] : ['--prod']), ...names]]
    case 'yarn':
      if (version.startsWith('1.')) return [['yarn', 'add', ...(dev ? [] : ['--production']), '--ignore-scripts', ...names]]
      return [['yarn', 'add', ...names], ...(dev ? [] : pruning('yarn', version, {}))]
    case 'bun':
      // `--production` would hold it to the lock
      return [['bun', 'add', ...(dev ? [] : ['--omit=dev']), ...names]]
  }
}

/** The commands that take away what only the build needed. `version`: of the manager. */
export function pruning(manager: Manager, version: string, { runsScripts }: Pick<Install, 'runsScripts'>): string[][] {
  const major = Number(version.split('.')[0])
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
