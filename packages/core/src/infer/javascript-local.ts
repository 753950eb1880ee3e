import { directoryOf, isBelow, joinPath, readText, type Readable } from './files.ts'

/** True for a specifier that leads into the source: relative, an alias of tsconfig.json, or a package of the workspace. */
export type IsLocal = (specifier: string, packageName: string | undefined, from: string) => boolean

/** Looks over a source once: its packages' names, and the aliases of each tsconfig.json or jsconfig.json. */
export function localSpecifiers(source: Readable): IsLocal {
  const own = new Set<unknown>()
  let configs = 0
  const aliases: Aliases[] = []
  const paths = new Set(source.entries.map(({ path }) => path))
  for (const entry of source.entries) {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1)
    if (entry.kind !== 'file' || entry.size > maxConfig || /(?:^|\/)node_modules\//.test(entry.path)) continue
    if (!/^(?:package|tsconfig|jsconfig)\.json$/.test(name) || ++configs > maxConfigs) continue
    if (name === 'package.json') own.add(readJson(source, entry.path).name)
    else aliases.push(readAliases(source, entry.path, paths))
  }
  return (specifier, packageName, from) =>
    /^(?:\.{0,2}\/|\.{1,2}$|#|file:)/.test(specifier) ||
    (packageName !== undefined && own.has(packageName)) ||
    aliases.some(({ directory, matches }) => isBelow(from, directory) && matches(specifier))
}

/** bytes of one, and how many */
const maxConfig = 1024 * 1024
const maxConfigs = 1000

interface Aliases {
  readonly directory: string
  readonly matches: (specifier: string) => boolean
}

interface Options {
  readonly baseUrl?: string
  readonly paths: readonly string[]
}

function readAliases(source: Readable, path: string, files: ReadonlySet<string>): Aliases {
  const { baseUrl, paths } = readOptions(source, path, files, new Set())
  const patterns = paths.map((pattern) => pattern.split('*', 2) as [string, string?])
  const inBase = (specifier: string): boolean => {
    const found = baseUrl === undefined ? undefined : joinPath(baseUrl, specifier.split('/', 1)[0]!)
    return found !== undefined && ['', '.ts', '.tsx', '.js', '.jsx', '.mts', '.mjs'].some((extension) => files.has(found + extension))
  }
  const matches = (specifier: string): boolean =>
    patterns.some(([start, end]) =>
      end === undefined ? specifier === start : start !== '' && specifier.startsWith(start) && specifier.endsWith(end),
    ) || inBase(specifier)
  return { directory: directoryOf(path), matches }
}

/** `compilerOptions` with those of relative `extends` beneath; each file is looked at once. */
function readOptions(source: Readable, path: string, files: ReadonlySet<string>, seen: Set<string>): Options {
  if (seen.has(path) || seen.size > 20) return { paths: [] }
  seen.add(path)
  const json = readJson(source, path)
  const own = (json.compilerOptions ?? {}) as { baseUrl?: unknown; paths?: unknown }
  const parents = [json.extends].flat().flatMap((parent) => (typeof parent === 'string' && parent.startsWith('.') ? [parent] : []))
  const inherited = parents.flatMap((parent) => {
    const found = [parent, `${parent}.json`]
      .map((one) => joinPath(directoryOf(path), one))
      .find((one) => one !== undefined && files.has(one))
    return found === undefined ? [] : [readOptions(source, found, files, seen)]
  })
  const baseUrl = typeof own.baseUrl === 'string' ? joinPath(directoryOf(path), own.baseUrl) : inherited.at(-1)?.baseUrl
  const paths = typeof own.paths === 'object' && own.paths !== null ? Object.keys(own.paths) : inherited.flatMap((one) => one.paths)
  return { ...(baseUrl === undefined ? {} : { baseUrl }), paths }
}

/** JSON as people write it: comments and trailing commas allowed; {} where it cannot be read. */
function readJson(source: Readable, path: string): Readonly<Record<string, unknown>> {
  try {
    const plain = readText(source, path)
      .replace(/^\uFEFF/, '')
      .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g, (token) => (token.startsWith('"') ? token : ' '))
      .replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (token) => (token === ',' ? '' : token))
    const value: unknown = JSON.parse(plain)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}
