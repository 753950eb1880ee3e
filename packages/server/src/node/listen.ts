import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Engine } from '@kiln/core'
import type { Handler } from '../handler.ts'
import { listenAfterAccepting } from './accepting.ts'
import { ownListener } from './listener.ts'

export interface ListenOptions {
  /** default 0: any free one */
  readonly port?: number
  /** default 127.0.0.1 */
  readonly host?: string
  /** made when the address is known, since addresses that it hands out begin with it */
  readonly handler: (address: string) => Handler
  /** drained with the server; disposed by its owner */
  readonly engine?: Engine
  /** ms that running builds get to end before they are handed back; default 30,000 */
  readonly graceMs?: number
  /** bytes of all headers of a request; default 16 KiB */
  readonly maxHeaderSize?: number
  /** open connections; default 4096 */
  readonly maxConnections?: number
}

/** A server that answers. */
export interface Listening extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly address: string
  /**
   * Readiness 503 and nothing new is claimed, at once; then what runs ends within the grace time or is handed back, while reads are
   * answered; then the socket closes. `signal` aborted: what runs is handed back at once. Idempotent.
   */
  drain(signal?: AbortSignal): Promise<void>
}

/** The handler on node:http. Rejects with Node's error when the address cannot be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { port = 0, host = '127.0.0.1', graceMs = 30_000, engine } = options
  let handler: Handler | undefined
  const server = httpServer(options, (request) => handler!(request))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const address = addressOf(server, host)
  handler = options.handler(address)
  let draining: Promise<void> | undefined
  const drain = async (signal?: AbortSignal): Promise<void> => {
    handler.drain()
    const grace = AbortSignal.timeout(graceMs)
    await engine?.drain({ signal: signal ? AbortSignal.any([grace, signal]) : grace })
    await close(server, handler)
  }
  return {
    address,
    drain: (signal) => (draining ??= drain(signal)),
    [Symbol.asyncDispose]: async () => (draining ??= drain(AbortSignal.abort())),
  }
}

function httpServer(
  { maxHeaderSize = 16_384, maxConnections = 4096 }: ListenOptions,
  answer: (request: Request) => Promise<Response>,
): Server {
  const server = createServer({
    maxHeaderSize,
    // no limit for a whole upload: bodies have a slowest rate of their own
    requestTimeout: 0,
    headersTimeout: 20_000,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 5000,
    noDelay: true,
  })
  listenAfterAccepting(server, ownListener(answer))
  server.maxConnections = maxConnections
  server.on('clientError', refuseMessage)
  return server
}

/** What is no HTTP, or has too large a head: told in the same words as everything, then closed. */
function refuseMessage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, code, message] = answers[error.code ?? ''] ?? badRequest
  const body = JSON.stringify({ error: message, code })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const badRequest = ['400 Bad Request', 'bad_request', 'This is not a request as HTTP has them.'] as const
const answers: Readonly<Record<string, readonly [string, string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'too_slow', 'The head of the request came too slowly.'],
}

function addressOf(server: Server, host: string): string {
  const { address, port, family } = server.address() as AddressInfo
  const any = address === '0.0.0.0' || address === '::'
  if (any) return `http://localhost:${port}`
  return `http://${family === 'IPv6' ? `[${address}]` : host === 'localhost' ? host : address}:${port}`
}

/** Log streams end with the handler, idle connections at once, the last answers within a second. */
async function close(server: Server, handler: Handler): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  await handler[Symbol.asyncDispose]()
  const timer = setTimeout(() => server.closeAllConnections(), 1000)
  await closed
  clearTimeout(timer)
}
