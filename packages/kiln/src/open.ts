import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createEngine, type Driver, type Engine, type EngineOptions } from '@kiln/core'
import { dockerConfig } from '@kiln/registry'
import { directoryBlobs, sqliteStore } from '@kiln/store-sqlite'
import { defaultDataDir } from './data-dir.ts'
import { lazyDriver } from './lazy.ts'
import { ownerOf } from './owner.ts'

export interface OpenOptions extends Omit<Partial<EngineOptions>, 'store' | 'blobs' | 'index'> {
  /** where records, blobs and indexes live; a local disk. Default: `defaultDataDir(process.env)` */
  readonly dataDir?: string
  /** ms after which another process may take over the Run of one that died; default 30,000 */
  readonly lease?: number
}

/**
 * The engine with the embedded defaults: SQLite and a directory below `dataDir`, the Docker Engine of DOCKER_HOST,
 * credentials of the Docker config. Several processes may open the same directory. Throws `store_too_new`, `store_corrupt`.
 */
export async function openKiln(options: OpenOptions = {}): Promise<Engine> {
  const dataDir = options.dataDir ?? defaultDataDir(process.env)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const logins = dockerConfig()
  const [store, blobs] = await Promise.all([
    sqliteStore({ file: join(dataDir, 'kiln.db'), ...(options.lease !== undefined && { lease: options.lease }) }),
    directoryBlobs({ directory: join(dataDir, 'blobs') }),
  ])
  return createEngine({
    credential: (_tenant, host, _scope, { signal }) => logins.credential(host, { signal }),
    ...options,
    drivers: options.drivers ?? defaultDrivers(await ownerOf(dataDir)),
    store,
    blobs,
    index: { directory: join(dataDir, 'index') },
  })
}

function defaultDrivers(owner: string): readonly Driver[] {
  return [lazyDriver('docker', async () => (await import('@kiln/driver-docker')).docker({ owner }))]
}
