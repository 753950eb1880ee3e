import { nodeFiles, type NodeFiles } from '../node/files.ts'
import { runtimeFacts, type RuntimeFacts } from '../runtime-facts.ts'
import type { Tree } from '../tree.ts'
import { hasNodeModules, importMapOf, packagesOf, type DenoConfig } from './config.ts'
import { denoImports, type Target } from './member-imports.ts'
import { withoutInner } from '../workspaces/directories.ts'
import { denoMembers, workspaceAbove, type DenoMember, type DenoWorkspace } from './workspace.ts'

/** What the manifests of a Deno project say of packages, its workspace's among them. */
export interface DenoManifests {
  /** names that stand for packages of registries, or for addresses */
  readonly packages: ReadonlySet<string>
  /** the files that Deno installs from, below the unit; empty for a member of a workspace, whose root has them */
  readonly files: readonly string[]
  readonly locked: boolean
  /** directories below the unit, or absolute, where packages of npm lie beside the source */
  readonly modules: readonly string[]
  /** the one of the unit that says what it is, for notices */
  readonly named?: string
  /** paths of the source that the unit needs besides itself: an import map, the workspace that it is a member of */
  readonly beside: readonly string[]
  /** the code of the members that the unit imports */
  readonly others: readonly DenoCode[]
}

/** Some files, and what they say. */
export interface DenoCode {
  readonly files: Pick<NodeFiles, 'program' | 'imports'>
  readonly factsOf: (file: string) => RuntimeFacts
}

/** Reads `deno.json`, its import map, its workspace, and `package.json`. Throws `invalid_manifest`. */
export function denoManifests(tree: Tree, deno: DenoConfig | undefined): DenoManifests {
  const above = workspaceAbove(tree)
  return above ? ofMember(above) : ofUnit(tree, deno)
}

const ownFiles = ['deno.json', 'deno.jsonc', 'deno.lock', 'package.json', '.npmrc']

function ofUnit(tree: Tree, deno: DenoConfig | undefined): DenoManifests {
  const map = importMapOf(tree, deno)
  const members = denoMembers(tree, deno)
  const own = ownFiles.filter((path) => tree.has(path))
  return {
    packages: new Set([...packagesOf(tree, deno), ...map.packages, ...members.flatMap(({ packages }) => packages)]),
    files: [...own, ...map.files, ...members.flatMap(({ manifests }) => manifests)],
    ...(deno ? { named: deno.file } : {}),
    locked: tree.has('deno.lock'),
    modules: hasNodeModules(tree, deno) ? ['node_modules'] : [],
    beside: map.beside,
    others: [],
  }
}

/** Deno reads the manifests of all members, and the code of those that are imported. */
function ofMember({ root, config, members, own }: DenoWorkspace): DenoManifests {
  const of = ofUnit(root, config)
  const { needed, loose, code } = neededFor(root, members, own)
  const copied = new Set([own, ...needed].flatMap(({ manifests }) => manifests))
  const beside = [...of.files.filter((path) => !copied.has(path)), ...needed.map(({ directory }) => directory), ...loose]
  const hasPackageJson = own.manifests.some((path) => path.endsWith('/package.json'))
  const named = own.manifests[0]?.slice(own.directory.length + 1)
  return {
    ...of,
    files: [],
    ...(named === undefined ? {} : { named }),
    modules: of.modules.flatMap((path) => [`/app/${path}`, ...(hasPackageJson ? [path] : [])]),
    beside: [...of.beside, ...withoutInner(beside).map((path) => root.inSource(path))],
    others: [{ files: { program: code, imports: (path) => nodeFiles(root).imports(path) }, factsOf: runtimeFacts(root) }],
  }
}

interface Needed {
  readonly needed: readonly DenoMember[]
  readonly loose: readonly string[]
  /** of both */
  readonly code: readonly string[]
}

/** What one member imports, and what that does; without itself. */
function neededFor(root: Tree, members: readonly DenoMember[], own: DenoMember): Needed {
  const imports = denoImports(root, members)
  const found = new Set<Target>([own])
  for (const each of found) for (const target of imports.importedBy(each)) found.add(target)
  found.delete(own)
  const all = [...found]
  return {
    needed: all.filter((one) => typeof one !== 'string'),
    loose: all.filter((one) => typeof one === 'string'),
    code: all.flatMap((one) => imports.codeOf(one)),
  }
}
