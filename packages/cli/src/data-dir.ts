import { resolve } from 'node:path'
import type { Engine } from '@kiln/core'
import type { OpenOptions } from '@kiln/kiln'
import type { Io } from './io.ts'

/** The tenant of everything that the CLI builds: the one user of this machine. */
export const tenant = 'local'

export async function dataDirOf(io: Io, given: string | undefined): Promise<string> {
  if (given !== undefined) return resolve(io.cwd, given)
  const { defaultDataDir } = await import('@kiln/kiln')
  return resolve(io.cwd, defaultDataDir(io.env))
}

export async function openEngine(io: Io, dataDir: string | undefined, options: OpenOptions): Promise<Engine> {
  return io.openKiln({ ...options, dataDir: await dataDirOf(io, dataDir) })
}
