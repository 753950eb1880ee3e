import { join } from 'node:path'
import { BuildError, createEngine, shown, type Driver, type Engine, type EngineOptions } from '@kiln/core'
import { dockerConfig } from '@kiln/registry'
import { directoryBlobs, sqliteStore } from '@kiln/store-sqlite'
import { defaultDataDir, indexOf } from './data-dir.ts'
import { lazyDriver } from './lazy.ts'
import { makeDirectory } from './make-directory.ts'
import { ownerOf } from './owner.ts'

export interface OpenOptions extends Omit<Partial<EngineOptions>, 'store' | 'blobs' | 'index'> {
  /** where records, blobs and indexes live; a local disk. Default: `defaultDataDir(process.env)` */
  readonly dataDir?: string
  /** the one of the default drivers to use; default all, in their order. Throws `invalid_argument` for one that is none of them */
  readonly driver?: string
  /** ms after which another process may take over the Run of one that died; default 30,000 */
  readonly lease?: number
}

/**
 * The engine with the embedded defaults: SQLite and a directory below `dataDir`, the Docker Engine of DOCKER_HOST,
 * credentials of the Docker config. Several processes may open the same directory. Throws `store_too_new`, `store_corrupt`.
 */
export async function openKiln(options: OpenOptions = {}): Promise<Engine> {
  const dataDir = options.dataDir ?? defaultDataDir(process.env)
  makeDirectory(dataDir)
  const logins = dockerConfig()
  const [drivers, blobs] = await Promise.all([
    options.drivers ?? ownerOf(dataDir).then((owner) => chosen(defaultDrivers(owner), options.driver)),
    directoryBlobs({ directory: join(dataDir, 'blobs') }),
  ])
  // last, since it is the one that has to be closed again
  const store = await sqliteStore({ file: join(dataDir, 'kiln.db'), ...(options.lease !== undefined && { lease: options.lease }) })
  return createEngine({
    credential: (_tenant, host, _scope, { signal }) => logins.credential(host, { signal }),
    ...options,
    drivers,
    store,
    blobs,
    index: indexOf(dataDir),
  })
}

function chosen(drivers: readonly Driver[], name: string | undefined): readonly Driver[] {
  const found = name === undefined ? drivers : drivers.filter((one) => one.name === name)
  if (found.length > 0) return found
  const names = drivers.map((one) => one.name).join(', ')
  throw new BuildError('invalid_argument', `There is no driver "${shown(name ?? '')}".`, { hint: `Use one of: ${names}.` })
}

function defaultDrivers(owner: string): readonly Driver[] {
  return [lazyDriver('docker', async () => (await import('@kiln/driver-docker')).docker({ owner }))]
}
