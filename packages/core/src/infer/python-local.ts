import { below, directoryOf, isBelow, joinPath, type Readable } from './files.ts'

/** Which modules a source has of its own. */
export interface LocalModules {
  /**
   * Where an absolute import leads: `module` is a file or package of the source, or a file in a directory without `__init__.py`.
   * `directory` is such a directory with nothing of the imported name in it: an installed package would win, if there is one.
   */
  readonly find: (module: string, names: readonly string[], from: string) => Found | undefined
  /** the files a relative import reaches */
  readonly relative: (level: number, module: string, names: readonly string[], from: string) => readonly string[]
}

export interface Found {
  readonly kind: 'module' | 'directory'
  /** the files that the import reads */
  readonly files: readonly string[]
}

/** Deeper modules are nobody's. */
const maxParts = 40

/** Directories below the unit that are often put on the path. */
const roots = ['', 'src', 'lib', 'app']

/** Looks over a source once. A candidate root is the unit, its usual source directories, and each directory above the importing file that is no package. */
export function localModules(source: Readable, unit: string): LocalModules {
  const files = new Set<string>()
  const directories = new Set<string>()
  for (const entry of source.entries) {
    if (entry.kind === 'directory' || !/\.(?:pyi?|so|pyd)$/.test(entry.path)) continue
    files.add(entry.path.replace(/(?:\.(?:cpython|abi3)[^/]*)?\.(?:so|pyd)$/, '.py'))
    for (let directory = directoryOf(entry.path); !directories.has(directory); directory = directoryOf(directory))
      directories.add(directory)
  }
  const fixed = roots.flatMap((root) => joinPath(unit, root) ?? []).filter((root) => root === unit || directories.has(root))
  const above = rootsAbove(files, unit)
  const modules = (path: string): readonly string[] =>
    [`${path}.py`, `${path}/__init__.py`, `${path}.pyi`].filter((file) => files.has(file))

  const reached = (root: string, dotted: string, names: readonly string[]): readonly string[] => {
    const found: string[] = []
    let path = root
    for (const part of dotted === '' ? [] : dotted.split('.', maxParts)) {
      path = inside(path, part)
      found.push(...modules(path))
    }
    return [...found, ...names.flatMap((name) => modules(inside(path, name)))]
  }

  return {
    find(module, names, from) {
      const top = module.split('.', 1)[0]!
      let weak: Found | undefined
      for (const root of [...new Set([...above(directoryOf(from)), ...fixed])]) {
        const path = inside(root, top)
        if (modules(path).length > 0) return { kind: 'module', files: reached(root, module, names) }
        if (!directories.has(path)) continue
        const inDirectory = reached(root, module, names)
        if (inDirectory.length > 0) return { kind: 'module', files: inDirectory }
        weak ??= { kind: 'directory', files: [] }
      }
      return weak
    },
    relative(level, module, names, from) {
      const start = joinPath(directoryOf(from), Array.from({ length: level - 1 }, () => '..').join('/'))
      return start === undefined ? [] : [...modules(start), ...reached(start, module, names)]
    },
  }
}

function rootsAbove(files: ReadonlySet<string>, unit: string): (directory: string) => readonly string[] {
  const known = new Map<string, readonly string[]>()
  const above = (directory: string): readonly string[] => {
    const found = known.get(directory)
    if (found !== undefined) return found
    const isRoot = !files.has(inside(directory, '__init__.py'))
    const higher =
      directory === '.' || directory === unit || !isBelow(directory, unit) || below(directory, unit) === ''
        ? []
        : above(directoryOf(directory))
    const all = isRoot ? [directory, ...higher] : higher
    known.set(directory, all)
    return all
  }
  return above
}

function inside(directory: string, name: string): string {
  return directory === '.' ? name : `${directory}/${name}`
}
