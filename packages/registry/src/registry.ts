import { createHash } from 'node:crypto'
import { isLoopback, parseJson, prove, readChallenge, type Proof, type RegistryCredential, type Scope } from './auth.ts'
import { plain, RegistryError } from './error.ts'
import { parseUrl, send, type Answer, type Fetch, type HttpOptions, type Send } from './http.ts'
import { formatReference, parseReference, withDefaults, type FullReference } from './reference.ts'

export interface RegistryOptions {
  readonly fetch: Fetch
  /** the login for a host such as `ghcr.io` or `docker.io`; undefined: none */
  credential?(host: string, scope: Scope, options: Signal): Promise<RegistryCredential | undefined>
  /** hosts (with port) that are spoken to by http; default those of this machine */
  insecure?(host: string): boolean
  /** one request, ms; default 30,000 */
  readonly timeoutMs?: number
  /** first pause before a repeat, ms; default 250 */
  readonly retryMs?: number
  /** ms since the epoch; default the system's clock */
  now?(): number
}

/** What a reference stands for in its registry. */
export interface Manifest {
  /** `sha256:` and 64 hex */
  readonly digest: string
  readonly mediaType: string
  /** bytes of the manifest */
  readonly size: number
}

interface Signal {
  readonly signal?: AbortSignal
}

/** The distribution protocol for references. Every method throws RegistryError; an aborted signal rejects with its reason. */
export interface Registry {
  /** what a reference stands for, or undefined when it is not there */
  resolve(ref: string, options?: Signal): Promise<Manifest | undefined>
  /** Points `as`, of the same repository, to the manifest of `ref`, byte by byte. `failed` when `ref` is not there. */
  tag(ref: string, as: string, options?: Signal): Promise<Manifest>
  /** Removes a tag. False where it was not there or the registry cannot do it; never removes the manifest. */
  untag(ref: string, options?: Signal): Promise<boolean>
  /** Resolves when a push to the repository of `ref` would be let in, by opening an upload and giving it up; rejects with `denied`. */
  canPush(ref: string, options?: Signal): Promise<void>
  /** Reads back what was pushed and hashes it. `unverified` when it is missing or another one. */
  readBack(ref: string, digest: string, options?: Signal): Promise<Manifest>
}

const manifestLimit = 4 << 20
const otherLimit = 1 << 20
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** A client for all registries, with the tokens it got so far. Holds no sockets or timers of its own. */
export function createRegistry(options: RegistryOptions): Registry {
  const ask = createAsker(options)
  return {
    resolve: (ref, o = {}) => resolve(ask, fullReference(ref), o.signal),
    tag: (ref, as, o = {}) => tag(ask, fullReference(ref), fullReference(as), o.signal),
    untag: (ref, o = {}) => untag(ask, fullReference(ref), o.signal),
    canPush: (ref, o = {}) => canPush(ask, fullReference(ref), o.signal),
    readBack: (ref, digest, o = {}) => readBack(ask, fullReference(ref), digest, o.signal),
  }
}

/** One request about a repository, with the proof its registry asks for. */
type Asker = (ref: FullReference, scope: Scope, path: string | URL, what: Send) => Promise<Answer>

function createAsker(options: RegistryOptions): Asker {
  const insecure = options.insecure?.bind(options) ?? ((host: string): boolean => isLoopback(new URL(`http://${host}`).hostname))
  const how: HttpOptions = { fetch: options.fetch, insecure, timeoutMs: options.timeoutMs ?? 30_000, retryMs: options.retryMs ?? 250 }
  const now = options.now?.bind(options) ?? Date.now
  const proofs = new Map<string, Proof>()

  return async (ref, scope, path, what) => {
    const registry = addressOf(ref, insecure)
    const url = typeof path === 'string' ? new URL(`/v2/${ref.path}/${path}`, registry) : path
    const key = `${registry.host} ${scope} ${ref.path}`
    const known = proofs.get(key)
    const usable = known !== undefined && known.until > now() && url.host === registry.host ? known : undefined
    const first = await send(url.href, withProof(what, usable), how)
    if (first.status !== 401 || url.host !== registry.host) return first
    const challenge = readChallenge(first.headers.get('www-authenticate'))
    if (challenge === undefined) return first
    const credential = await options.credential?.(ref.domain, scope, what.signal ? { signal: what.signal } : {})
    const proof = await prove(challenge, { registry, scope: scopeText(ref, scope), credential, signal: what.signal, now: now() }, how)
    if (proofs.size >= 1000) proofs.clear()
    proofs.set(key, proof)
    return send(url.href, withProof(what, proof), how)
  }
}

async function resolve(ask: Asker, ref: FullReference, signal?: AbortSignal): Promise<Manifest | undefined> {
  const head = await ask(ref, 'pull', `manifests/${target(ref)}`, { method: 'HEAD', headers: accept, limit: 0, signal })
  if (head.status === 404) return undefined
  const digest = head.headers.get('docker-content-digest')
  const size = Number(head.headers.get('content-length') ?? Number.NaN)
  if (head.status === 200 && digest !== null && isDigest(digest) && Number.isSafeInteger(size) && size > 0)
    return { digest, mediaType: mediaTypeOf(head), size }
  // HEAD is refused or incomplete in some registries: the manifest itself says all
  return (await read(ask, ref, 'pull', signal))?.manifest
}

