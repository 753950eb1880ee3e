import { createEngine, memoryBlobs, memoryStore, StepFailure, type Engine, type EngineOptions } from '@kiln/core'
import { fakeDriver, twoSteps, type FakeDriver, type FakeOptions } from '@kiln/testkit/driver'
import type { Scope } from '../../src/api.ts'
import { native } from '../../src/apis/native/native.ts'
import { runagents } from '../../src/apis/runagents/runagents.ts'
import { keyOf } from '../../src/auth/header.ts'
import { createHandler, type Handler, type HandlerOptions } from '../../src/handler.ts'

export interface World extends AsyncDisposable {
  readonly engine: Engine
  readonly driver: FakeDriver
  readonly handler: Handler
  /** tenant acme with all scopes, unless `as` says another: `acme:read` */
  ask(method: string, path: string, options?: Asking): Promise<Answer>
  /** a build that has ended, as GET shows it */
  ended(id: string): Promise<Record<string, string>>
}

export interface Asking {
  readonly json?: unknown
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string>
  readonly as?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the server said
  readonly json: any
}

interface Options extends FakeOptions {
  readonly engine?: Partial<EngineOptions>
  readonly handler?: Partial<HandlerOptions>
}

export function world({ engine: engineOptions, handler: handlerOptions, ...driverOptions }: Options = {}): World {
  const driver = fakeDriver(driverOptions)
  const engine = createEngine({ drivers: [driver], store: memoryStore(), blobs: memoryBlobs(), ...engineOptions })
  const handler = createHandler({ engine, authenticate, publicUrl: 'https://kiln.test', apis: [native, runagents], ...handlerOptions })
  const ask: World['ask'] = async (method, path, { json, body, headers = {}, as = 'acme' } = {}) => {
    const given = json === undefined ? body : JSON.stringify(json)
    const response = await handler(
      new Request(`http://localhost${path}`, {
        method,
        headers: { authorization: `Bearer ${as}`, ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(given !== undefined && { body: given }),
      }),
    )
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined }
  }
  return {
    engine,
    driver,
    handler,
    ask,
    async ended(id) {
      const own = id.replace(/^build-(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
      await (await engine.for('acme').get(own))!.result()
      return (await ask('GET', `/api/builds/${id}`)).json
    },
    async [Symbol.asyncDispose]() {
      await handler[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

/** `acme` and `acme:read` are keys: a tenant with its scopes. */
const authenticate: HandlerOptions['authenticate'] = async (request) => {
  const [, tenant, scopes] = /^([a-z_]+)(?::([a-z,]+))?$/.exec(keyOf(request) ?? '') ?? []
  if (tenant === undefined) return undefined
  return { tenant, id: tenant, kind: 'user', scopes: new Set((scopes?.split(',') ?? ['read', 'build', 'deploy']) as Scope[]) }
}

/** The program of the seed. */
export const agent =
  'from openai import OpenAI\nimport requests\n\nclient = OpenAI()\n\ndef main():\n    response = client.chat.completions.create(\n        model="gpt-4o-mini",\n        messages=[{"role": "user", "content": "Hello"}]\n    )\n    print(response.choices[0].message.content)\n\nif __name__ == "__main__":\n    main()\n'

export const seed = {
  name: 'my-agent',
  files: { 'agent.py': agent, 'requirements.txt': 'openai>=1.0\nrequests' },
  entry_point: 'agent.py',
}

/** Fails as pip does when a requirement names `nonexistent-package`. */
export const pip: FakeOptions['build'] = async (job, io) => {
  if (!JSON.stringify(job.recipe).includes('pip install')) return twoSteps(job, io)
  io.emit({ step: '3', type: 'step-started', title: 'RUN pip install --no-cache-dir -r requirements.txt', line: 4 })
  io.emit({ step: '3', type: 'log', stream: 'err', text: 'ERROR: No matching distribution found for nonexistent-package' })
  throw new StepFailure({
    message: 'The command returned a non-zero code: 1',
    step: '3',
    title: 'RUN pip install --no-cache-dir -r requirements.txt',
    exitCode: 1,
  })
}
