import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs'
import { type Columns, decodePaths } from './columns.ts'
import { ignoreFileNames } from './ignore.ts'
import { attempt } from './opened.ts'
import { checkPath } from './names.ts'

/** Larger ones steer nothing: an ignore file may have 1,000 lines of 1 KiB. */
export const largestAside: number = 4 * 2 ** 20

/** The names of files that steer a build, the ignore files first. */
export function steeringNames(dockerfile: string | undefined): readonly string[] {
  return [...ignoreFileNames(dockerfile), dockerfile ?? 'Dockerfile', 'kiln.json']
}

/** What steers the build of a directory and is not in its tree, since the ignore rules leave it out. */
export function asideIn(root: string, dockerfile: string | undefined, columns: Columns): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  let listed: ReadonlySet<string> | undefined
  for (const path of steeringNames(dockerfile)) {
    if (!lstatSync(`${root}/${path}`, { throwIfNoEntry: false })?.isFile()) continue
    listed ??= new Set(decodePaths(columns))
    const bytes = listed.has(path) ? undefined : steeringFile(root, path)
    if (bytes && bytes.length <= largestAside) found.set(path, bytes)
  }
  return found
}

/** The bytes of a regular file that lies where its name says, through no link; one byte more than the largest at the most. */
export function steeringFile(root: string, path: string): Uint8Array | undefined {
  checkPath(path)
  if (!lstatSync(`${root}/${path}`, { throwIfNoEntry: false })?.isFile() || realpathSync(`${root}/${path}`) !== `${root}/${path}`)
    return undefined
  return attempt(path, () => {
    const fd = openSync(`${root}/${path}`, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    try {
      return fstatSync(fd).size > largestAside ? new Uint8Array(largestAside + 1) : readFileSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}
