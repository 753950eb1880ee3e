import { plain, RegistryError } from './error.ts'

/** The one door to the network, injected. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpOptions {
  readonly fetch: Fetch
  /** hosts that are spoken to without TLS */
  readonly insecure: (host: string) => boolean
  /** per request, ms */
  readonly timeoutMs: number
  /** first pause before a repeat, ms; doubles */
  readonly retryMs: number
}

export interface Send {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** bytes of the answer that are read at most */
  readonly limit: number
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
  /** where the answer came from, after redirects */
  readonly url: string
}

const tries = 4
const redirects = 5
const longestPause = 10_000

/** Sends a request: bounded in time and bytes, repeated after 429, 5xx and broken connections. Throws RegistryError `unreachable` or `failed`. */
export async function send(url: string, what: Send, how: HttpOptions): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await follow(url, what, how).catch((error: unknown) => {
      what.signal?.throwIfAborted()
      if (error instanceof RegistryError || attempt >= tries) throw unreachable(url, error)
      return undefined
    })
    if (answer !== undefined && (!temporary(answer.status) || attempt >= tries)) return answer
    await pause(pauseOf(answer, attempt, how.retryMs), what.signal)
  }
}

/** Follows redirects by hand: no Authorization for another host, no step down from https, no loop. */
async function follow(url: string, what: Send, how: HttpOptions): Promise<Answer> {
  let [at, headers] = [new URL(url), what.headers ?? {}]
  for (let hop = 0; hop <= redirects; hop++) {
    const answer = await once(at.href, { ...what, headers }, how)
    const location = answer.headers.get('location')
    if (location === null || ![301, 302, 303, 307, 308].includes(answer.status)) return answer
    if (what.method !== 'GET' && what.method !== 'HEAD') return answer
    const next = parseUrl(location, at)
    if (next.protocol !== 'https:' && !(next.protocol === 'http:' && at.protocol === 'http:' && how.insecure(next.host)))
      throw new RegistryError('failed', `${at.host} redirects to ${plain(next.origin)}, which is not https.`)
    if (next.host !== at.host) headers = withoutAuthorization(headers)
    at = next
  }
  throw new RegistryError('failed', `${at.host} redirects more than ${redirects} times.`)
}

async function once(url: string, what: Send, how: HttpOptions): Promise<Answer> {
  const clock = AbortSignal.timeout(how.timeoutMs)
  const signal = what.signal ? AbortSignal.any([what.signal, clock]) : clock
  const init: RequestInit = { method: what.method, headers: { ...what.headers }, redirect: 'manual', signal }
  const response = await how.fetch(url, what.body === undefined ? init : { ...init, body: what.body as string })
  const body = what.method === 'HEAD' ? await nothing(response) : await bounded(response, what.limit, url)
  return { status: response.status, headers: response.headers, body, url }
}

async function bounded(response: Response, limit: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > limit)
      throw new RegistryError('failed', `${new URL(url).host} answers with more than ${limit} bytes.`, { status: response.status })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function nothing(response: Response): Promise<Uint8Array> {
  await response.body?.cancel()
  return new Uint8Array()
}

/** A URL as a registry names it, relative to where it said so. */
export function parseUrl(location: string, base: URL): URL {
  try {
    const url = new URL(location, base)
    if (url.username === '' && url.password === '') return url
  } catch {}
  throw new RegistryError('failed', `${base.host} names "${plain(location)}", which is not a usable address.`)
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}

function temporary(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501)
}

function pauseOf(answer: Answer | undefined, attempt: number, first: number): number {
  const asked = Number(answer?.headers.get('retry-after') ?? Number.NaN)
  return Math.min(Number.isFinite(asked) ? asked * 1000 : first * 2 ** (attempt - 1), longestPause)
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
  })
}

function unreachable(url: string, error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const said = cause instanceof Error ? cause.message : String(cause)
  return new RegistryError('unreachable', `${new URL(url).host} does not answer: ${plain(said)}`, { cause: error })
}
