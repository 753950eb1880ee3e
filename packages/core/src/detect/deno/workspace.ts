import { listAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { matchingDirectories, mostMembers } from '../workspaces/member-globs.ts'
import { denoConfigFiles, packagesOf, readDenoConfig, type DenoConfig } from './config.ts'

/** A package of a Deno workspace. */
export interface DenoMember {
  /** below the root */
  readonly directory: string
  /** by which others import it; empty without one */
  readonly name: string
  /** below the root */
  readonly manifests: readonly string[]
  /** names that its manifests have from registries or addresses */
  readonly packages: readonly string[]
}

/** The members that a `deno.json` lists: `workspace: [...]` or `workspace: { members: [...] }`. Throws `invalid_manifest`. */
export function denoMembers(tree: Tree, config: DenoConfig | undefined): readonly DenoMember[] {
  const said = config?.value['workspace']
  const patterns = (Array.isArray(said) ? said : listAt(said, 'members')).filter((one) => typeof one === 'string')
  if (patterns.length === 0) return []
  const manifests = tree.files.filter((path) => path.includes('/') && memberFiles.has(path.slice(path.lastIndexOf('/') + 1)))
  const directories = new Set(manifests.map((path) => path.slice(0, path.lastIndexOf('/'))))
  return matchingDirectories(patterns, [...directories])
    .slice(0, mostMembers)
    .map((directory) => memberAt(tree, directory))
}

const memberFiles: ReadonlySet<string> = new Set([...denoConfigFiles, 'package.json'])

function memberAt(tree: Tree, directory: string): DenoMember {
  const config = readDenoConfig(tree, directory)
  const name = config?.value['name']
  return {
    directory,
    name: typeof name === 'string' ? name : '',
    manifests: [...memberFiles].map((file) => `${directory}/${file}`).filter((path) => tree.has(path)),
    packages: packagesOf(tree, config, directory),
  }
}

/** The workspace that a unit is a member of. */
export interface DenoWorkspace {
  readonly root: Tree
  readonly config: DenoConfig
  readonly members: readonly DenoMember[]
  readonly own: DenoMember
}

/** Looks in the directories above a unit for the workspace that lists it. Throws `invalid_manifest`. */
export function workspaceAbove(tree: Tree): DenoWorkspace | undefined {
  const parts = tree.unit === '.' ? [] : tree.unit.split('/')
  for (let length = parts.length - 1; length >= 0; length--) {
    const found = workspaceAt(tree.at(parts.slice(0, length).join('/') || '.'), tree.unit)
    if (found) return found
  }
  return undefined
}

function workspaceAt(root: Tree, unit: string): DenoWorkspace | undefined {
  const config = workspaceConfig(root)
  const members = denoMembers(root, config)
  const own = members.find(({ directory }) => root.inSource(directory) === unit)
  return config && own && { root, config, members, own }
}

/** The configuration of a directory, where it may list members. Throws `invalid_manifest`. */
export function workspaceConfig(root: Tree): DenoConfig | undefined {
  return denoConfigFiles.some((file) => /["']workspace["']/.test(root.text(file) ?? '')) ? readDenoConfig(root) : undefined
}
