import { createEngine, memoryBlobs, memoryStore, type Engine, type EngineOptions } from '@kiln/core'
import { fakeDriver, type FakeDriver, type FakeOptions } from '@kiln/testkit/driver'
import type { Scope } from '../../src/api.ts'
import { createHandler, type Handler, type HandlerOptions } from '../../src/handler.ts'
import { native } from '../../src/apis/native/native.ts'

export interface World extends AsyncDisposable {
  readonly engine: Engine
  readonly driver: FakeDriver
  readonly handler: Handler
  /** Asks the native API: `tenant` (default acme) with all scopes but admin, or with those behind a colon. */
  ask(method: string, path: string, options?: Asking): Promise<Answer>
}

export interface Asking {
  readonly json?: unknown
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string>
  /** `acme`, `acme:read` */
  readonly as?: string
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly response: Response
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server said
  readonly json: () => Promise<any>
  readonly text: () => Promise<string>
}

interface Options extends FakeOptions {
  readonly engine?: Partial<EngineOptions>
  readonly handler?: Partial<HandlerOptions>
}

export function world({ engine: engineOptions, handler: handlerOptions, ...driverOptions }: Options = {}): World {
  const driver = fakeDriver(driverOptions)
  const engine = createEngine({ drivers: [driver], store: memoryStore(), blobs: memoryBlobs(), ...engineOptions })
  const handler = createHandler({ engine, authenticate, publicUrl: 'https://kiln.test', apis: [native], ...handlerOptions })
  return {
    engine,
    driver,
    handler,
    async ask(method, path, { json, body, headers = {}, as = 'acme', signal } = {}) {
      const given = json === undefined ? body : JSON.stringify(json)
      const response = await handler(
        new Request(`http://localhost/kiln/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${as}`, ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
          ...(given !== undefined && { body: given, duplex: 'half' }),
          ...(signal && { signal }),
        }),
      )
      return { status: response.status, headers: response.headers, response, json: () => response.json(), text: () => response.text() }
    },
    async [Symbol.asyncDispose]() {
      await handler[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

const authenticate: HandlerOptions['authenticate'] = async ({ headers }) => {
  const [, tenant, scopes] = /^Bearer ([a-z]+)(?::([a-z,]+))?$/.exec(headers.get('authorization') ?? '') ?? []
  if (tenant === undefined) return undefined
  return { tenant, id: tenant, kind: 'user', scopes: new Set((scopes?.split(',') ?? ['read', 'build', 'deploy']) as Scope[]) }
}

const dockerfile = { Dockerfile: 'FROM scratch\nCOPY . .\n', 'app.txt': 'hello' }
export const request = { name: 'web', source: { files: dockerfile }, dockerfile: 'Dockerfile' }

/** A build that has ended. */
export async function built(of: World, more: object = {}, as = 'acme'): Promise<string> {
  const { id } = await (await of.ask('POST', '/builds', { json: { ...request, ...more }, as })).json()
  await (await of.engine.for(as).get(id))!.result()
  return id
}
