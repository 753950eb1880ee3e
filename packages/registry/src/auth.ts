import { plain, RegistryError } from './error.ts'
import { parseUrl, send, type HttpOptions } from './http.ts'

/** What a user or a helper gives for a host. The username `<token>` marks the secret as an identity token. */
export interface RegistryCredential {
  readonly username: string
  readonly secret: string
}

export type Scope = 'pull' | 'push'

/** How a registry asks for proof, from its WWW-Authenticate header. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | undefined }

/** What goes into the Authorization header, and until when (ms since the epoch). */
export interface Proof {
  readonly header: string
  readonly until: number
}

export interface Ask {
  /** where the challenge came from */
  readonly registry: URL
  /** such as `repository:team/app:pull,push`: made by us, since some registries answer with a placeholder */
  readonly scope: string
  readonly credential: RegistryCredential | undefined
  readonly signal?: AbortSignal | undefined
  readonly now: number
}

const defaultSeconds = 60
const longestSeconds = 3600
const tokenLimit = 1 << 20

/** Answers a challenge: Basic from the credential, Bearer by asking the realm. Throws RegistryError `denied`, `failed`, `unreachable`. */
export async function prove(challenge: Challenge, ask: Ask, how: HttpOptions): Promise<Proof> {
  if (challenge.scheme === 'bearer') return fetchToken(challenge, ask, how)
  if (ask.credential === undefined)
    throw new RegistryError('denied', `${ask.registry.host} asks for a login, and there is none for it.`, { status: 401 })
  return { header: basic(ask.credential), until: Number.POSITIVE_INFINITY }
}

/** Reads a WWW-Authenticate header (RFC 9110 11.6.1, distribution's token specification). Undefined when it offers nothing we can do. */
export function readChallenge(header: string | null): Challenge | undefined {
  if (header === null || header.length > 4096) return undefined
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(header) ?? []
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' }
  if (scheme.toLowerCase() !== 'bearer') return undefined
  const values = new Map([...rest.matchAll(/([a-z_]+)="([^"]*)"/gi)].map(([, name = '', value = '']) => [name.toLowerCase(), value]))
  const realm = values.get('realm')
  return realm === undefined ? undefined : { scheme: 'bearer', realm, service: values.get('service') }
}

async function fetchToken(challenge: Challenge & { scheme: 'bearer' }, ask: Ask, how: HttpOptions): Promise<Proof> {
  const realm = checkedRealm(challenge.realm, ask.registry)
  const identity = ask.credential?.username === '<token>' ? ask.credential.secret : undefined
  const answer = identity === undefined ? await byGet(realm, challenge, ask, how) : await byRefresh(realm, challenge, ask, how, identity)
  if (answer.status === 401 || answer.status === 403)
    throw new RegistryError('denied', `${realm.host} refuses the login for ${ask.registry.host}.`, { status: answer.status })
  if (answer.status !== 200) {
    const kind = answer.status === 429 || answer.status >= 500 ? 'unreachable' : 'failed'
    throw new RegistryError(kind, `${realm.host} answers ${answer.status} when asked for a token for ${ask.registry.host}.`, {
      status: answer.status,
    })
  }
  return readToken(answer.body, realm, ask.now)
}

function byGet(realm: URL, challenge: Challenge & { scheme: 'bearer' }, ask: Ask, how: HttpOptions): ReturnType<typeof send> {
  const url = new URL(realm)
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service)
  url.searchParams.set('scope', ask.scope)
  const headers = ask.credential === undefined ? {} : { authorization: basic(ask.credential) }
  return send(url.href, { method: 'GET', headers, limit: tokenLimit, signal: ask.signal }, how)
}

function byRefresh(
  realm: URL,
  challenge: Challenge & { scheme: 'bearer' },
  ask: Ask,
  how: HttpOptions,
  token: string,
): ReturnType<typeof send> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'kiln', refresh_token: token, scope: ask.scope })
  if (challenge.service !== undefined) form.set('service', challenge.service)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return send(realm.href, { method: 'POST', headers, body: form.toString(), limit: tokenLimit, signal: ask.signal }, how)
}

/** A realm gets the login, so it has to be https; http only where registry and realm are on this machine. */
function checkedRealm(text: string, registry: URL): URL {
  const realm = parseUrl(text, registry)
  const local = realm.protocol === 'http:' && registry.protocol === 'http:' && isLoopback(realm.hostname) && isLoopback(registry.hostname)
  if (realm.protocol === 'https:' || local) return realm
  throw new RegistryError('failed', `${registry.host} names the token service ${plain(realm.origin)}, which is not https.`)
}

function readToken(body: Uint8Array, realm: URL, now: number): Proof {
  const parsed = parseJson(body)
  const token = parsed?.['token'] ?? parsed?.['access_token']
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new RegistryError('failed', `${realm.host} answers without a token.`)
  const seconds = Number(parsed?.['expires_in'] ?? defaultSeconds)
  const kept = Number.isFinite(seconds) ? Math.min(Math.max(seconds, defaultSeconds), longestSeconds) : defaultSeconds
  return { header: `Bearer ${token}`, until: now + (kept - 10) * 1000 }
}

export function parseJson(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Of this machine: the only hosts that are spoken to without TLS unless somebody says so. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function basic({ username, secret }: RegistryCredential): string {
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`
}
