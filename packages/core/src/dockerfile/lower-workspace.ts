import type { Step } from '../plan/plan.ts'
import type { Argv } from './instruction.ts'

type Installing = Extract<Step, { kind: 'python' | 'node' }>

/**
 * Restricts the installing commands of a step to members of its workspace. The others' manifests are not in the context, so that
 * uv cannot prove its lock to be up to date (`--locked`), and takes it as it is (`--frozen`); a yarn of today would change its lock,
 * and is asked for the members alone. yarn 1 and bun install what is there. `major`: of the manager.
 */
export function ofPackages({ manager, packages }: Installing, commands: readonly Argv[], major: number): readonly Argv[] {
  if (packages === undefined) return commands
  return commands.map((argv) =>
    restricted(manager, { members: packages.filter((path) => path !== '.'), root: packages.includes('.') }, argv, major),
  )
}

interface Packages {
  readonly members: readonly string[]
  readonly root: boolean
}

function restricted(manager: string, { members, root }: Packages, argv: Argv, major: number): Argv {
  const [tool, verb, flag] = argv
  if (tool !== manager) return argv
  if (tool === 'uv' && verb === 'sync')
    return [...argv.map((word) => (word === '--no-install-project' ? '--no-install-workspace' : word)), ...after('--package', members)]
  if (tool === 'npm' && (verb === 'ci' || verb === 'install') && flag !== '--global')
    return [...argv, ...after('-w', members), ...(root ? ['--include-workspace-root'] : [])]
  if (tool === 'pnpm' && verb === 'install')
    return [
      ...argv,
      ...(root ? ['-w'] : []),
      ...after(
        '--filter',
        members.map((path) => `./${path}...`),
      ),
    ]
  if (tool === 'yarn' && major >= 4 && (verb === 'workspaces' || flag === '--immutable'))
    return ['yarn', 'workspaces', 'focus', ...members, ...argv.filter((word) => word === '--production')]
  return tool === 'yarn' && major >= 2 ? argv.map((word) => (word === '--immutable' ? '--no-immutable' : word)) : argv
}

function after(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value])
}
