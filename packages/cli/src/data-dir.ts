import { resolve } from 'node:path'
import { BuildError, shown, type Engine, type StatIndex } from '@kiln/core'
import type { OpenOptions } from '@kiln/kiln'
import type { Io } from './io.ts'

/** The tenant of everything that the CLI builds: the one user of this machine. */
export const tenant = 'local'

export async function dataDirOf(io: Io, given: string | undefined): Promise<string> {
  if (given !== undefined) return resolve(io.cwd, given)
  const { defaultDataDir } = await import('@kiln/kiln')
  return resolve(io.cwd, defaultDataDir(io.env))
}

/** What the engine of a data directory knows of the directories it has hashed. */
export async function indexOf(io: Io, given: string | undefined): Promise<StatIndex> {
  const { indexOf: inside } = await import('@kiln/kiln')
  return inside(await dataDirOf(io, given))
}

/** Throws `store_unavailable` where the directory cannot be made or written, and what opening the store throws. */
export async function openEngine(io: Io, dataDir: string | undefined, options: OpenOptions): Promise<Engine> {
  const directory = await dataDirOf(io, dataDir)
  try {
    return await io.openKiln({ ...options, dataDir: directory })
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new BuildError('store_unavailable', `The data directory ${shown(directory)} cannot be used (${code}).`, {
      hint: 'Choose another one with --data-dir or KILN_DATA_DIR.',
      cause: error,
    })
  }
}
