import { parseProgram } from '../../infer/javascript-syntax.ts'
import { tableAt, textAt } from '../toml.ts'
import type { Tree } from '../tree.ts'
import { joined } from '../paths.ts'
import { isTypeScript, type NodeFiles } from './files.ts'
import { readLooseJson } from '../../infer/loose-json.ts'

/** What a tsconfig.json says that matters here. */
export interface TsConfig {
  readonly path: string
  readonly outDir?: string
  readonly rootDir?: string
  readonly paths: readonly string[]
}

/** A tsconfig with what it extends inside the source. */
export function readTsConfig(tree: Tree, path = 'tsconfig.json', depth = 0): TsConfig | undefined {
  const value = readLooseJson(tree.text(path) ?? '')
  if (value === undefined) return undefined
  const directory = path.split('/').slice(0, -1)
  const parent = textAt(value, 'extends')
  const parentPath = parent?.startsWith('.') ? joined(directory, parent.endsWith('.json') ? parent : `${parent}.json`) : undefined
  const base = parentPath !== undefined && depth < 5 ? readTsConfig(tree, parentPath, depth + 1) : undefined
  const outDir = below(directory, textAt(value, 'compilerOptions', 'outDir')) ?? base?.outDir
  const rootDir = below(directory, textAt(value, 'compilerOptions', 'rootDir')) ?? base?.rootDir
  return {
    path,
    ...(outDir === undefined ? {} : { outDir }),
    ...(rootDir === undefined ? {} : { rootDir }),
    paths: [...Object.keys(tableAt(value, 'compilerOptions', 'paths')), ...(base?.paths ?? [])],
  }
}

function below(directory: readonly string[], path: string | undefined): string | undefined {
  const found = path === undefined ? undefined : joined(directory, path)
  return found === '' ? undefined : found
}

/** The TypeScript file that a built file comes from: `dist/server.js` from `src/server.ts`. */
export function sourceOf(tree: Tree, built: string, config: TsConfig | undefined): string | undefined {
  const outDir = config?.outDir ?? 'dist'
  if (!built.startsWith(`${outDir}/`)) return undefined
  const rest = built.slice(outDir.length + 1).replace(/\.([cm]?)jsx?$/, '')
  const roots = [...new Set([config?.rootDir, 'src', '', 'lib'])].filter((root) => root !== undefined)
  return roots
    .flatMap((root) => ['.ts', '.mts', '.cts', '.tsx'].map((end) => `${root === '' ? '' : `${root}/`}${rest}${end}`))
    .find((path) => tree.has(path))
}

/** Why Node's own type stripping cannot run a program: the first place, if there is one. */
export interface NotErasable {
  readonly file: string
  readonly line?: number
  readonly says: string
}

export function notErasable(tree: Tree, files: NodeFiles, entry: string, config: TsConfig | undefined): NotErasable | undefined {
  for (const file of files.reach(entry)) {
    if (!isTypeScript(file)) continue
    if (file.endsWith('x')) return { file, says: `${file} has JSX` }
    const found = hiddenImport(files, file, config) ?? compiledSyntax(tree.text(file) ?? '', file)
    if (found) return found
  }
  return undefined
}

// Node looks for files by their full name; `./model` and `./model.js` for a model.ts are the compiler's habit.
function hiddenImport(files: NodeFiles, file: string, config: TsConfig | undefined): NotErasable | undefined {
  for (const { module, line, optional } of files.imports(file)) {
    if (optional) continue
    const alias = config?.paths.find((pattern) =>
      pattern.endsWith('*') ? module.startsWith(pattern.slice(0, -1)) && pattern !== '*' : module === pattern,
    )
    if (alias !== undefined) return { file, line, says: `${module} is an alias of ${config!.path}` }
    const target = module.startsWith('.') ? files.resolve(file, module) : undefined
    if (target && !target.exact) return { file, line, says: `${module} means ${target.file}, which Node looks for by its full name` }
  }
  return undefined
}

const mayNeedCompiling =
  /\benum\s+\w|\b(?:namespace|module)\s+[\w."']|^[ \t]*@\w|\b(?:public|private|protected|readonly|override)\s+\w|\bimport\s+\w+\s*=|\bexport\s*=/m

// Words first, since most files have none of them; then the tree, since words also stand in comments and texts.
function compiledSyntax(text: string, file: string): NotErasable | undefined {
  if (!mayNeedCompiling.test(text)) return undefined
  const found = firstOf(parseProgram(text, file), 0)
  return found && { file, ...(found.line === undefined ? {} : { line: found.line }), says: `${file} has ${found.what}` }
}

const names: Readonly<Record<string, string>> = {
  TSEnumDeclaration: 'an enum',
  TSModuleDeclaration: 'a namespace',
  TSParameterProperty: 'a parameter property',
  Decorator: 'a decorator',
  TSImportEqualsDeclaration: 'an import assignment',
  TSExportAssignment: 'an export assignment',
}

interface Node {
  readonly type?: unknown
  readonly declare?: unknown
  readonly loc?: { readonly start: { readonly line: number } } | null
  readonly [field: string]: unknown
}

function firstOf(value: unknown, depth: number): { what: string; line?: number } | undefined {
  if (typeof value !== 'object' || value === null || depth > 200) return undefined
  if (Array.isArray(value)) return firstAmong(value, depth)
  const node = value as Node
  if (node.declare === true) return undefined
  const what = typeof node.type === 'string' ? names[node.type] : undefined
  if (what !== undefined) return { what, ...(node.loc ? { line: node.loc.start.line } : {}) }
  return firstAmong(
    Object.keys(node)
      .filter((key) => key !== 'loc' && !key.endsWith('omments') && key !== 'extra' && key !== 'errors')
      .map((key) => node[key]),
    depth,
  )
}

function firstAmong(values: readonly unknown[], depth: number): { what: string; line?: number } | undefined {
  for (const value of values) {
    const found = firstOf(value, depth + 1)
    if (found) return found
  }
  return undefined
}
