import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** bytes of the body, once it has come */
  body: number
}

export interface FakeEngine extends AsyncDisposable {
  readonly host: string
  readonly asked: Asked[]
  /** open connections */
  connections(): Promise<number>
}

type Handler = (response: ServerResponse, asked: Asked, request: IncomingMessage) => void

const id = `sha256:${'a'.repeat(64)}`
export const engineVersion = { Version: '28.0.0', ApiVersion: '1.51', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Engine' }] }

/** What a healthy engine answers; a test lays its own over it. `METHOD /path`, or a beginning that ends with `*`. */
const healthy: Readonly<Record<string, Handler>> = {
  'GET /version': (response) => json(response, 200, engineVersion),
  'GET /info': (response) => json(response, 200, { Driver: 'overlay2', DriverStatus: [], MemoryLimit: true, CpuCfsQuota: true }),
  'GET /images/*': (response, { path }) =>
    path === '/images/json' ? json(response, 200, []) : json(response, 200, { Id: id, Size: 5, RepoDigests: [] }),
  'GET /containers/*': (response, { path }) =>
    path === '/containers/json' ? json(response, 200, []) : json(response, 404, { message: 'gone' }),
  'DELETE /images/*': (response) => json(response, 200, []),
  'POST /build': (response) => stream(response, [{ stream: 'Step 1/1 : FROM x' }, { stream: '\n' }, { aux: { ID: id } }]),
}

/** A Docker Engine that only talks: on a unix socket, or with `tls` on a port of this machine. */
export async function fakeEngine(
  more: Readonly<Record<string, Handler>> = {},
  tls?: { readonly cert: string; readonly key: string; readonly ca: string },
): Promise<FakeEngine> {
  const asked: Asked[] = []
  const handlers = { ...healthy, ...more }
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url!, 'http://docker')
    const one: Asked = { method: request.method!, path: url.pathname, query: url.searchParams, headers: request.headers, body: 0 }
    asked.push(one)
    const name = `${one.method} ${one.path}`
    const handler = handlers[name] ?? Object.entries(handlers).find(([key]) => key.endsWith('*') && name.startsWith(key.slice(0, -1)))?.[1]
    if (handler === undefined) return json(response, 404, { message: 'page not found' })
    if (one.path === '/build' && more['early'] === undefined) {
      request.on('data', (chunk: Buffer) => (one.body += chunk.length))
      request.on('end', () => handler(response, one, request))
    } else handler(response, one, request)
  }
  const server: Server = tls ? createTls({ ...tls, requestCert: true, rejectUnauthorized: true }, listener) : createServer(listener)
  if (more['early']) server.on('checkContinue', listener)
  const directory = mkdtempSync(join(tmpdir(), 'kiln-fake-'))
  await new Promise<void>((resolve) => (tls ? server.listen(0, '127.0.0.1', resolve) : server.listen(join(directory, 'sock'), resolve)))
  return {
    host: tls ? `tcp://localhost:${(server.address() as AddressInfo).port}` : `unix://${join(directory, 'sock')}`,
    asked,
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function stream(response: ServerResponse, messages: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  for (const message of messages) response.write(`${JSON.stringify(message)}\r\n`)
  response.end()
}
