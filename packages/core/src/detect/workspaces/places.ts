import type { Tree } from '../tree.ts'

/**
 * The same value with the files of all evidence and notices as paths of the source: the detectors name them as they lie in their
 * tree. A file that the tree does not have is left as it is.
 */
export function atSource<T>(value: T, tree: Tree): T {
  if (tree.unit === '.') return value
  return placed(value, tree, 0) as T
}

function placed(value: unknown, tree: Tree, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Map || depth > 8) return value
  if (Array.isArray(value)) return value.map((one) => placed(one, tree, depth + 1))
  const entries = Object.entries(value).map(([key, one]) => [
    key,
    key === 'file' ? inSource(one, value, tree) : placed(one, tree, depth + 1),
  ])
  return Object.fromEntries(entries)
}

/** Evidence has a rule, a notice a message. */
function inSource(file: unknown, of: object, tree: Tree): unknown {
  const names = 'rule' in of || 'message' in of
  return names && typeof file === 'string' && tree.has(file) ? tree.inSource(file) : file
}
