import { BuildError, shown, type Platform } from '@kiln/core'
import { expectOk, type Client } from './client.ts'

/** What kind of engine answers. */
export interface EngineFacts {
  readonly version: string
  /** such as `1.51` */
  readonly api: string
  /** what it builds for without emulation */
  readonly platform: Platform
  /** takes Dockerfiles for BuildKit without a session */
  readonly buildkit: boolean
  /** its BuildKit knows here-documents and `COPY --link` without a `# syntax=`: Engine 23 (API 1.42) */
  readonly heredocs: boolean
  /** the later flags of a Dockerfile that its BuildKit knows without a `# syntax=` */
  readonly flags: readonly string[]
}

const oldestApi = '1.40'

/**
 * The Docker Engine whose BuildKit has the Dockerfile frontend that a flag came with: 1.6 in Engine 25, 1.14 in 28.0, 1.17 in 28.3, 1.19 in 28.5,
 * 1.20 in 29.1 (release notes of both; 20.10.24 and 28.5.2 measured).
 */
const flagsSince: readonly (readonly [flag: string, engine: string])[] = [
  ['checksum', '25.0'],
  ['keep-git-dir', '25.0'],
  ['start-interval', '25.0'],
  ['symbolic-chmod', '28.0'],
  ['unpack', '28.3'],
  ['exclude', '28.5'],
  ['parents', '29.1'],
]

/** Asks who answers. Throws `driver_unreachable`, and `driver_unsupported` for what is not a Docker Engine for Linux of 20.10 or newer. */
export async function askEngine(client: Client, signal?: AbortSignal): Promise<EngineFacts> {
  const reply = await client.call('GET', '/version', { signal })
  const said = expectOk(reply, 'say its version') as Partial<Record<'Version' | 'ApiVersion' | 'Os' | 'Arch', unknown>> & {
    readonly Components?: unknown
  }
  const [version, api, os, arch] = [said?.Version, said?.ApiVersion, said?.Os, said?.Arch]
  if (typeof version !== 'string' || typeof api !== 'string' || typeof arch !== 'string')
    throw unsupported(`What answers at ${client.where} is not a Docker Engine.`, 'Point DOCKER_HOST to a Docker Engine.')
  if (os !== 'linux')
    throw unsupported(
      `The Docker Engine at ${client.where} builds for ${shown(String(os))}, not Linux.`,
      'Switch Docker to Linux containers.',
    )
  if (older(api, oldestApi))
    throw unsupported(
      `The Docker Engine at ${client.where} is ${shown(version)} with API ${shown(api)}; ${oldestApi} is the oldest Kiln can use.`,
      'Update Docker Engine to 20.10 or newer.',
    )
  const buildkit = isMoby(said.Components)
  return {
    version,
    api,
    platform: `linux/${arch}`,
    buildkit,
    heredocs: buildkit && !older(api, '1.42'),
    flags: buildkit ? flagsOf(version) : [],
  }
}

/** Of a version that is no number, as of a build of one's own, all: BuildKit itself says what it does not know. */
function flagsOf(version: string): readonly string[] {
  const numbered = /^\d+\.\d+/.test(version)
  return flagsSince.flatMap(([flag, engine]) => (numbered && older(version, engine) ? [] : [flag]))
}

/** Podman answers as a Docker Engine too, but takes `version=2` for its own builder. */
function isMoby(components: unknown): boolean {
  return Array.isArray(components) && components.some((part: { readonly Name?: unknown }) => part?.Name === 'Engine')
}

function older(api: string, than: string): boolean {
  const [major = 0, minor = 0] = api.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number)
  return !(major > leastMajor || (major === leastMajor && minor >= leastMinor))
}

function unsupported(message: string, hint: string): BuildError {
  return new BuildError('driver_unsupported', message, { hint })
}
