import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { createEngine, memoryBlobs, memoryStore, type Engine, type EngineOptions } from '@kiln/core'
import { fakeDriver, type FakeDriver, type FakeOptions } from '@kiln/testkit/driver'
import { pack } from 'tar-stream'
import type { Scope } from '../../src/api.ts'
import { native } from '../../src/apis/native/native.ts'
import { pipecat } from '../../src/apis/pipecat/pipecat.ts'
import { createHandler, type Handler, type HandlerOptions } from '../../src/handler.ts'

export const host = 'https://kiln.test'

export interface World extends AsyncDisposable {
  readonly engine: Engine
  readonly driver: FakeDriver
  readonly handler: Handler
  readonly clock: { now: number }
  /** `GET /builds` asks `/v1/builds` */
  ask(what: string, options?: Asking): Promise<Answer>
  /** asks for an upload URL, and uploads */
  upload(bytes: Uint8Array<ArrayBuffer>, options?: { readonly region?: string; readonly as?: string }): Promise<string>
  /** uploads, builds, and waits for the end */
  built(
    bytes: Uint8Array<ArrayBuffer>,
    options?: { readonly region?: string; readonly as?: string; readonly path?: string },
  ): Promise<Answer>
  ended(id: string, as?: string): Promise<void>
}

export interface Asking {
  readonly json?: unknown
  readonly body?: RequestInit['body']
  readonly headers?: Record<string, string>
  /** tenant, with scopes behind a colon: `acme`, `acme:read`; '' sends no key */
  readonly as?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server said
  readonly json: any
  readonly text: string
}

interface Options extends FakeOptions {
  readonly engine?: Partial<EngineOptions>
  readonly handler?: Partial<HandlerOptions>
}

export function world({ engine: engineOptions, handler: handlerOptions, ...driverOptions }: Options = {}): World {
  const driver = fakeDriver(driverOptions)
  const clock = { now: Date.now() }
  const engine = createEngine({ drivers: [driver], store: memoryStore(), blobs: memoryBlobs(), ...engineOptions })
  const options = { publicUrl: host, apis: [native, pipecat], now: () => clock.now, authenticate }
  const handler = createHandler({ engine, ...options, ...handlerOptions })
  const ask: World['ask'] = async (what, { json, body, headers = {}, as = 'acme' } = {}) => {
    const [method = '', path = ''] = what.split(' ')
    // Node's own Request stumbles over a form that is not read to its end
    const form = body instanceof FormData ? new Response(body) : undefined
    const given = json === undefined ? (form ? await form.arrayBuffer() : body) : JSON.stringify(json)
    const request = new Request(path.startsWith('http') ? path : `http://localhost/v1${path}`, {
      method,
      headers: {
        ...(as !== '' && { authorization: `Bearer ${as}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(form && { 'content-type': form.headers.get('content-type') ?? '' }),
        ...headers,
      },
      ...(given !== undefined && { body: given, duplex: 'half' }),
    })
    const response = await handler(request)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined }
  }
  const ended: World['ended'] = async (id, as = 'acme') => void (await (await engine.for(as).get(id))!.result())
  const upload: World['upload'] = async (bytes, { region = 'us-west', as = 'acme' } = {}) => {
    const { json } = await ask('POST /builds/upload-url', { json: { region }, as })
    const { status, text } = await ask(`POST ${json.uploadUrl}`, { body: formOf(json.uploadFields, bytes), as: '' })
    if (status !== 204) throw new Error(`${status}: ${text}`)
    return json.uploadId
  }
  return {
    engine,
    driver,
    handler,
    clock,
    ask,
    upload,
    ended,
    async built(bytes, { path, ...of } = {}) {
      const uploadId = await upload(bytes, of)
      const { region = 'us-west', as = 'acme' } = of
      const answer = await ask('POST /builds', { json: { uploadId, region, ...(path && { dockerfilePath: path }) }, as })
      if (answer.json.build) await ended(answer.json.build.id, as)
      return answer
    },
    async [Symbol.asyncDispose]() {
      await handler[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

export const authenticate: HandlerOptions['authenticate'] = async ({ headers }) => {
  const [, tenant, scopes] = /^Bearer ([a-z]+)(?::([a-z,]+))?$/.exec(headers.get('authorization') ?? '') ?? []
  if (tenant === undefined) return undefined
  return { tenant, id: `key-${tenant}`, kind: 'user', scopes: new Set((scopes?.split(',') ?? ['read', 'build']) as Scope[]) }
}

/** The fields in their order, then the file, as its clients send it. */
export function formOf(fields: Readonly<Record<string, string>>, bytes: Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob([bytes], { type: 'application/gzip' }), 'context.tar.gz')
  return form
}

type Entry = string | { readonly link: string }

export async function tarGz(files: Readonly<Record<string, Entry>>): Promise<Uint8Array<ArrayBuffer>> {
  const tar = pack()
  const chunks: Buffer[] = []
  tar.on('data', (chunk) => chunks.push(chunk as Buffer))
  for (const [name, content] of Object.entries(files))
    if (typeof content === 'string') tar.entry({ name, mtime: new Date(0) }, content)
    else tar.entry({ name, type: 'symlink', linkname: content.link, mtime: new Date(0) })
  tar.finalize()
  await once(tar, 'end')
  return new Uint8Array(gzipSync(Buffer.concat(chunks)))
}

export const project = { Dockerfile: 'FROM scratch\nCOPY . .\n', 'bot.py': 'print(1)\n' }

export function hashOf(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex').slice(0, 16)
}
