import type { Project } from '../project.ts'
import { listAt, readToml, tableAt, textAt, type Table } from '../toml.ts'
import { normalName } from '../python/requirement.ts'
import { uv } from '../managers/uv.ts'
import { byText, type Tree } from '../tree.ts'
import { closureOf, isMember } from './closure.ts'
import type { Install } from '../install.ts'
import type { Placed } from './node-place.ts'
import { withoutInner } from './directories.ts'
import { atSource } from './places.ts'
import { isPackage } from './uv-workspace.ts'
import { inSource, type Member, type Workspace } from './workspace.ts'

/** A Python project as a member of its uv workspace: the packages of the root's lock that it needs, and the members among them. */
export function uvPlace(workspace: Workspace, member: Member, project: Project): Placed {
  const { tree } = workspace
  const closure = closureOf(workspace, member)
  const needed = closure.members.filter((one) => one !== member)
  const packages = needed.filter(({ directory }) => isPackage(tree, directory))
  const imported = needed.filter((one) => !packages.includes(one))
  const members = closure.members.map(({ directory }) => directory)
  const install = installOf(workspace, member, closure.members)
  const directories = withoutInner(members)
  const context = [...directories, ...install.manifests.filter((path) => !path.includes('/'))]
  return {
    project: { ...project, install, env: environment(project, tree, member, imported), notices: notices(project) },
    layout: {
      workspace: workspace.root,
      context: context.map((path) => inSource(workspace, path)).sort(byText),
      shared: {
        directory: member.directory,
        directories,
        files: [],
        packages: [member.name],
        root: { build: false, image: false },
        builds: [],
        ownBuild: false,
        installs: packages.length > 0,
      },
    },
  }
}

function installOf(workspace: Workspace, member: Member, members: readonly Member[]): Install {
  const { tree } = workspace
  const all = uv(tree, readToml(tree, 'pyproject.toml')!)
  const locked = lockedFor(readToml(tree, 'uv.lock'), member.name)
  const { wholeSource: _, ...rest } = all
  const own: Install = {
    ...rest,
    manifests: ['pyproject.toml', 'uv.lock', ...members.map(({ directory }) => `${directory}/pyproject.toml`)],
    dependencies: members.flatMap(({ dependencies }) => dependencies.filter((one) => !isMember(workspace, one))),
    locked: new Map([...all.locked!].filter(([name]) => locked.has(name))),
  }
  return atSource(own, tree)
}

/** What of a lock one package needs, by the lock's own lists. */
function lockedFor(lock: Table | undefined, name: string): ReadonlySet<string> {
  const byName = new Map<string, unknown[]>()
  for (const one of listAt(lock, 'package')) {
    const of = normalName(textAt(one, 'name') ?? '')
    byName.set(of, [...(byName.get(of) ?? []), one])
  }
  const found = new Set([name])
  for (const each of found)
    for (const one of byName.get(each) ?? []) {
      const extras = Object.values(tableAt(one, 'optional-dependencies')).flatMap((list) => (Array.isArray(list) ? list : []))
      for (const need of [...listAt(one, 'dependencies'), ...extras]) found.add(normalName(textAt(need, 'name') ?? ''))
    }
  return found
}

/** Members that are not installed are imported from where they lie, as the program is. */
function environment({ env }: Project, tree: Tree, { directory }: Member, imported: readonly Member[]): Record<string, string> {
  const own = (env['PYTHONPATH'] ?? '').split(':').filter((path) => path !== '')
  const others = imported.map((one) => `/app/${one.directory}${tree.files.some((path) => isInSrc(path, one)) ? '/src' : ''}`)
  const paths = [...own.map((path) => path.replace(/^\/app(?=\/|$)/, `/app/${directory}`)), ...others]
  return { ...env, ...(paths.length > 0 ? { PYTHONPATH: paths.join(':') } : {}) }
}

function isInSrc(path: string, { directory }: Member): boolean {
  return path.startsWith(`${directory}/src/`) && path.endsWith('.py')
}

/** The unit alone looked as if nothing fixed its versions. */
function notices({ notices: all }: Project): Project['notices'] {
  return all.filter(({ code }) => !['no_lock', 'several_locks', 'dependencies_inferred'].includes(code))
}
