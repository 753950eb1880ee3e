import { directoryOf, joinPath, readText, type Readable } from './files.ts'
import { readAliasLiterals } from './javascript-alias.ts'
import { entriesOf, readJson, stringsOf, textOf, type Json } from './javascript-json.ts'

/** Where a specifier leads: into the source, to what an alias puts in its place, or (undefined) to a package. */
export type Resolved = 'local' | { readonly alias: string } | undefined

/** Resolves what the source's own files say of specifiers. `packageName` is undefined for what no package may be called. */
export type Resolve = (specifier: string, packageName: string | undefined, from: string) => Resolved

/** Looks over a source once: its packages' names, and the aliases of each tsconfig, package.json, deno.json and bundler's file. */
export function localSpecifiers(source: Readable): Resolve {
  const tree = treeOf(source)
  const own = new Set<string>()
  const scopes: Scope[] = []
  for (const path of configFiles(source)) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (name === 'package.json') {
      const json = readJson(source, path)
      const called = textOf(json.name)
      if (called !== undefined) own.add(called)
      scopes.push(readMap(path, json.imports, true))
    } else if (name.startsWith('deno') || name === 'import_map.json') scopes.push(readMap(path, readJson(source, path).imports, false))
    else if (name.endsWith('.json')) scopes.push(readTsConfig(source, path, tree))
    else scopes.push({ directory: directoryOf(path), resolve: matcher(readAliasLiterals(readText(source, path)), directoryOf(path)) })
  }
  const scopesAt = nearest(scopes)
  return (specifier, packageName, from) => {
    if (/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(specifier)) return 'local'
    for (const { resolve } of scopesAt(directoryOf(from))) {
      const found = resolve(specifier)
      if (found !== undefined) return found
    }
    return specifier.startsWith('#') || (packageName !== undefined && own.has(packageName)) ? 'local' : undefined
  }
}

/** The scopes of a directory and of those above it, nearest first. */
function nearest(scopes: readonly Scope[]): (directory: string) => readonly Scope[] {
  const known = new Map<string, readonly Scope[]>()
  const at = (directory: string): readonly Scope[] => {
    const found = known.get(directory)
    if (found !== undefined) return found
    const own = scopes.filter((scope) => scope.directory === directory)
    const all = directory === '.' ? own : [...own, ...at(directoryOf(directory))]
    known.set(directory, all)
    return all
  }
  return at
}

interface Scope {
  readonly directory: string
  readonly resolve: (specifier: string) => Resolved
}

/** bytes of one, and how many */
const maxConfig = 1024 * 1024
const maxConfigs = 500

