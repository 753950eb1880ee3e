import { isBuildError, type BuildError } from '../failure/error.ts'
import type { Project } from './project.ts'

/** A detector's answer, or why it has none. */
export function attempt(run: () => Project | undefined): { project?: Project; error?: BuildError } {
  try {
    const project = run()
    return project ? { project } : {}
  } catch (error) {
    if (isBuildError(error)) return { error }
    throw error
  }
}
