import { createHash } from 'node:crypto'
import { join } from 'node:path'

/**
 * Where the hashes of files are kept between two openings of the same directory, so that a file whose size, times and
 * inode are as they were is not read again. Only a cache: whatever is wrong with it, files are read instead.
 */
export interface StatIndex {
  /** A directory of Kiln's own; made when it is needed. */
  readonly directory: string
}

/** The file of one root. */
export function indexFile(index: StatIndex, root: string): string {
  return join(index.directory, `${createHash('sha256').update(root).digest('hex').slice(0, 32)}.idx`)
}
