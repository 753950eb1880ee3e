import { npmLock } from '../managers/npm.ts'
import { tableAt, textAt, type Table } from '../toml.ts'
import type { Tree } from '../tree.ts'

/**
 * The names of what a lock installs for some directories of a workspace (`.` is its root); undefined for a lock whose graph is not
 * read. What other members need is no reason for a package of the distribution.
 */
export function lockedFor(tree: Tree, manager: string, directories: readonly string[]): ReadonlySet<string> | undefined {
  const packages = manager === 'npm' ? npmPackages(tree) : undefined
  if (packages) return ofNpm(packages, directories)
  if (manager === 'pnpm' && tree.has('pnpm-lock.yaml')) return ofPnpm(tree.manifest('pnpm-lock.yaml'), directories)
  return undefined
}

const fields = ['dependencies', 'optionalDependencies', 'devDependencies', 'peerDependencies']

/** What npm's lock says of each place, `apps/api/node_modules/next`; undefined without a lock, and for an old one that names no places. */
export function npmPackages(tree: Tree): Table | undefined {
  const packages = tableAt(npmLock(tree), 'packages')
  return Object.keys(packages).length === 0 ? undefined : packages
}

/** Each package is looked for as Node does: in its own node_modules, then in those above. */
function ofNpm(packages: Table, directories: readonly string[]): ReadonlySet<string> {
  const places = new Set(directories.map((path) => (path === '.' ? '' : path)))
  const names = new Set<string>()
  for (const place of places)
    for (const name of fields.flatMap((field) => Object.keys(tableAt(packages, place, field)))) {
      const found = nodeModulesAbove(place, name).find((path) => Object.hasOwn(packages, path))
      if (found === undefined) continue
      names.add(name)
      places.add(
        textAt(packages, found, 'resolved') !== undefined && tableAt(packages, found)['link'] === true
          ? textAt(packages, found, 'resolved')!
          : found,
      )
    }
  return names
}

/** The places where Node looks for a package from a directory (empty: the top). */
export function nodeModulesAbove(place: string, name: string): string[] {
  const found = [`${place === '' ? '' : `${place}/`}node_modules/${name}`]
  for (let at = place.lastIndexOf('/'); at > 0; at = place.lastIndexOf('/', at - 1))
    found.push(`${place.slice(0, at)}/node_modules/${name}`)
  return [...found, `node_modules/${name}`]
}

/** `importers` name the versions of each member, `snapshots` (before format 9 `packages`) those of each package. */
function ofPnpm(text: string, directories: readonly string[]): ReadonlySet<string> | undefined {
  const sections = sectionsOf(text)
  const graph = sections.get('snapshots') ?? sections.get('packages')
  const importers = sections.get('importers')
  if (!graph || !importers) return undefined
  const begin = directories.flatMap((path) => [...(importers.get(path) ?? [])])
  const reached = new Set<string>()
  const names = new Set<string>()
  const add = ([name, version]: readonly [string, string]): void => {
    names.add(name)
    for (const key of [`${name}@${version}`, `/${name}@${version}`, `/${name}/${version}`, version]) if (graph.has(key)) reached.add(key)
  }
  begin.forEach(add)
  for (const key of reached) for (const each of graph.get(key)!) add(each)
  return names
}

type Section = Map<string, (readonly [name: string, version: string])[]>

/** Of a lock's lines by their depth: section, package, kind of dependencies, name with version (of importers one deeper). */
function sectionsOf(text: string): Map<string, Section> {
  const sections = new Map<string, Section>()
  let section: Section = new Map()
  let needs: (readonly [string, string])[] = []
  let inside = false
  let name = ''
  for (const line of text.split('\n')) {
    const match = /^( *)(?:'([^']*)'|([^\s:'][^:]*)):(?: (.*))?$/.exec(line)
    if (!match) continue
    const [depth, key, value] = [match[1]!.length, match[2] ?? match[3]!, unquoted(match[4] ?? '')]
    if (depth === 0) sections.set(key, (section = new Map()))
    else if (depth === 2) section.set(key, (needs = []))
    else if (depth === 4) inside = fields.includes(key)
    else if (depth === 6 && inside) {
      name = key
      if (value !== '') needs.push([key, value])
    } else if (depth === 8 && inside && key === 'version') needs.push([name, value])
  }
  return sections
}

function unquoted(text: string): string {
  return text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : text
}
