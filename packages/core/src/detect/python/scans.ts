import { scanPython, type PythonScan } from '../../infer/python-lexer.ts'
import type { Tree } from '../tree.ts'
import { readModule, type PythonModule } from './module.ts'

/** The Python files of a unit, each read once. */
export interface PythonFiles {
  /** all that may hold the program: no tests, documentation or packaging scripts */
  readonly program: readonly string[]
  scan(path: string): PythonScan
  /** what the file defines and calls, in more depth than a scan */
  module(path: string): PythonModule
  /** whether the text has a word without which a scan would find nothing: spares most files the scan */
  mentions(path: string, word: RegExp): boolean
  /** the file of the unit that an import means, if it is one */
  resolve(from: string, module: string, level: number): string | undefined
  /** files of the program that another one imports */
  readonly imported: ReadonlySet<string>
}

const aside = new Set('test tests testing docs doc examples example scripts notebooks benchmarks migrations alembic'.split(' '))
const notPrograms = /^(?:setup|conftest|noxfile|fabfile|tasks|test_.*|.*_test|tests)\.py$/

export function pythonFiles(tree: Tree): PythonFiles {
  const scans = new Map<string, PythonScan>()
  const scan = (path: string): PythonScan => {
    const known = scans.get(path) ?? scanPython(tree.text(path) ?? '', path)
    scans.set(path, known)
    return known
  }
  const modules = new Map<string, PythonModule>()
  const module = (path: string): PythonModule => {
    const known = modules.get(path) ?? readModule(tree.text(path) ?? '')
    modules.set(path, known)
    return known
  }
  const program = tree.files.filter(mayBeProgram)
  const resolve = (from: string, dotted: string, level: number): string | undefined => resolveModule(tree, from, dotted, level)
  let imported: ReadonlySet<string> | undefined
  return {
    program,
    scan,
    module,
    mentions: (path, word) => word.test(tree.text(path) ?? ''),
    resolve,
    get imported() {
      imported ??= new Set(program.flatMap((from) => importedBy(from, scan(from), resolve)))
      return imported
    },
  }
}

function mayBeProgram(path: string): boolean {
  if (!path.endsWith('.py')) return false
  const parts = path.split('/')
  return !notPrograms.test(parts.at(-1)!) && !parts.slice(0, -1).some((part) => aside.has(part))
}

function importedBy(from: string, scan: PythonScan, resolve: PythonFiles['resolve']): string[] {
  return scan.imports.flatMap(({ module, names, level }) => {
    const modules = [module, ...names.map((name) => (module === '' ? name : `${module}.${name}`))]
    return modules.map((one) => resolve(from, one, level)).filter((path) => path !== undefined && path !== from) as string[]
  })
}

function resolveModule(tree: Tree, from: string, module: string, level: number): string | undefined {
  const here = from.split('/').slice(0, -1)
  if (level > here.length + 1) return undefined
  const bases = level > 0 ? [here.slice(0, here.length - (level - 1))] : [[], ['src'], here]
  for (const base of bases) {
    const path = [...base, ...module.split('.').filter(Boolean)].join('/')
    const found = [`${path}.py`, `${path}/__init__.py`].find((file) => tree.has(file))
    if (found !== undefined) return found
  }
  return undefined
}
