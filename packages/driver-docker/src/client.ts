import { BuildError, shown } from '@kiln/core'
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { addressText, type Address } from './address.ts'
import { dialSsh } from './ssh.ts'
import { unreachable } from './trouble.ts'
import { upload, type Answer } from './upload.ts'

export interface Ask {
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A thin client of the Docker Engine's HTTP API: one address, no API version in the paths. */
export interface Client {
  /** the address, for messages */
  readonly where: string
  /** A short question: at most `callMs`, and 32 MiB of answer. Throws `driver_unreachable`. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, ask?: Ask): Promise<Reply>
  /** A question whose answer is read as it comes, with or without a body that is sent as it is made. */
  open(path: string, ask: Ask & { readonly body?: AsyncIterable<Uint8Array> }): Promise<Answer>
  /** Ends every connection. */
  close(): void
}

export interface ClientOptions {
  /** ms until a connection has to stand; default 10,000 */
  readonly connectMs?: number
  /** ms for a short question; default 30,000 */
  readonly callMs?: number
}

const answerLimit = 32 << 20

export function createClient(address: Address, { connectMs = 10_000, callMs = 30_000 }: ClientOptions = {}): Client {
  const where = addressText(address)
  const agent = agentFor(address)
  const open = new Set<ClientRequest>()

  const start = (method: string, path: string, ask: Ask): ClientRequest => {
    const options = { ...target(address), agent, method, path: pathWith(path, ask.query), headers: { host: 'docker', ...ask.headers } }
    const request = address.kind === 'tcp' && address.tls ? httpsRequest(options) : httpRequest(options)
    open.add(request)
    request.on('close', () => open.delete(request))
    watchConnect(request, connectMs)
    if (address.kind === 'tcp') request.setSocketKeepAlive(true, 30_000)
    return request
  }

  return {
    where,
    async call(method, path, ask = {}) {
      ask.signal?.throwIfAborted()
      const clock = AbortSignal.timeout(callMs)
      const signal = ask.signal ? AbortSignal.any([ask.signal, clock]) : clock
      const once = async (again: boolean): Promise<Reply> => {
        const request = start(method, path, ask)
        const stop = destroyOn(signal, request)
        try {
          const response = await respond(request, () => request.end())
          return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response, where) }
        } catch (error) {
          // a kept connection that the engine has closed meanwhile says nothing about the engine
          if (again && request.reusedSocket && !signal.aborted) return await once(false)
          throw error
        } finally {
          stop()
        }
      }
      return once(true).catch((error: unknown) => {
        ask.signal?.throwIfAborted()
        throw unreachable(clock.aborted ? new Error(`no answer to ${method} ${path} within ${callMs} ms`) : error, where)
      })
    },
    async open(path, ask) {
      ask.signal?.throwIfAborted()
      const expecting = ask.body ? { expect: '100-continue', 'content-type': 'application/x-tar' } : {}
      const request = start('POST', path, { ...ask, headers: { ...expecting, ...ask.headers } })
      const stop = ask.signal ? destroyOn(ask.signal, request) : () => undefined
      request.on('close', stop)
      if (ask.body === undefined) return { response: await respond(request, () => request.end()), broken: () => undefined }
      return upload(request, ask.body, (send) => respond(request, send))
    },
    close() {
      for (const request of open) request.destroy()
      agent.destroy()
    },
  }
}

/** JSON of a reply, or BuildError `driver_failed` with what the engine says. */
export function expectOk(reply: Reply, what: string): unknown {
  if (reply.status >= 200 && reply.status < 300) return reply.body === '' ? undefined : parseJson(reply.body)
  throw new BuildError('driver_failed', `The Docker Engine did not ${what}: ${saidBy(reply.body)} (HTTP ${reply.status}).`)
}

/** The engine's own words in an answer that is not 2xx. */
export function saidBy(body: string): string {
  const parsed = parseJson(body)
  const message = typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : undefined
  return shown(typeof message === 'string' ? message : body.trim(), 400)
}

export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function agentFor(address: Address): HttpAgent {
  const options = { keepAlive: true, maxFreeSockets: 2, timeout: 0 }
  if (address.kind === 'tcp' && address.tls) return new HttpsAgent({ ...options, ...address.tls })
  if (address.kind !== 'ssh') return new HttpAgent(options)
  const agent = new HttpAgent(options)
  agent.createConnection = () => dialSsh(address)
  return agent
}

function target(address: Address): RequestOptions & { readonly servername?: string } {
  if (address.kind === 'unix') return { socketPath: address.path }
  // the certificate is checked against the address, not against the name in our Host header
  if (address.kind === 'tcp') return { host: address.host, port: address.port, servername: isIP(address.host) === 0 ? address.host : '' }
  return {}
}

function pathWith(path: string, query: Ask['query'] = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`
}

function respond(request: ClientRequest, send: () => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).on('error', reject)
    request.once('close', () => reject(new Error('the connection ended without an answer')))
    send()
  })
}

function watchConnect(request: ClientRequest, ms: number): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(() => request.destroy(new Error(`no connection within ${ms} ms`)), ms)
    const done = (): void => clearTimeout(timer)
    socket.once('connect', done).once('close', done)
  })
}

function destroyOn(signal: AbortSignal, request: ClientRequest): () => void {
  const stop = (): void => void request.destroy(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return () => signal.removeEventListener('abort', stop)
}

async function text(response: IncomingMessage, where: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > answerLimit) throw new Error(`${where} answers with more than ${answerLimit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
