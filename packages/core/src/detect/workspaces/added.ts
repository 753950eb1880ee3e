import { BuildError, shown } from '../../failure/error.ts'
import type { Source } from '../../source/source.ts'
import { joined } from '../paths.ts'

/** The paths of `context.add`, which the schema holds inside of the source, as the source has them; `.` is all of it. Throws `invalid_config`. */
export function addedPaths(source: Source, said: readonly string[]): readonly string[] {
  return [...new Set(said.map((path, at) => addedPath(source, path, `context.add[${at}]`)))]
}

function addedPath(source: Source, said: string, field: string): string {
  const path = joined([], said)
  if (path === '') return '.'
  if (path !== undefined && source.entry(path) !== undefined) return path
  throw new BuildError('invalid_config', `"${field}" ${shown(said)} is not in the source, or its ignore rules leave it out`, {
    data: { field },
  })
}
