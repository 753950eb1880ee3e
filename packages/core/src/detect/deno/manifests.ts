import { nodeFiles, type NodeFiles } from '../node/files.ts'
import { runtimeFacts, type RuntimeFacts } from '../runtime-facts.ts'
import type { Tree } from '../tree.ts'
import { hasNodeModules, importMapOf, packagesOf, type DenoConfig } from './config.ts'
import { denoImports } from './member-imports.ts'
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
  /** of the workspace that the unit is a member of: paths of the source that it needs besides itself */
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
  return {
    packages: new Set([...packagesOf(tree, deno), ...map.packages, ...members.flatMap(({ packages }) => packages)]),
    files: [...ownFiles.filter((path) => tree.has(path)), ...map.files, ...members.flatMap(({ manifests }) => manifests)],
    locked: tree.has('deno.lock'),
    modules: hasNodeModules(tree, deno) ? ['node_modules'] : [],
    beside: [],
    others: [],
  }
}

/** Deno reads the manifests of all members, and the code of those that are imported. */
function ofMember({ root, config, members, own }: DenoWorkspace): DenoManifests {
  const of = ofUnit(root, config)
  const needed = membersFor(root, members, own)
  const copied = new Set([own, ...needed].flatMap(({ manifests }) => manifests))
  const beside = [...of.files.filter((path) => !copied.has(path)), ...needed.map(({ directory }) => directory)]
  const hasPackageJson = own.manifests.some((path) => path.endsWith('/package.json'))
  return {
    ...of,
    files: [],
    modules: of.modules.flatMap((path) => [`/app/${path}`, ...(hasPackageJson ? [path] : [])]),
    beside: beside.map((path) => root.inSource(path)),
    others: needed.map(({ program }) => ({
      files: { program, imports: (path) => nodeFiles(root).imports(path) },
      factsOf: runtimeFacts(root),
    })),
  }
}

interface Needed extends DenoMember {
  readonly program: readonly string[]
}

/** The members that one imports, and theirs; without itself. */
function membersFor(root: Tree, members: readonly DenoMember[], own: DenoMember): readonly Needed[] {
  const imports = denoImports(root, members)
  const found = new Set([own])
  for (const member of found) for (const other of imports.importedBy(member)) found.add(other)
  return [...found].filter((one) => one !== own).map((one) => ({ ...one, program: imports.programOf(one) }))
}
