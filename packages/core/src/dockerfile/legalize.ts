import { BuildError } from '../failure/error.ts'
import type { Argv, Group, Installer, Instruction, Mount, Script, Stage, Wish } from './instruction.ts'
import { appUser } from './lower.ts'
import type { Dialect } from './recipe.ts'

/** Says each wish in a dialect. The only place that knows dialects. Throws `dockerfile_needs_buildkit`. */
export function legalize(script: Script<Wish>, dialect: Dialect): Script<Instruction> {
  const single = script.stages.length === 1
  const group = (from: Group<Wish>): Group<Instruction> => ({
    ...from,
    instructions: from.instructions.flatMap((wish) => instructions(wish, { dialect, single })),
  })
  const stage = (from: Stage<Wish>): Stage<Instruction> => ({ ...from, groups: from.groups.map(group) })
  return { ...script, stages: script.stages.map(stage) }
}

interface Where {
  readonly dialect: Dialect
  readonly single: boolean
}

function instructions(wish: Wish, where: Where): Instruction[] {
  if (wish.kind === 'install') return [install(wish.installer, wish.commands, where.dialect)]
  if (wish.kind === 'run') return [run(wish, where.dialect)]
  if (wish.kind === 'copy') return copy(wish, where)
  return [wish]
}

/** kaniko reads cache mounts, but keeps nothing of them after a build. */
function install(installer: Installer, commands: readonly Argv[], dialect: Dialect): Instruction {
  const { mounts, cached, uncached } = installers[installer]
  return dialect === 'buildkit'
    ? { kind: 'run', commands: cached(commands), mounts }
    : { kind: 'run', commands: uncached(commands), mounts: [] }
}

function run(wish: Extract<Wish, { kind: 'run' }>, dialect: Dialect): Instruction {
  if (wish.secrets.length > 0 && dialect === 'classic')
    throw new BuildError(
      'dockerfile_needs_buildkit',
      `a step uses the secret "${wish.secrets[0]}", and the classic builder would keep it in a layer`,
    )
  return { kind: 'run', commands: wish.commands, mounts: wish.secrets.map((id) => ({ kind: 'secret', id })) }
}

/**
 * The classic dialect keeps the plain `COPY . .` of a single stage, which leaves everything to root; the directories are then
 * handed over by themselves, since a chown of files would store each of them twice. node_modules stays root's.
 */
function copy(wish: Extract<Wish, { kind: 'copy' }>, where: Where): Instruction[] {
  const { owned, ...plain } = wish
  if (!owned) return [plain]
  if (where.dialect !== 'classic' || !where.single || wish.sources.join() !== '.') return [{ ...plain, chown: appUser }]
  return [
    plain,
    { kind: 'run', commands: [handOver], mounts: [], why: "Its directories become the program's own; the files stay as they are." },
  ]
}
const handOver: Argv = ['find', '.', '-name', 'node_modules', '-prune', '-o', '-type', 'd', '-exec', 'chown', appUser, '{}', '+']

interface Cleanliness {
  readonly mounts: readonly Mount[]
  /** with the caches mounted */
  readonly cached: (commands: readonly Argv[]) => readonly Argv[]
  /** leaving no cache in the layer */
  readonly uncached: (commands: readonly Argv[]) => readonly Argv[]
}

const asIs = (commands: readonly Argv[]): readonly Argv[] => commands
const pnpmStore = '/var/cache/pnpm'
const aptArchives = '/var/cache/kiln-apt'

/** Caches of apt and pip must not be written by two builds at once; the others lock by themselves. */
const installers: Readonly<Record<Installer, Cleanliness>> = {
  // only ever in a build stage, of which nothing stays but the program
  go: {
    mounts: [cache('go-mod', '/go/pkg/mod', 'shared'), cache('go-build', '/root/.cache/go-build', 'shared')],
    cached: asIs,
    uncached: asIs,
  },
  apt: {
    mounts: [cache('apt', aptArchives, 'locked'), cache('apt-lists', '/var/lib/apt/lists', 'locked')],
    // a directory of our own: Debian images empty the usual one after every install
    cached: (commands) => afterWord(commands, 'install', ['-o', `Dir::Cache::archives=${aptArchives}`]),
    uncached: (commands) => [...commands, ['rm', '-rf', '/var/lib/apt/lists']],
  },
  pip: {
    mounts: [cache('pip', '/root/.cache/pip', 'locked')],
    cached: asIs,
    uncached: (commands) => afterWord(commands, 'install', ['--no-cache-dir']),
  },
  uv: {
    mounts: [cache('uv', '/root/.cache/uv', 'shared')],
    cached: asIs,
    uncached: (commands) => afterWord(commands, 'sync', ['--no-cache']),
  },
  // pip brings uv, and uv the packages
  'uv-pip': {
    mounts: [cache('uv', '/root/.cache/uv', 'shared'), cache('pip', '/root/.cache/pip', 'locked')],
    cached: asIs,
    uncached: (commands) => commands.flatMap((argv) => afterWord([argv], 'install', [argv[0] === 'pip' ? '--no-cache-dir' : '--no-cache'])),
  },
  poetry: {
    mounts: [cache('poetry', '/root/.cache/pypoetry', 'shared'), cache('pip', '/root/.cache/pip', 'locked')],
    cached: asIs,
    uncached: (commands) =>
      commands.flatMap((argv) => afterWord([argv], 'install', [argv[0] === 'poetry' ? '--no-cache' : '--no-cache-dir'])),
  },
  npm: {
    mounts: [cache('npm', '/root/.npm', 'shared')],
    cached: asIs,
    uncached: (commands) => [...commands, ['rm', '-rf', '/root/.npm']],
  },
  pnpm: {
    mounts: [cache('pnpm', pnpmStore, 'shared'), cache('npm', '/root/.npm', 'shared')],
    cached: withStore,
    uncached: (commands) => [...withStore(commands), ['rm', '-rf', pnpmStore, '/root/.npm', '/root/.cache', '/root/.local']],
  },
  yarn: {
    // yarn 1 has no lock of its own around its cache
    mounts: [cache('yarn', '/var/cache/yarn', 'locked'), cache('npm', '/root/.npm', 'shared')],
    cached: asIs,
    uncached: (commands) => [...commands, ['rm', '-rf', '/var/cache/yarn', '/root/.npm', '/root/.cache', '/root/.yarn']],
  },
  bun: {
    mounts: [cache('bun', '/var/cache/bun', 'shared'), cache('npm', '/root/.npm', 'shared')],
    cached: asIs,
    uncached: (commands) => [...commands, ['rm', '-rf', '/var/cache/bun', '/root/.npm', '/root/.bun']],
  },
}

function cache(name: string, target: string, sharing: 'locked' | 'shared'): Mount {
  return { kind: 'cache', id: `kiln-${name}`, target, sharing }
}

function afterWord(commands: readonly Argv[], word: string, more: Argv): Argv[] {
  return commands.map((argv) => {
    const at = argv.indexOf(word) + 1
    return at === 0 ? [...argv] : [...argv.slice(0, at), ...more, ...argv.slice(at)]
  })
}

/** Said aloud, since pnpm would put its store into /app when the usual place is another file system. */
function withStore(commands: readonly Argv[]): Argv[] {
  return commands.map((argv) => (argv[0] === 'pnpm' ? [...argv, `--store-dir=${pnpmStore}`] : argv))
}
