import { joined } from '../paths.ts'
import { readLooseJson } from '../../infer/loose-json.ts'
import { listAt, tableAt, textAt } from '../toml.ts'
import { byText, type Tree } from '../tree.ts'
import { hasFilesBelow } from './directories.ts'
import { memberAt, memberNamed, type Member, type Workspace } from './workspace.ts'

/** What the configurations of TypeScript in a directory of a workspace name, with what they extend. Paths are below the root. */
export interface TsConfigs {
  /** configurations that lie with no member */
  readonly files: readonly string[]
  /** members with a configuration that is extended, or that are referred to */
  readonly members: readonly Member[]
  /** projects that are referred to and are no members */
  readonly directories: readonly string[]
  readonly aliases: readonly Aliases[]
}

/** The `paths` of one configuration. */
export interface Aliases {
  readonly targets: readonly string[]
  readonly exact: ReadonlyMap<string, Alias>
  readonly stars: readonly Alias[]
}

/** One of `paths`: a name, or the texts before and after its star, and where it may lead, with the same star. */
interface Alias {
  readonly before: string
  readonly after: string | undefined
  readonly targets: readonly string[]
}

/** more is nothing that a person wrote */
const most = { configs: 200, extends: 20, stars: 100, targets: 10, answers: 50 }

export function isTsConfig(path: string): boolean {
  return /(?:^|\/)[jt]sconfig(?:\.[\w-]+)*\.json$/.test(path)
}

type Place = Pick<Workspace, 'tree' | 'members'>

export function tsConfigsOf(workspace: Place, files: readonly string[]): TsConfigs {
  const { tree } = workspace
  const open = new Set(files.filter(isTsConfig).slice(0, most.configs))
  const own = new Set(open)
  const [members, directories, aliases] = [new Set<Member>(), new Set<string>(), [] as Aliases[]]
  for (const file of open) {
    const config = configOf(tree, file)
    const extended = config.extends.flatMap((said) => configAt(workspace, file, said) ?? [])
    for (const path of extended) if (open.size < most.configs) open.add(path)
    for (const path of config.references) directories.add(path)
    if (config.aliases.targets.length > 0) aliases.push(config.aliases)
  }
  const others = [...open].filter((path) => !own.has(path))
  for (const path of [...others, ...directories]) {
    const member = memberAt(workspace, path)
    if (member) members.add(member)
  }
  const loose = others.filter((path) => memberAt(workspace, path) === undefined)
  return { files: loose.sort(byText), members: [...members], directories: [...directories], aliases }
}

interface Config {
  readonly extends: readonly string[]
  /** directories */
  readonly references: readonly string[]
  readonly aliases: Aliases
}

const read = new WeakMap<Tree, Map<string, Config>>()

/** Many members extend the same one. */
function configOf(tree: Tree, file: string): Config {
  const known = read.get(tree) ?? new Map<string, Config>()
  read.set(tree, known)
  const found = known.get(file) ?? parsed(tree, readLooseJson(tree.text(file) ?? ''), file.split('/').slice(0, -1))
  known.set(file, found)
  return found
}

function parsed(tree: Tree, value: unknown, directory: readonly string[]): Config {
  const one = textAt(value, 'extends')
  const several = listAt(value, 'extends')
    .filter((each) => typeof each === 'string')
    .slice(0, most.extends)
  return {
    extends: one === undefined ? several : [one],
    references: referencesOf(value, directory),
    aliases: aliasesOf(tree, value, directory),
  }
}

/** `../base`, with or without its ending, or a file of a package that is a member: `@acme/tsconfig/node.json`. */
function configAt(workspace: Place, file: string, said: string): string | undefined {
  const { tree } = workspace
  if (said.startsWith('.')) return existing(tree, joined(file.split('/').slice(0, -1), said))
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(said) ?? []
  const member = name === undefined ? undefined : memberNamed(workspace, name)
  return member && existing(tree, joined(member.directory.split('/'), rest ?? 'tsconfig.json'))
}

function existing(tree: Tree, path: string | undefined): string | undefined {
  return path === undefined ? undefined : [path, `${path}.json`].find((each) => tree.has(each))
}

/** The projects that a configuration in a directory refers to: directories, or files in them. */
export function referencesOf(value: unknown, directory: readonly string[]): string[] {
  return listAt(value, 'references').flatMap((one) => {
    const path = textAt(one, 'path')
    const found = path === undefined ? undefined : joined(directory, path.endsWith('.json') ? above(path) : path)
    return found === undefined || found === '' ? [] : [found]
  })
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function aliasesOf(tree: Tree, value: unknown, directory: readonly string[]): Aliases {
  const base = joined(directory, textAt(value, 'compilerOptions', 'baseUrl') ?? '.')
  const from = base === undefined || base === '' ? [] : base.split('/')
  const paths = base === undefined ? {} : tableAt(value, 'compilerOptions', 'paths')
  const all = Object.entries(paths).map(([pattern, said]): Alias => {
    const [before = '', after] = pattern.split('*')
    const texts = Array.isArray(said) ? said.filter((one) => typeof one === 'string').slice(0, most.targets) : []
    return { before, after, targets: texts.flatMap((one) => joined(from, one) ?? []) }
  })
  return {
    targets: all.flatMap(({ targets }) => targets),
    exact: new Map(all.filter(({ after }) => after === undefined).map((one) => [one.before, one])),
    stars: all.filter(({ after }) => after !== undefined).flatMap((one) => leading(tree, one)),
  }
}

/** An alias without the targets whose directory is not there, whatever the star is. */
function leading(tree: Tree, alias: Alias): Alias[] {
  const targets = alias.targets.filter((path) => {
    const directory = above(path.split('*', 1)[0]!)
    return directory === '' || hasFilesBelow(tree.files, directory)
  })
  return targets.length === 0 ? [] : [{ ...alias, targets }]
}

/** What a name may mean by aliases: paths. */
export function resolver(all: readonly Aliases[]): (name: string) => readonly string[] {
  const stars = all.flatMap((one) => one.stars.slice(0, most.stars)).slice(0, most.stars)
  return (name) => [...all.flatMap(({ exact }) => exact.get(name)?.targets ?? []), ...answers(stars, name)]
}

function answers(stars: readonly Alias[], name: string): readonly string[] {
  const found: string[] = []
  for (const alias of stars) if (found.length < most.answers) found.push(...starred(alias, name))
  return found
}

function starred({ before, after = '', targets }: Alias, name: string): readonly string[] {
  if (name.length < before.length + after.length || !name.startsWith(before) || !name.endsWith(after)) return []
  const star = name.slice(before.length, name.length - after.length)
  return star.split('/').includes('..') ? [] : targets.map((target) => target.replace('*', () => star))
}
