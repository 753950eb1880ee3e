import type { IncomingMessage } from 'node:http'
import { bodyOf, collect, consumed, keptBytes, lentBodyOf, wholeOf } from './request-body.ts'

const Native = globalThis.Request

/**
 * An incoming message as a Request. Nothing is made before it is asked for: Node's own Request and Headers cost as much as the rest of a
 * small request.
 */
export class NodeRequest {
  readonly method: string
  readonly url: string
  readonly #incoming: IncomingMessage
  readonly #own: boolean
  #headers: Headers | undefined
  #body: ReadableStream<Uint8Array> | null | undefined
  #gone: AbortController | undefined
  #closed = false
  #native: Request | undefined

  /** `own`: nobody else sees the message, so that the memory of its body can be lent. */
  constructor(incoming: IncomingMessage, own = false) {
    this.#incoming = incoming
    this.#own = own
    this.method = incoming.method ?? 'GET'
    this.url = urlOf(incoming)
  }

  get headers(): Headers {
    return (this.#headers ??= lightHeaders(this.#incoming))
  }
  /** Throws `body_consumed`. */
  get body(): ReadableStream<Uint8Array> | null {
    if (this.#body === undefined) this.#body = bodyOf(this.#incoming)
    return this.#body
  }
  /** The body for a reader who is done with a chunk when he asks for the next one; null and throws as `body`. */
  lend(): AsyncIterable<Uint8Array> | null {
    return this.#own && this.#body === undefined ? lentBodyOf(this.#incoming) : this.body
  }
  /** The whole body, where all of it has come and nobody has begun to read it. */
  here(): Buffer | undefined {
    return this.#body === undefined ? wholeOf(this.#incoming) : undefined
  }
  get bodyUsed(): boolean {
    return this.#native?.bodyUsed ?? (consumed(this.#incoming) && !keptBytes(this.#incoming))
  }
  get signal(): AbortSignal {
    this.#gone ??= new AbortController()
    if (this.#closed) this.#gone.abort(gone())
    return this.#gone.signal
  }

  /** The client is not there any more. */
  static closed(request: NodeRequest): void {
    request.#closed = true
    request.#gone?.abort(gone())
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#native || this.#body) return this.#whole().arrayBuffer()
    return (await collect(this.#incoming)) as unknown as ArrayBuffer
  }
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer())
  }
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.arrayBuffer())
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown
  }
  async blob(): Promise<Blob> {
    return this.#whole().blob()
  }
  async formData(): Promise<FormData> {
    return this.#whole().formData()
  }
  clone(): Request {
    return this.#whole().clone()
  }

  /** Node's own, for what is seldom asked. */
  #whole(): Request {
    const { method, url, signal } = this
    const headers = realHeaders(this.#incoming)
    const body = method === 'GET' || method === 'HEAD' ? null : this.body
    return (this.#native ??= new Native(url, { method, headers, signal, body, ...(body && { duplex: 'half' }) }))
  }
}

Object.setPrototypeOf(NodeRequest.prototype, Native.prototype)

function gone(): DOMException {
  return new DOMException('The client has gone.', 'AbortError')
}

/** Express cuts its mount path off `url` and keeps the whole in `originalUrl`. The host is only told, never trusted. */
function urlOf(incoming: IncomingMessage & { readonly originalUrl?: string }): string {
  const target = incoming.originalUrl ?? incoming.url ?? '/'
  const host = incoming.headers.host ?? ''
  const origin = `http://${/^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host : 'localhost'}`
  if (target.startsWith('/')) return origin + target
  const { pathname, search } = URL.parse(target) ?? { pathname: '/*', search: '' }
  return origin + pathname + search
}

/** `get` and `has` by what Node has parsed; everything else by real Headers, made when it is wanted. */
function lightHeaders(incoming: IncomingMessage): Headers {
  return new LightHeaders(incoming)
}

class LightHeaders {
  readonly #incoming: IncomingMessage
  #real: Headers | undefined

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
  }
  #whole(): Headers {
    return (this.#real ??= realHeaders(this.#incoming))
  }
  get(name: string): string | null {
    return this.#real ? this.#real.get(name) : valueOf(this.#incoming, name)
  }
  has(name: string): boolean {
    return this.get(name) !== null
  }
  getSetCookie(): string[] {
    return []
  }
  append(name: string, value: string): void {
    this.#whole().append(name, value)
  }
  delete(name: string): void {
    this.#whole().delete(name)
  }
  set(name: string, value: string): void {
    this.#whole().set(name, value)
  }
  forEach(each: (value: string, name: string, headers: Headers) => void): void {
    this.#whole().forEach(each)
  }
  keys(): HeadersIterator<string> {
    return this.#whole().keys()
  }
  values(): HeadersIterator<string> {
    return this.#whole().values()
  }
  entries(): HeadersIterator<[string, string]> {
    return this.#whole().entries()
  }
  [Symbol.iterator](): HeadersIterator<[string, string]> {
    return this.entries()
  }
}

type HeadersIterator<T> = IterableIterator<T>

Object.setPrototypeOf(LightHeaders.prototype, Headers.prototype)

/** Node keeps the first of two of these; here both have to be seen. */
function valueOf(incoming: IncomingMessage, wanted: string): string | null {
  const name = wanted.toLowerCase()
  if (name === 'authorization' || name === 'content-type') return joined(incoming, name)
  const value = Object.hasOwn(incoming.headers, name) ? incoming.headers[name] : undefined
  if (value === undefined) return null
  return typeof value === 'string' ? value : value.join(', ')
}

function joined({ rawHeaders, headers }: IncomingMessage, name: string): string | null {
  if (headers[name] === undefined) return null
  let all: string | null = null
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at]!
    if (raw.length === name.length && raw.toLowerCase() === name)
      all = all === null ? rawHeaders[at + 1]! : `${all}, ${rawHeaders[at + 1]!}`
  }
  return all
}

function realHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  return headers
}
