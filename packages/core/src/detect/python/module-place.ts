import type { Tree } from '../tree.ts'
import type { PythonFiles } from './scans.ts'

/**
 * The module that a file is, and the directory it is found from: the unit's root, `src`, or its own directory, whichever
 * its own imports need.
 */
export function modulePlace(tree: Tree, files: PythonFiles, file: string): { root: string; module: string; inPackage: boolean } {
  const parts = file.replace(/(?:\/__init__)?\.py$/, '').split('/')
  const directory = parts.slice(0, -1)
  const bare = { root: directory.join('/'), module: parts.at(-1)!, inPackage: false }
  if (directory.length === 0) return bare
  const { imports } = files.scan(file)
  const relative = imports.some(({ level }) => level > 0)
  const dotted = directory.findLastIndex((part) => part.includes('.'))
  // below a directory that is no package, what its own imports need may still be one
  if (relative && dotted !== -1 && !parts.at(-1)!.includes('.')) return belowDotted(parts, dotted + 1)
  // names such as `my-agent` can be loaded as modules, but not imported by a statement: without need, such a directory is no package
  if (!parts.every((part) => (relative ? !part.includes('.') : /^[^\W\d]\w*$/u.test(part)))) return bare
  const own = new Set(imports.filter(({ level }) => level === 0).map(({ module }) => module.split('.')[0]!))
  const inSource = (base: readonly string[], name: string): boolean =>
    tree.has([...base, `${name}.py`].join('/')) || tree.files.some((path) => path.startsWith(`${[...base, name].join('/')}/`))
  const srcLayout = parts[0] === 'src' && parts.length > 1 && !tree.has('src/__init__.py') && !own.has('src')
  const roots = srcLayout ? [['src'], []] : [[]]
  const fromRoot = roots.some((root) => [...own].some((name) => inSource(root, name)))
  const besides = [...own].some((name) => inSource(directory, name) && !roots.some((root) => inSource(root, name)))
  if (besides && !relative) return bare
  const root = srcLayout ? 'src' : ''
  const isPackage = tree.has([...directory, '__init__.py'].join('/')) || file.endsWith('__init__.py')
  const module = parts.slice(srcLayout ? 1 : 0).join('.')
  return { root, module, inPackage: relative || fromRoot || isPackage }
}

function belowDotted(parts: readonly string[], top: number): ReturnType<typeof modulePlace> {
  return { root: parts.slice(0, top).join('/'), module: parts.slice(top).join('.'), inPackage: parts.length - top > 1 }
}

/** The directory with a dot in its name that the relative imports of a file would need as a package, which it cannot be. */
export function dottedPackage(files: PythonFiles, file: string): string | undefined {
  const directory = file.split('/').slice(0, -1)
  const dotted = directory.findLastIndex((part) => part.includes('.'))
  if (dotted === -1) return undefined
  const needs = files.scan(file).imports.some(({ level, optional }) => !optional && level >= directory.length - dotted)
  return needs ? directory.slice(0, dotted + 1).join('/') : undefined
}
