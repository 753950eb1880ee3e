import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { RegistryCredential } from './auth.ts'
import { plain, RegistryError } from './error.ts'
import { askHelper } from './helper.ts'

export interface DockerConfigOptions {
  /** the directory of `config.json`; default DOCKER_CONFIG, else `~/.docker` */
  readonly directory?: string
  /** default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** for a credential helper, ms; default 15,000 */
  readonly timeoutMs?: number
}

/** The logins of this machine's user, as `docker login` keeps them. */
export interface DockerConfig {
  /**
   * The login for a host such as `ghcr.io`, `localhost:5000` or `docker.io`; undefined where there is none. Hosts are compared
   * whole. Throws RegistryError `failed` for an unreadable file or a broken helper.
   */
  credential(host: string, options?: { readonly signal?: AbortSignal }): Promise<RegistryCredential | undefined>
}

interface ConfigFile {
  readonly auths?: Readonly<Record<string, AuthEntry>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

interface AuthEntry {
  readonly auth?: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

const fileLimit = 4 << 20
/** under which Docker keeps the login of docker.io, for history's sake */
export const dockerHubServer = 'https://index.docker.io/v1/'

/** Reads Docker's configuration at every call, so that a login of a moment ago counts. A file that is not there is an empty one. */
export function dockerConfig(options: DockerConfigOptions = {}): DockerConfig {
  const env = options.env ?? process.env
  const file = join(options.directory ?? env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'config.json')
  return {
    async credential(host, { signal } = {}) {
      const config = await load(file)
      const server = host === 'docker.io' ? dockerHubServer : host
      const helper = config.credHelpers?.[server] ?? config.credHelpers?.[host] ?? config.credsStore
      const helped = { signal, env, ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }) }
      const found = helper ? await askHelper(helper, server, helped) : undefined
      return found ?? fromAuths(config.auths ?? {}, host, file)
    },
  }
}

async function load(file: string): Promise<ConfigFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '{}'
    throw new RegistryError('failed', `${plain(file)} cannot be read: ${error.code}`, { cause: error })
  })
  if (text.length > fileLimit) throw new RegistryError('failed', `${plain(file)} is larger than ${fileLimit} bytes.`)
  try {
    const value: unknown = JSON.parse(text)
    if (isConfig(value)) return value
  } catch {}
  throw new RegistryError('failed', `${plain(file)} is not a configuration of Docker: correct its JSON.`)
}

function isConfig(value: unknown): value is ConfigFile {
  if (!isRecord(value)) return false
  const { auths, credHelpers, credsStore } = value
  if (auths !== undefined && !(isRecord(auths) && Object.values(auths).every(isRecord))) return false
  if (credHelpers !== undefined && !(isRecord(credHelpers) && Object.values(credHelpers).every((name) => typeof name === 'string')))
    return false
  return credsStore === undefined || typeof credsStore === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fromAuths(auths: Readonly<Record<string, AuthEntry>>, host: string, file: string): RegistryCredential | undefined {
  const key = Object.keys(auths).find((entry) => hostOf(entry) === host)
  const entry = key === undefined ? undefined : auths[key]
  if (entry === undefined) return undefined
  if (entry.identitytoken) return { username: '<token>', secret: entry.identitytoken }
  if (entry.username && entry.password) return { username: entry.username, secret: entry.password }
  if (!entry.auth) return undefined
  const text = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const colon = text.indexOf(':')
  if (colon > 0) return { username: text.slice(0, colon), secret: text.slice(colon + 1) }
  throw new RegistryError('failed', `${plain(file)} has a login for ${plain(host)} that is not "name:password" in base64.`)
}

/** Keys are hosts, or addresses with a scheme and path; Docker Hub has three names. */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0]!
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}
