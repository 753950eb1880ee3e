import { BuildError, shown } from '../failure/error.ts'

/** The error for what is not as it was listed. */
export function changed(path: string): BuildError {
  return new BuildError('source_changed', `${shown(path)} changed while it was read`, { data: { file: path } })
}
