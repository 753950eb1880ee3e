import type { Config } from '../../plan/config.ts'
import type { DeclaredDependency, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { lifecycleOf } from '../node/lifecycle.ts'
import { chooseNodeManager } from '../node/manager.ts'
import { readPackageJson } from '../node/package-json.ts'
import type { Build, Project } from '../project.ts'
import { byText, type Tree } from '../tree.ts'
import { closureOf, isMember, type Closure } from './closure.ts'
import { insideOf } from './directories.ts'
import type { Layout, SharedBuild } from './layout.ts'
import { memberBuilds, execWords, type Manager } from './node-builds.ts'
import { lockedFor } from './node-lock.ts'
import { atSource } from './places.ts'
import { inSource, type Member, type Workspace } from './workspace.ts'

export interface Placed {
  readonly project: Project
  readonly layout: Layout
}

/** A Node project as a member of its workspace: installed by the root's manager and lock, built after what it needs. */
export function nodePlace(workspace: Workspace, member: Member, project: Project, config: Config): Placed {
  const closure = closureOf(workspace, member)
  const { install, others, notices } = installOf(workspace, closure, config)
  const manager = install.manager as Manager
  const builds = memberBuilds(workspace, closure, manager, project.build !== undefined)
  const build = project.build && inMember(project.build, manager)
  const layout = layoutOf(workspace, { member, closure, install, builds: builds.builds, ownBuild: builds.ownBuild })
  const own = project.notices.filter(({ code }) => !['no_lock', 'several_locks'].includes(code))
  return {
    project: { ...project, install, otherManagers: others, ...(build ? { build } : {}), notices: [...own, ...notices] },
    layout,
  }
}

interface Installed {
  readonly install: Install
  readonly others: Project['otherManagers']
  readonly notices: readonly Notice[]
}

/** The root's install with what the members of the closure declare, and nothing of others. */
function installOf(workspace: Workspace, { members }: Closure, config: Config): Installed {
  const { tree } = workspace
  const root = readPackageJson(tree)!
  const all = [...root.dependencies, ...members.flatMap(({ dependencies }) => dependencies)]
  const declared = all.filter((one) => !isMember(workspace, one) && !/^(?:file|link|portal):/.test(one.specifier))
  const chosen = chooseNodeManager(tree, { ...root, dependencies: declared.length > 0 ? declared : [linkOnly] }, config)
  const install = chosen.install!
  const whole = members.flatMap((member) => lifecycleAt(tree, member) ?? [])[0]
  const wholeSource = install.wholeSource ?? whole
  const directories = [...(root.dependencies.length > 0 ? ['.'] : []), ...members.map(({ directory }) => directory)]
  const names = lockedFor(tree, install.manager, directories)
  const own: Install = {
    ...install,
    manifests: [...install.manifests, ...members.map(({ directory }) => `${directory}/package.json`)],
    dependencies: declared,
    ...(install.locked && names ? { locked: new Map([...install.locked].filter(([name]) => names.has(name))) } : {}),
    ...(wholeSource ? { wholeSource } : {}),
    notices: [],
  }
  return {
    install: atSource(own, workspace.tree),
    others: atSource(chosen.others, tree),
    notices: atSource(chosen.notices, tree),
  }
}

// members alone still have to be linked
const linkOnly: DeclaredDependency = {
  origin: 'declared',
  ecosystem: 'npm',
  name: '-',
  specifier: '',
  group: 'default',
  evidence: { rule: 'workspace.member', says: 'a member of the workspace' },
}

function lifecycleAt(tree: Tree, { directory }: Member): Install['wholeSource'] {
  const manifest = readPackageJson(tree, `${directory}/package.json`)!
  const { wholeSource } = lifecycleOf(tree, { ...manifest, dependencies: [] })
  return wholeSource && { ...wholeSource, file: `${directory}/package.json` }
}

interface Parts {
  readonly member: Member
  readonly closure: Closure
  readonly install: Install
  readonly builds: readonly SharedBuild[]
  readonly ownBuild: boolean
}

function layoutOf(workspace: Workspace, { member, closure, install, builds, ownBuild }: Parts): Layout {
  const { tree } = workspace
  const root = readPackageJson(tree)!
  const members = closure.members.map(({ directory }) => directory)
  const directories = withoutInner([...members, ...closure.loose.filter((path) => !tree.has(path))])
  const inside = insideOf(directories)
  const outside = (path: string): boolean => !inside(path)
  const files = [...rootFiles(tree), ...closure.loose.filter((path) => tree.has(path))].filter(outside)
  const manifests = install.manifests.filter(outside)
  return {
    workspace: workspace.root,
    context: [...new Set([...directories, ...files, ...manifests])].map((path) => inSource(workspace, path)).sort(byText),
    shared: {
      directory: member.directory,
      directories,
      files: [...new Set(files)].sort(byText),
      packages: packagesOf(install, closure, root.text('name')),
      root: { build: root.dependencies.length > 0, image: root.dependencies.some(({ group }) => group === 'default') },
      builds,
      ownBuild,
      installs: false,
    },
  }
}

/** yarn of today knows members by name, its root too; the others by directory. */
function packagesOf({ manager }: Install, { members }: Closure, root: string | undefined): string[] {
  if (manager !== 'yarn') return members.map(({ directory }) => directory).sort(byText)
  return [...(root === undefined ? [] : [root]), ...members.map(({ name }) => name)].filter((name) => name !== '').sort(byText)
}

/** A directory in another one comes with it. */
export function withoutInner(directories: readonly string[]): string[] {
  const inside = insideOf(directories)
  return [...new Set(directories)].filter((path) => !inside(path)).sort(byText)
}

const configs =
  /^(?:[jt]sconfig(?:\.[\w-]+)?\.json|turbo\.json|nx\.json|lerna\.json|babel\.config\.(?:[cm]?js|json)|\.babelrc|\.swcrc|\.browserslistrc|(?:vite|tsup|rollup|postcss|tailwind)\.config\.[cm]?[jt]s)$/

/** What builds and runtimes read at the top of a workspace. */
function rootFiles(tree: Tree): string[] {
  return tree.files.filter((path) => configs.test(path))
}

function inMember(build: Build, manager: Manager): Build {
  return { ...build, argv: ofManager(build.argv, manager) }
}

/** The package.json of a member knows nothing of the root's manager, and a tool may be installed at the root. */
function ofManager(argv: readonly string[], manager: Manager): readonly string[] {
  if (argv[1] === 'run' && ['npm', 'pnpm', 'yarn', 'bun'].includes(argv[0]!)) return [manager, ...argv.slice(1)]
  const tool = argv[0] === 'node' ? /^node_modules\/(?:\.bin\/)?(?:typescript\/bin\/)?([\w-]+)$/.exec(argv[1] ?? '')?.[1] : undefined
  return tool === undefined ? argv : [...execWords(manager), tool, ...argv.slice(2)]
}
