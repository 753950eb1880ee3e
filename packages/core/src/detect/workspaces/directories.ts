import { byText } from '../tree.ts'

/** The directory that two paths have in common. */
export function commonDirectory(one: string, other: string): string {
  const [a, b] = [one.split('/'), other.split('/')]
  const same = a.findIndex((part, at) => part !== b[at])
  const parts = one === '.' || other === '.' ? [] : same === -1 ? a : a.slice(0, same)
  return parts.length === 0 ? '.' : parts.join('/')
}

/** A path of the source as seen from a directory of it that holds it. */
export function within(directory: string, path: string): string {
  if (directory === '.') return path
  return path === directory ? '.' : path.slice(directory.length + 1)
}

export function isWithin(directory: string, path: string): boolean {
  return directory === '.' || path === directory || path.startsWith(`${directory}/`)
}

/** Whether a path lies in one of some directories, however many these are. */
export function insideOf(directories: readonly string[]): (path: string) => boolean {
  const all = new Set(directories)
  return (path) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) if (all.has(path.slice(0, at))) return true
    return false
  }
}

/** A directory in another one comes with it. */
export function withoutInner(directories: readonly string[]): string[] {
  const inside = insideOf(directories)
  return [...new Set(directories)].filter((path) => !inside(path)).sort(byText)
}

/** Of sorted paths. */
export function filesBelow(files: readonly string[], directory: string): readonly string[] {
  const prefix = `${directory}/`
  const from = firstBelow(files, prefix)
  let end = from
  while (end < files.length && files[end]!.startsWith(prefix)) end++
  return files.slice(from, end)
}

/** Of sorted paths. */
export function hasFilesBelow(files: readonly string[], directory: string): boolean {
  const prefix = `${directory}/`
  return files[firstBelow(files, prefix)]?.startsWith(prefix) === true
}

function firstBelow(files: readonly string[], prefix: string): number {
  let [low, high] = [0, files.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (files[middle]! < prefix) low = middle + 1
    else high = middle
  }
  return low
}

/** Each path that is copied is a layer, and an image has 127 at most. */
export const mostPaths = 30

/**
 * Few paths that hold all of many: the directories at the top, or the whole. Of these a build copies no more than what it sees, which is
 * the context.
 */
export function fewer(paths: readonly string[]): readonly string[] {
  if (paths.length <= mostPaths) return paths
  const top = [...new Set(paths.map((path) => path.split('/', 1)[0]!))]
  return top.length <= mostPaths ? top : ['.']
}
