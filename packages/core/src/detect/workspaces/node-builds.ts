import { readPackageJson, type PackageJson } from '../node/package-json.ts'
import { valueAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import type { Closure } from './closure.ts'
import type { SharedBuild } from './layout.ts'
import type { Member, Workspace } from './workspace.ts'

export type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun'

export interface Builds {
  readonly builds: readonly SharedBuild[]
  /** the member's own build is still to be run */
  readonly ownBuild: boolean
}

/**
 * The builds of what a member needs, dependencies first. Where the root's build script leaves that to turbo or nx, the tool builds
 * the member with all it needs, by its own rules.
 */
export function memberBuilds(workspace: Workspace, { members }: Closure, manager: Manager, builds: boolean): Builds {
  const { tree } = workspace
  const member = members.at(-1)!
  const needed = members.slice(0, -1).flatMap((one) => buildOf(tree, one, manager))
  const tool = toolOf(tree, member)
  if (tool === undefined || (needed.length === 0 && !builds)) return { builds: needed, ownBuild: builds }
  const outputs = needed.every((one) => one.outputs.length > 0)
  const argv = [...execWords(manager), ...tool]
  // its outputs are those of the packages, each in its own directory
  const first: SharedBuild = { directory: '.', argv, outputs: [] }
  const written = needed.map((one) => ({ ...one, argv: [] }))
  return { builds: outputs ? [first, ...written] : [first], ownBuild: false }
}

/** How a manager starts a tool of the project's packages. */
export function execWords(manager: Manager): readonly string[] {
  return { npm: ['npm', 'exec', '--'], pnpm: ['pnpm', 'exec'], yarn: ['yarn', 'run'], bun: ['bun', 'x'] }[manager]
}

function toolOf(tree: Tree, { name }: Member): readonly string[] | undefined {
  const root = readPackageJson(tree)!
  const script = root.text('scripts', 'build') ?? ''
  const has = (tool: string): boolean => root.dependencies.some((one) => one.name === tool)
  if (name === '') return undefined
  const words = script.split(/\s+/)
  // turbo asks which manager there is
  if (words.includes('turbo') && has('turbo') && tree.has('turbo.json') && root.text('packageManager') !== undefined)
    return ['turbo', 'run', 'build', `--filter=${name}...`]
  if (words.includes('nx') && has('nx') && tree.has('nx.json')) return ['nx', 'run-many', '-t', 'build', '-p', name]
  return undefined
}

function buildOf(tree: Tree, { directory }: Member, manager: Manager): SharedBuild[] {
  const manifest = readPackageJson(tree, `${directory}/package.json`)!
  const script = manifest.text('scripts', 'build')
  if (script === undefined) return []
  const entries = entriesOf(manifest)
  const there = entries.filter((path) => tree.has(`${directory}/${path}`))
  // a package whose source is what others import
  if (entries.length > 0 && there.length === entries.length) return []
  const outputs = [...new Set(entries.filter((path) => !there.includes(path) && path.includes('/')).map((path) => path.split('/')[0]!))]
  return [{ directory, argv: [manager, 'run', 'build'], outputs: outputs.includes('src') ? [] : outputs }]
}

/** The files that a package.json offers to others. */
function entriesOf(manifest: PackageJson): string[] {
  const said = ['main', 'module'].flatMap((field) => manifest.text(field) ?? [])
  const all = [...said, ...exported(valueAt(manifest.value, 'exports'), 0)].map((path) => path.replace(/^\.\//, ''))
  return [...new Set(all)].filter((path) => path !== '' && !path.includes('*') && !path.endsWith('package.json'))
}

function exported(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || depth > 6) return []
  return Object.values(value).flatMap((one) => exported(one, depth + 1))
}
