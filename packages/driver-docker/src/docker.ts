import type { Driver } from '@kiln/core'
import { readAddress, type AddressOptions } from './address.ts'
import { buildImage } from './build.ts'
import { reapAll } from './clean.ts'
import { createClient } from './client.ts'
import { dockerImages } from './images.ts'
import { readLimits, type LimitOptions } from './limits.ts'
import { probeEngine } from './probe.ts'

export interface DockerOptions extends AddressOptions {
  /** default `docker` */
  readonly name?: string
  /** what a step may use where the job says nothing */
  readonly limits?: LimitOptions
  /**
   * Whose builds these are, for `reap`: two installations of Kiln on one engine must not take each other's running
   * builds for lost ones. Default `kiln`.
   */
  readonly owner?: string
}

/**
 * A driver that speaks the Docker Engine's own HTTP API: 20.10 and newer, with either image store, over a unix socket,
 * TCP, TLS or ssh. All its builds share one daemon: for trusted sources only. Throws `invalid_argument` for a wrong option.
 */
export function docker(options: DockerOptions = {}): Driver {
  const client = createClient(readAddress(options))
  const limits = readLimits(options.limits)
  const owner = options.owner ?? 'kiln'
  return {
    name: options.name ?? 'docker',
    probe: ({ signal }) => probeEngine(client, signal),
    build: (job, io) => buildImage(client, job, io, { limits, owner }),
    reap: (alive, { signal }) => reapAll(client, owner, alive, signal),
    images: dockerImages(client),
    async [Symbol.asyncDispose]() {
      client.close()
    },
  }
}
