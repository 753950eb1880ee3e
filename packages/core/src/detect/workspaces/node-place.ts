import type { Config } from '../../plan/config.ts'
import type { DeclaredDependency, Notice } from '../detection.ts'
import type { Install } from '../install.ts'
import { lifecycleOf } from '../node/lifecycle.ts'
import { readPackageJson } from '../node/package-json.ts'
import type { Build, Project } from '../project.ts'
import { byText, type Tree } from '../tree.ts'
import { closureOf, isMember, type Closure } from './closure.ts'
import { insideOf, mostPaths, withoutInner } from './directories.ts'
import type { Layout, SharedBuild } from './layout.ts'
import { memberBuilds, type Manager } from './node-builds.ts'
import { managerFor } from './member-manager.ts'
import { lockedFor } from './node-lock.ts'
import { modulesOf, type Modules } from './node-modules.ts'
import { atSource } from './places.ts'
import { localPath } from './node-workspace.ts'
import { inSource, memberAt, type Member, type Workspace } from './workspace.ts'

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
  const modules = modulesOf(workspace, closure, install)
  const build = project.build && inMember(project.build, modules)
  const layout = layoutOf(workspace, { member, closure, install, modules, ...builds })
  const own = project.notices.filter(({ code }) => !['no_lock', 'several_locks'].includes(code))
  return {
    project: {
      ...project,
      start: { ...project.start, value: startOf(project, modules) },
      install,
      otherManagers: others,
      ...(build ? { build } : {}),
      notices: [...own, ...notices],
    },
    layout,
  }
}

function startOf({ start }: Project, modules: Modules): Project['start']['value'] {
  if (start.evidence.rule === 'config.start') return start.value
  return start.value.map((arg) => (typeof arg === 'string' ? modules.word(arg) : arg))
}

function inMember({ before, after, ...build }: Build, { command }: Modules): Build {
  return {
    ...build,
    argv: command(build.argv),
    ...(before ? { before: before.map(command) } : {}),
    ...(after ? { after: after.map(command) } : {}),
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
  const chosen = managerFor(tree, { ...root, dependencies: declared.length > 0 ? declared : [linkOnly] }, members.at(-1)!, config)
  const install = chosen.install!
  const whole = members.flatMap((member) => lifecycleAt(workspace, member) ?? [])[0]
  const wholeSource = install.wholeSource ?? whole ?? manyMembers(members)
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

/** A package that is a directory of nobody has to be there to be installed. */
function lifecycleAt(workspace: Workspace, { directory }: Member): Install['wholeSource'] {
  const manifest = readPackageJson(workspace.tree, `${directory}/package.json`)!
  const dependencies = manifest.dependencies.filter(({ specifier }) => {
    const path = localPath(specifier, directory)
    return path !== undefined && !memberAt(workspace, path)
  })
  const { wholeSource } = lifecycleOf(workspace.tree, { ...manifest, dependencies })
  return wholeSource && { ...wholeSource, file: `${directory}/package.json` }
}

/** Manifests come by directory, each a layer. */
function manyMembers({ length }: readonly Member[]): Install['wholeSource'] {
  return length > mostPaths ? { rule: 'workspace.many', says: `${length} members are more than an image has layers for` } : undefined
}

interface Parts {
  readonly member: Member
  readonly closure: Closure
  readonly install: Install
  readonly modules: Modules
  readonly builds: readonly SharedBuild[]
  readonly ownBuild: boolean
}

function layoutOf(workspace: Workspace, { member, closure, install, modules, builds, ownBuild }: Parts): Layout {
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
      inModules: modules.word,
    },
  }
}

/** yarn of today knows members by name, its root too; the others by directory. */
function packagesOf({ manager }: Install, { members }: Closure, root: string | undefined): string[] {
  if (manager !== 'yarn') return members.map(({ directory }) => directory).sort(byText)
  return [...(root === undefined ? [] : [root]), ...members.map(({ name }) => name)].filter((name) => name !== '').sort(byText)
}

const configs =
  /^(?:[jt]sconfig(?:\.[\w-]+)?\.json|turbo\.json|nx\.json|lerna\.json|babel\.config\.(?:[cm]?js|json)|\.babelrc|\.swcrc|\.browserslistrc|(?:vite|tsup|rollup|postcss|tailwind)\.config\.[cm]?[jt]s)$/

/** What builds and runtimes read at the top of a workspace. */
function rootFiles(tree: Tree): string[] {
  return tree.files.filter((path) => configs.test(path))
}
