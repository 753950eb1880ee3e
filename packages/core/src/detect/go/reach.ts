import { directoryOf } from '../../infer/files.ts'
import { parents } from '../../source/parents.ts'
import type { Evidence } from '../detection.ts'
import type { Tree } from '../tree.ts'
import { valuesOf, type GoModules } from './modules.ts'
import type { GoFiles } from './programs.ts'

/** The files that a program is made of: its package's, and those of the packages of the source that it imports. */
export function reachedFiles(files: GoFiles, { modules }: GoModules, directory: string): readonly string[] {
  const byDirectory = Map.groupBy(files.program, directoryOf)
  const places = modules.flatMap((one) => valuesOf(one, 'module').map(({ words }) => ({ path: words[0] ?? '', directory: one.directory })))
  const found = new Set([directory])
  for (const at of found)
    for (const file of byDirectory.get(at) ?? [])
      for (const { path } of files.read(file).imports) {
        const local = localDirectory(path, places)
        if (local !== undefined && byDirectory.has(local)) found.add(local)
      }
  return [...found].flatMap((at) => byDirectory.get(at) ?? [])
}

function localDirectory(path: string, places: readonly { readonly path: string; readonly directory: string }[]): string | undefined {
  const module = places.find((one) => path === one.path || path.startsWith(`${one.path}/`))
  if (!module) return undefined
  const rest = path.slice(module.path.length + 1)
  return [module.directory, rest].filter((part) => part !== '.' && part !== '').join('/') || '.'
}

/** Why the program needs more than itself: it runs other programs, or is linked to libraries. undefined: it needs nothing. */
export function needsSystem(files: GoFiles, reached: readonly string[]): Evidence | undefined {
  for (const file of reached)
    for (const { path, line } of files.read(file).imports)
      if (path === 'os/exec' || path === 'plugin') return { rule: 'go.base.commands', file, line, says: `imports ${path}` }
  return cgo(files, reached)
}

/** Packages that bind to C; without cgo they do not compile, or do nothing. */
const bindings: readonly string[] = [
  'github.com/mattn/go-sqlite3',
  'gorm.io/driver/sqlite',
  'github.com/confluentinc/confluent-kafka-go',
  'github.com/marcboeker/go-duckdb',
  'github.com/davidbyttow/govips',
  'github.com/h2non/bimg',
  'github.com/libgit2/git2go',
  'github.com/linxGnu/grocksdb',
  'github.com/chai2010/webp',
  'github.com/mutecomm/go-sqlcipher',
  'github.com/yalue/onnxruntime_go',
  'github.com/asg017/sqlite-vec-go-bindings/cgo',
  'gocv.io/x/gocv',
]

/** Why the program needs C; undefined where it does not. */
export function cgo(files: GoFiles, reached: readonly string[]): Evidence | undefined {
  for (const file of reached)
    for (const { path, line } of files.read(file).imports) {
      if (path === 'C') return { rule: 'go.cgo.import', file, line, says: 'imports "C"' }
      if (bindings.some((one) => path === one || path.startsWith(`${one}/`)))
        return { rule: 'go.cgo.package', file, line, says: `imports ${path}, which binds to C` }
    }
  return undefined
}

/**
 * What of the source the program opens when it runs: paths that its texts name and the source has, as the start in the unit's directory
 * finds them. A directory of code alone is none, nor is what `//go:embed` puts into the program.
 */
export function openedPaths(tree: Tree, files: GoFiles, reached: readonly string[]): readonly string[] {
  const data = tree.files.filter((path) => !/\.go$|(?:^|\/)go\.(?:mod|sum|work|work\.sum)$/.test(path))
  const directories = new Set(data.flatMap(parents))
  const isData = new Set(data)
  const found = new Set<string>()
  for (const file of reached)
    for (const { kind, text } of files.read(file).tokens) {
      const path = kind === 'text' && text.length < 300 ? plainPath(text) : undefined
      if (path !== undefined && (isData.has(path) || directories.has(path))) found.add(path)
    }
  return [...found].filter((path) => !parents(path).some((other) => found.has(other))).toSorted()
}

/** Directories a text may mean by chance are named like packages and routes: without a slash or a point they need files in them. */
function plainPath(text: string): string | undefined {
  const path = text
    .replace(/^\.\//, '')
    .replace(/\/?\*.*$/, '')
    .replace(/\/+$/, '')
  return path === '' ||
    path.startsWith('/') ||
    !/^[\w./@-]+$/.test(path) ||
    path.split('/').some((part) => part === '' || part === '.' || part === '..')
    ? undefined
    : path
}
