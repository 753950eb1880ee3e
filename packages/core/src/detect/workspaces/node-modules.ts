import { readPackageJson } from '../node/package-json.ts'
import type { Install } from '../install.ts'
import type { Tree } from '../tree.ts'
import type { Closure } from './closure.ts'
import { commonDirectory, within } from './directories.ts'
import { execWords, type Manager } from './node-builds.ts'
import { nodeModulesAbove, npmPackages } from './node-lock.ts'
import type { Member, Workspace } from './workspace.ts'

/** How commands that run in a member's directory name the files of packages. */
export interface Modules {
  /** `node_modules/next/…` as it lies for the member: `../../node_modules/next/…` where the root has it */
  readonly word: (word: string) => string
  /** a command of a build: what the member's package.json cannot know is asked of the manager */
  readonly command: (argv: readonly string[]) => readonly string[]
}

export function modulesOf(workspace: Workspace, closure: Closure, { manager }: Install): Modules {
  const member = closure.members.at(-1)!
  const place = placeOf(workspace, closure, manager as Manager)
  const word = (said: string): string => {
    const name = /^node_modules\/(?:\.bin\/)?((?:@[^/]+\/)?[^/]+)/.exec(said)?.[1]
    return name === undefined ? said : `${way(member.directory, place(name))}${said}`
  }
  return { word, command: (argv) => ofManager(argv, manager as Manager).map(word) }
}

/** The way from one directory of the workspace to another, for what lies there. */
function way(from: string, to: string): string {
  const home = commonDirectory(from, to)
  const [up, down] = [within(home, from), within(home, to)]
  return (up === '.' ? '' : '../'.repeat(up.split('/').length)) + (down === '.' ? '' : `${down}/`)
}

type Place = (name: string) => string

/**
 * The directory whose node_modules has a package: npm's lock says it; others bring all to the root, but what the root wants in
 * another version; pnpm leaves each package with those that ask for it.
 */
function placeOf({ tree }: Workspace, { members }: Closure, manager: Manager): Place {
  const member = members.at(-1)!
  const packages = manager === 'npm' ? npmPackages(tree) : undefined
  const root = specifiers(readPackageJson(tree)!.dependencies)
  const own = new Map(members.map((one) => [one, specifiers(one.dependencies)]))
  const asking = (name: string): Member | undefined =>
    own.get(member)!.has(name) ? member : members.find((one) => own.get(one)!.has(name))
  const alone = !hoists(tree, manager)
  return (name) => {
    const asks = asking(name)
    const from = (own.get(member)!.has(name) || !root.has(name) ? asks?.directory : undefined) ?? '.'
    const locked = packages && nodeModulesAbove(from === '.' ? '' : from, name).find((path) => Object.hasOwn(packages, path))
    if (locked !== undefined) return directoryOf(locked, name)
    if (alone) return asks || root.has(name) ? from : member.directory
    return asks && isApart(tree, manager, asks, name, own.get(asks)!, root) ? asks.directory : '.'
  }
}

function specifiers(all: Member['dependencies']): ReadonlyMap<string, string> {
  return new Map(all.map(({ name, specifier }) => [name, specifier]))
}

function directoryOf(place: string, name: string): string {
  const above = place.slice(0, -`node_modules/${name}`.length)
  return above === '' ? '.' : above.slice(0, -1)
}

type Specifiers = ReadonlyMap<string, string>

function isApart(tree: Tree, manager: Manager, { name: of }: Member, name: string, own: Specifiers, root: Specifiers): boolean {
  if (manager === 'bun' && tree.has('bun.lock')) return (tree.text('bun.lock') ?? '').includes(`"${of}/${name}": [`)
  return root.has(name) && root.get(name) !== own.get(name)
}

/** Whether packages lie at the root rather than with the members that ask for them. */
function hoists(tree: Tree, manager: Manager): boolean {
  const says = (file: string, line: RegExp): boolean => (tree.text(file) ?? '').split(/\r?\n/).some((each) => line.test(each))
  switch (manager) {
    case 'npm':
      return true
    case 'pnpm':
      return says('.npmrc', /^node-linker\s*=\s*hoisted\b/) || says('pnpm-workspace.yaml', /^nodeLinker:\s*['"]?hoisted\b/)
    case 'yarn':
      return !says('.yarnrc.yml', /^nmHoistingLimits:\s*['"]?(?:workspaces|dependencies)\b/)
    case 'bun':
      // its default since locks have this line, and for workspaces that have no lock yet
      if (says('bunfig.toml', /^linker\s*=/)) return says('bunfig.toml', /^linker\s*=\s*["']hoisted["']/)
      return tree.has('bun.lockb') || (tree.has('bun.lock') && !says('bun.lock', /^\s*"configVersion": [1-9]/))
  }
}

/** The package.json of a member knows nothing of the root's manager; what a manager links for a tool is its own affair. */
function ofManager(argv: readonly string[], manager: Manager): readonly string[] {
  const runs = argv.findIndex((word, at) => argv[at + 1] === 'run' && ['npm', 'pnpm', 'yarn', 'bun'].includes(word))
  if (runs !== -1) return argv.with(runs, manager)
  const at = argv.findIndex((word) => /^node_modules\/\.bin\/[\w-]+$/.test(word))
  if (at === -1) return argv
  const before = argv.slice(0, argv[at - 1] === 'node' ? at - 1 : at)
  return [...before, ...execWords(manager), argv[at]!.slice('node_modules/.bin/'.length), ...argv.slice(at + 1)]
}