function configFiles(source: Readable): readonly string[] {
  const wanted =
    /(?:^|\/)(?:package\.json|[tj]sconfig(?:\.[\w-]+)?\.json|deno\.jsonc?|import_map\.json|(?:vite|vitest|webpack|babel|next|astro|nuxt|rollup|craco)\.config\.[cm]?[jt]s)$/
  return source.entries
    .flatMap((entry) => (entry.kind === 'file' && entry.size <= maxConfig && wanted.test(entry.path) ? [entry.path] : []))
    .filter((path) => !/(?:^|\/)node_modules\//.test(path))
    .slice(0, maxConfigs)
}

interface Tree {
  /** files and the directories they are in */
  readonly paths: () => ReadonlySet<string>
  /** a package of the workspace by name: its directory */
  readonly packages: () => ReadonlyMap<string, string>
}

function treeOf(source: Readable): Tree {
  let paths: Set<string> | undefined
  const list = (): Set<string> => {
    const all = new Set<string>()
    for (const { path } of source.entries) for (let part = path; part !== '.' && !all.has(part); part = directoryOf(part)) all.add(part)
    return all
  }
  let packages: ReadonlyMap<string, string> | undefined
  const read = (): ReadonlyMap<string, string> =>
    new Map(
      configFiles(source)
        .filter((path) => path.endsWith('package.json'))
        .map((path) => [textOf(readJson(source, path).name) ?? '', directoryOf(path)]),
    )
  return { paths: () => (paths ??= list()), packages: () => (packages ??= read()) }
}

/** `imports` of package.json and deno.json: a target is a file, or another package. */
function readMap(path: string, map: unknown, hashOnly: boolean): Scope {
  const pairs = entriesOf(map)
    .filter(([key]) => !hashOnly || key.startsWith('#'))
    .map(([key, value]): [string, string] => [key, stringsOf(value).find((target) => !/^\.{0,2}\//.test(target)) ?? './'])
    .map(([key, target]): [string, string] => (key.endsWith('/') && !hashOnly ? [`${key}*`, `${target}*`] : [key, target]))
  return { directory: directoryOf(path), resolve: matcher(pairs, directoryOf(path)) }
}

interface Options {
  readonly baseUrl?: string
  /** pattern, and where it leads from the top of the source */
  readonly paths: readonly (readonly [string, string])[]
}

function readTsConfig(source: Readable, path: string, tree: Tree): Scope {
  const { baseUrl, paths } = readOptions(source, path, tree, new Set())
  const byPattern = matcher(paths, '.')
  const extensions = ['', '.ts', '.tsx', '.js', '.jsx', '.mts', '.mjs']
  const inBase = (specifier: string): Resolved => {
    const found = baseUrl === undefined ? undefined : joinPath(baseUrl, specifier.split('/', 1)[0]!)
    return found !== undefined && extensions.some((extension) => tree.paths().has(found + extension)) ? 'local' : undefined
  }
  return { directory: directoryOf(path), resolve: (specifier) => byPattern(specifier) ?? inBase(specifier) }
}

/** `compilerOptions` with those of `extends` beneath, relative or of a package of the workspace; each file is looked at once. */
function readOptions(source: Readable, path: string, tree: Tree, seen: Set<string>): Options {
  if (seen.has(path) || seen.size > 20) return { paths: [] }
  seen.add(path)
  const json = readJson(source, path)
  const own = (json.compilerOptions ?? {}) as Json
  const inherited = [json.extends].flat().flatMap((parent) => {
    const found = typeof parent === 'string' ? parentFile(parent, path, tree) : undefined
    return found === undefined ? [] : [readOptions(source, found, tree, seen)]
  })
  const ownBase = textOf(own.baseUrl)
  const baseUrl = ownBase === undefined ? inherited.at(-1)?.baseUrl : joinPath(directoryOf(path), ownBase)
  const root = ownBase === undefined ? directoryOf(path) : (baseUrl ?? '.')
  const targets = entriesOf(own.paths).map(([pattern, value]) => [pattern, stringsOf(value)[0] ?? './'] as const)
  const paths =
    own.paths === undefined
      ? inherited.flatMap((one) => one.paths)
      : targets.map(([pattern, target]) => [pattern, packageIn(target) ?? `./${joinPath(root, target) ?? ''}`] as const)
  return { ...(baseUrl === undefined ? {} : { baseUrl }), paths }
}

function parentFile(parent: string, path: string, tree: Tree): string | undefined {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(parent)?.[0] ?? ''
  const at = parent.startsWith('.')
    ? joinPath(directoryOf(path), parent)
    : tree.packages().has(name)
      ? joinPath(tree.packages().get(name)!, parent.slice(name.length))
      : undefined
  return at === undefined
    ? undefined
    : [at, `${at}.json`, `${at}/tsconfig.json`].find((one) => tree.paths().has(one) && one.endsWith('.json'))
}

/** The package an alias leads into: `./node_modules/preact/compat`. */
function packageIn(target: string): string | undefined {
  return /(?:^|\/)node_modules\/(.+)$/.exec(target)?.[1]
}

/** Finds the first pattern that fits, exact ones before; `*` stands for the rest. */
function matcher(pairs: readonly (readonly [string, string])[], directory: string): (specifier: string) => Resolved {
  const patterns = pairs.slice(0, 500).map(([pattern, target]) => ({ ends: pattern.split('*', 2), target }))
  return (specifier) => {
    const found = patterns.find(({ ends: [start, end] }) =>
      end === undefined ? specifier === start : start !== '' && specifier.startsWith(start!) && specifier.endsWith(end),
    )
    if (found === undefined) return undefined
    if (/^(?:\.{0,2}\/|\.{1,2}$)/.test(found.target) || found.target === '*') return 'local'
    const rest = specifier.slice(found.ends[0]!.length, specifier.length - (found.ends[1] ?? '').length)
    const alias = found.target.replace('*', () => rest)
    return alias === specifier || directory === alias ? undefined : { alias }
  }
}
