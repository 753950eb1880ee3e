import type { Engine } from '@kiln/core'
import { Hono } from 'hono'
import type { Api, Authenticate, MakeApi } from './api.ts'
import { native } from './apis/native/native.ts'
import { pipecat } from './apis/pipecat/pipecat.ts'
import { runagents } from './apis/runagents/runagents.ts'
import { scale } from './apis/scale/scale.ts'
import { mount } from './frame/mount.ts'
import { openApiRoutes } from './openapi/openapi.ts'
import { statusRoutes } from './observe/status.ts'
import type { ServerLimits } from './limits/limits.ts'
import { makeParts } from './make-parts.ts'
import type { Logger } from './observe/logger.ts'
import type { Regions } from './regions.ts'

export interface HandlerOptions {
  /** disposed by its owner, after the handler */
  readonly engine: Engine
  readonly authenticate: Authenticate
  /** absolute address of this server as its clients see it, without the base path: all outward addresses begin with it */
  readonly publicUrl: string
  /** where all paths begin, `/builds` say; default none */
  readonly basePath?: string
  /** default: native, runagents, scale, pipecat */
  readonly apis?: readonly MakeApi[]
  /** default: `us-west` alone */
  readonly regions?: Regions
  readonly limits?: Partial<ServerLimits>
  /** pino-shaped; default silent */
  readonly logger?: Logger
  /** ms since the epoch */
  readonly now?: () => number
}

/** Answers requests. Never rejects: what goes wrong is an answer in the shape of its API. */
export interface Handler extends AsyncDisposable {
  (request: Request): Promise<Response>
  /** From now on: `/readyz` is 503, what would start something new is refused with Retry-After, reads go on. */
  drain(): void
}

/** All of Kiln's APIs as one fetch handler. Throws `invalid_argument` for options that cannot be. */
export function createHandler(options: HandlerOptions): Handler {
  const { parts, frame, dispose } = makeParts(options)
  const apis: readonly Api[] = (options.apis ?? [native, runagents, scale, pipecat]).map((make) => make(parts))
  const app = new Hono().basePath(options.basePath ?? '')
  statusRoutes(app, frame, parts)
  openApiRoutes(app, apis, parts)
  for (const api of apis) mount(app, api, frame, parts)
  app.notFound((context) => frame.unknown(context.req.raw, apis))
  return Object.assign(async (request: Request) => app.fetch(request), {
    drain: () => frame.drain(),
    [Symbol.asyncDispose]: dispose,
  })
}
