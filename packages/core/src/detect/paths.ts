import { joinPath } from '../infer/files.ts'

/**
 * A relative path as it is seen from a directory, given by its parts, as one of the same tree (empty: the top itself); undefined where it
 * leads out of it.
 */
export function joined(directory: readonly string[], relative: string): string | undefined {
  const found = joinPath(directory.join('/'), relative)
  return found === '.' ? '' : found
}

/** The directory that a path lies in, empty at the top. */
export function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
