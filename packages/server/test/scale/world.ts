import { createEngine, type Engine, type EngineOptions } from '@kiln/core'
import { fakeDriver, type FakeDriver, type FakeOptions } from '@kiln/testkit/driver'
import { gzipSync } from 'node:zlib'
import { createHandler, type Caller, type Handler, type HandlerOptions } from '../../src/index.ts'
import { listen } from '../../src/node/node.ts'
import { scale } from '../../src/apis/scale/scale.ts'

const caller = (tenant: string, id: string): Caller => ({ tenant, id, kind: 'user', scopes: new Set(['read', 'build']) })
const callers: Readonly<Record<string, Caller>> = {
  acme: caller('acme', 'u-1'),
  other: caller('other', 'u-2'),
  reader: { ...caller('acme', 'u-3'), scopes: new Set(['read']) },
}

export interface World extends AsyncDisposable {
  readonly engine: Engine
  readonly driver: FakeDriver
  readonly handler: Handler
  /** a request through the handler, with acme's key */
  ask(path: string, init?: RequestInit): Promise<Answer>
  post(form: FormData | Readonly<Record<string, string | Blob>>, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** on a real socket; the address ends without a slash */
  serve(): Promise<string>
  now: number
}

// oxlint-disable-next-line typescript/no-explicit-any -- bodies of any shape
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: any }

export function world(
  driverOptions: FakeOptions = {},
  engineOptions: Partial<EngineOptions> = {},
  options: Partial<HandlerOptions> = {},
): World {
  const driver = fakeDriver(driverOptions)
  const engine = createEngine({ drivers: [driver], platform: 'linux/amd64', ...engineOptions })
  const closing: AsyncDisposable[] = [engine]
  const make = (publicUrl: string): Handler => {
    const one = createHandler({
      engine,
      apis: [scale],
      authenticate: async ({ headers }) => callers[headers.get('x-api-key') ?? ''],
      publicUrl,
      now: () => self.now,
      ...options,
    })
    closing.unshift(one)
    return one
  }
  const handler = make('http://kiln.example')
  const self: World = {
    engine,
    driver,
    handler,
    now: Date.now(),
    async ask(path, init = {}) {
      const headers = { 'x-api-key': 'acme', ...(init.headers as Record<string, string>) }
      return answerOf(await handler(new Request(`http://kiln.example${path}`, { ...init, headers })))
    },
    async post(form, headers = {}) {
      // as bytes: undici's own stream of a form does not bear being cancelled
      const whole = new Response(form instanceof FormData ? form : formOf(form))
      const type = whole.headers.get('content-type')!
      return self.ask('/v5/builds', { method: 'POST', body: await whole.arrayBuffer(), headers: { 'content-type': type, ...headers } })
    },
    async serve() {
      const listening = await listen({ handler: make })
      closing.unshift(listening)
      return listening.address
    },
    async [Symbol.asyncDispose]() {
      for (const one of closing) await one[Symbol.asyncDispose]()
    },
  }
  return self
}

async function answerOf(answer: Response): Promise<Answer> {
  const text = await answer.text()
  const json = answer.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text }
}

export function formOf(fields: Readonly<Record<string, string | Blob>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}

/** A tar.gz of these files. */
export function tarGz(files: Readonly<Record<string, string>> = { Dockerfile: 'FROM scratch\nCOPY . .\n' }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(tar(files)))
}

export function tar(files: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(files).map(([path, text]) => entry(path, Buffer.from(text)))
  return Buffer.concat([...entries, Buffer.alloc(1024)])
}

function entry(path: string, bytes: Buffer): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(path, 0)
  header.write(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(bytes.length, 12) + octal(0, 12), 100)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  )
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

export function archive(files?: Readonly<Record<string, string>>): File {
  return new File([tarGz(files)], 'upload', { type: 'application/octet-stream' })
}

let names = 0
/** An agent's name that no other test has. */
export function agentName(): string {
  return `agent-${(names += 1)}`
}

/** A create that works; `undefined` leaves a field out. */
export function create(changes: Readonly<Record<string, string | Blob | undefined>> = {}): FormData {
  const all = { image_name: 'web', agent_name: agentName(), context_archive: archive(), ...changes }
  return formOf(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string | Blob>)
}

/** The record once its build has ended. */
export async function ended(one: World, id: string): Promise<Answer['body']> {
  await (await one.engine.for('acme').get(id))!.result()
  return (await one.ask(`/v5/builds/${id}`)).body
}
