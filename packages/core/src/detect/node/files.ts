import type { Import } from '../../infer/infer.ts'
import { lexJavaScript, scanJavaScript, type JavaScriptScan } from '../../infer/javascript-lexer.ts'
import { joined } from '../paths.ts'
import { byText, type Tree } from '../tree.ts'

/** The JavaScript and TypeScript files of a unit; each is lexed and parsed at most once, and only when asked for. */
export interface NodeFiles {
  readonly program: readonly string[]
  /** parses the file: for the few that may start the program */
  scan(path: string): JavaScriptScan
  imports(path: string): readonly Import[]
  /** the file that a relative import means, and whether Node finds it without help */
  resolve(from: string, specifier: string): { readonly file: string; readonly exact: boolean } | undefined
  /** a file and what it imports, at most 50 files */
  reach(file: string): readonly string[]
}

const code = /\.(?:[cm]?[jt]s|[jt]sx)$/
const aside = new Set(
  'test tests __tests__ __mocks__ e2e docs doc example examples scripts benchmarks dist build out coverage public static'.split(' '),
)
const notPrograms = /(?:\.d\.[cm]?ts|\.(?:test|spec|stories|config)\.[cm]?[jt]sx?|\.min\.js)$|(?:^|\/)(?:gulpfile|Gruntfile)\.[cm]?js$/
const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json']
const asTypeScript: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts', '.jsx': '.tsx' }

/** Several detectors look at the files of a unit, which are read once. */
export function nodeFiles(tree: Tree): NodeFiles {
  const found = filesOf.get(tree) ?? readFiles(tree)
  filesOf.set(tree, found)
  return found
}

const filesOf = new WeakMap<Tree, NodeFiles>()

function readFiles(tree: Tree): NodeFiles {
  const scan = once((path) => scanJavaScript(tree.text(path) ?? '', path))
  const imports = once((path) => lexJavaScript(tree.text(path) ?? '', path))
  const resolve = (from: string, specifier: string): { file: string; exact: boolean } | undefined => resolveRelative(tree, from, specifier)
  return {
    program: tree.files.filter(mayBeProgram).sort(byText),
    scan,
    imports,
    resolve,
    reach: (file) => reachable(file, imports, resolve),
  }
}

export function isTypeScript(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path)
}

function mayBeProgram(path: string): boolean {
  const parts = path.split('/')
  // what tools keep in hidden directories (.storybook, .yarn, .mastra) is no program
  if (parts.some((part) => part.startsWith('.'))) return false
  return code.test(path) && !notPrograms.test(path) && !parts.slice(0, -1).some((part) => aside.has(part))
}

function once<T>(read: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>()
  return (path) => {
    const found = known.get(path) ?? read(path)
    known.set(path, found)
    return found
  }
}

function reachable(file: string, imports: NodeFiles['imports'], resolve: NodeFiles['resolve']): string[] {
  const found = [file]
  for (const from of found) {
    if (found.length >= 50) break
    for (const { module } of imports(from)) {
      const target = module.startsWith('.') ? resolve(from, module)?.file : undefined
      if (target !== undefined && code.test(target) && !found.includes(target)) found.push(target)
    }
  }
  return found
}

function resolveRelative(tree: Tree, from: string, specifier: string): { file: string; exact: boolean } | undefined {
  const path = joined(from.split('/').slice(0, -1), specifier)
  if (path === undefined) return undefined
  if (tree.has(path)) return { file: path, exact: true }
  const extension = /\.[cm]?jsx?$/.exec(path)?.[0]
  const typed = extension === undefined ? undefined : path.slice(0, -extension.length) + asTypeScript[extension]!
  if (typed !== undefined && tree.has(typed)) return { file: typed, exact: false }
  const guessed = [...extensions.map((end) => path + end), ...extensions.map((end) => `${path}/index${end}`)].find((one) => tree.has(one))
  return guessed === undefined ? undefined : { file: guessed, exact: false }
}
