import type { Step } from '../plan/plan.ts'
import type { Argv } from './instruction.ts'

type Installing = Extract<Step, { kind: 'python' | 'node' }>

/**
 * Restricts the installing commands of a step to members of its workspace. The others' manifests are not in the context, so that
 * uv cannot prove its lock to be up to date (`--locked`), and takes it as it is (`--frozen`).
 */
export function ofPackages({ manager, packages }: Installing, commands: readonly Argv[]): readonly Argv[] {
  if (packages === undefined) return commands
  return commands.map((argv) => (installs[manager]?.(argv) === true ? restricted(manager, packages, argv) : argv))
}

const installs: Readonly<Record<string, (argv: Argv) => boolean>> = {
  uv: ([tool, verb]) => tool === 'uv' && verb === 'sync',
  npm: ([tool, verb, flag]) => tool === 'npm' && (verb === 'ci' || verb === 'install') && flag !== '--global',
  pnpm: ([tool, verb]) => tool === 'pnpm' && verb === 'install',
  yarn: ([tool, verb]) => tool === 'yarn' && verb === 'workspaces',
}

function restricted(manager: string, packages: readonly string[], argv: Argv): Argv {
  const members = packages.filter((path) => path !== '.')
  const root = packages.includes('.')
  switch (manager) {
    case 'uv':
      return [...argv.map((word) => (word === '--no-install-project' ? '--no-install-workspace' : word)), ...after('--package', members)]
    case 'npm':
      return [...argv, ...after('-w', members), ...(root ? ['--include-workspace-root'] : [])]
    case 'pnpm':
      return [
        ...argv,
        ...(root ? ['-w'] : []),
        ...after(
          '--filter',
          members.map((path) => `./${path}...`),
        ),
      ]
    default:
      return argv
  }
}

function after(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value])
}