async function tag(ask: Asker, ref: FullReference, as: FullReference, signal?: AbortSignal): Promise<Manifest> {
  if (as.domain !== ref.domain || as.path !== ref.path || as.tag === undefined || as.digest !== undefined)
    throw new RegistryError('invalid_reference', `${shown(as)} is not a tag in the repository of ${shown(ref)}.`)
  const found = await read(ask, ref, 'push', signal)
  if (found === undefined)
    throw new RegistryError('failed', `${shown(ref)} is not there, so ${shown(as)} cannot be pointed to it.`, { status: 404 })
  const headers = { 'content-type': found.manifest.mediaType }
  const put = await ask(as, 'push', `manifests/${as.tag}`, { method: 'PUT', headers, body: found.body, limit: otherLimit, signal })
  if (put.status !== 201 && put.status !== 200) throw refused(put, `the tag ${shown(as)}`, as)
  return found.manifest
}

async function untag(ask: Asker, ref: FullReference, signal?: AbortSignal): Promise<boolean> {
  if (ref.tag === undefined) throw new RegistryError('invalid_reference', `${shown(ref)} names no tag.`)
  const gone = await ask(ref, 'push', `manifests/${ref.tag}`, { method: 'DELETE', limit: otherLimit, signal })
  if (gone.status === 202 || gone.status === 200 || gone.status === 204) return true
  if ([400, 404, 405, 501].includes(gone.status)) return false
  throw refused(gone, `to remove the tag ${shown(ref)}`, ref)
}

async function canPush(ask: Asker, ref: FullReference, signal?: AbortSignal): Promise<void> {
  const opened = await ask(ref, 'push', 'blobs/uploads/', { method: 'POST', limit: otherLimit, signal })
  if (opened.status !== 202 && opened.status !== 201) throw refused(opened, `a push to ${ref.domain}/${ref.path}`, ref)
  const location = opened.headers.get('location')
  if (location === null) return
  const upload = parseUrl(location, new URL(opened.url))
  // an upload nobody finishes ends by itself: giving it up is a courtesy that must not fail the build
  await ask(ref, 'push', upload, { method: 'DELETE', limit: otherLimit, signal }).catch(() => signal?.throwIfAborted())
}

async function readBack(ask: Asker, ref: FullReference, digest: string, signal?: AbortSignal): Promise<Manifest> {
  const found = await read(ask, ref, 'pull', signal)
  if (found === undefined)
    throw new RegistryError('unverified', `${shown(ref)} was pushed, but the registry does not have it.`, { status: 404 })
  if (found.manifest.digest === digest) return found.manifest
  throw new RegistryError(
    'unverified',
    `${shown(ref)} was pushed as ${plain(digest)}, but the registry hands out ${found.manifest.digest}.`,
  )
}

/** The manifest itself; its digest is our own hash of the bytes, checked against the reference where that names one. */
async function read(
  ask: Asker,
  ref: FullReference,
  scope: Scope,
  signal?: AbortSignal,
): Promise<{ manifest: Manifest; body: Uint8Array } | undefined> {
  const got = await ask(ref, scope, `manifests/${target(ref)}`, { method: 'GET', headers: accept, limit: manifestLimit, signal })
  if (got.status === 404) return undefined
  if (got.status !== 200) throw refused(got, shown(ref), ref)
  const digest = `sha256:${createHash('sha256').update(got.body).digest('hex')}`
  if (ref.digest?.startsWith('sha256:') && ref.digest !== digest)
    throw new RegistryError('unverified', `${ref.domain} answers for ${shown(ref)} with other bytes: ${digest}.`)
  return { manifest: { digest, mediaType: mediaTypeOf(got), size: got.body.length }, body: got.body }
}

const accept: Readonly<Record<string, string>> = { accept: manifestTypes.join(', ') }

function fullReference(text: string): FullReference {
  return withDefaults(parseReference(text))
}

function addressOf(ref: FullReference, insecure: (host: string) => boolean): URL {
  const host = ref.domain === 'docker.io' ? 'registry-1.docker.io' : ref.domain
  return new URL(`${insecure(host) ? 'http' : 'https'}://${host}`)
}

function target(ref: FullReference): string {
  return ref.digest ?? ref.tag ?? 'latest'
}

function scopeText(ref: FullReference, scope: Scope): string {
  return `repository:${ref.path}:${scope === 'push' ? 'pull,push' : 'pull'}`
}

function withProof(what: Send, proof: Proof | undefined): Send {
  return proof === undefined ? what : { ...what, headers: { ...what.headers, authorization: proof.header } }
}

function mediaTypeOf(answer: Answer): string {
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]!.trim()
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : manifestTypes[1]!
}

function isDigest(text: string): boolean {
  return /^sha256:[a-f0-9]{64}$/.test(text)
}

function shown(ref: FullReference): string {
  return formatReference(ref)
}

/** The registry's own words (its `errors` list) behind what we asked for. */
function refused(answer: Answer, what: string, ref: FullReference): RegistryError {
  const errors = parseJson(answer.body)?.['errors']
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  const { code, message } = (typeof first === 'object' && first !== null ? first : {}) as { code?: unknown; message?: unknown }
  const said = [code, message].filter((part) => typeof part === 'string').join(': ')
  const { status } = answer
  const kind = status === 401 || status === 403 ? 'denied' : status === 429 || status >= 500 ? 'unreachable' : 'failed'
  const verb = kind === 'denied' ? 'refuses' : 'did not carry out'
  return new RegistryError(kind, `${ref.domain} ${verb} ${what} (HTTP ${status}${said === '' ? '' : `, ${plain(said)}`}).`, { status })
}
