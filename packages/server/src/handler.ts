import { BuildError, shown, type Engine } from '@kiln/core'
import { Hono } from 'hono'
import type { Api, Authenticate, MakeApi } from './api.ts'
import { native } from './apis/native/native.ts'
import { pipecat } from './apis/pipecat/pipecat.ts'
import { runagents } from './apis/runagents/runagents.ts'
import { scale } from './apis/scale/scale.ts'
import { mount, mountRest } from './frame/mount.ts'
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
  /** where images go, told at `/readyz`: `pushed to ghcr.io/me` */
  readonly images?: string
  /** the directory of the engine's data: without enough room there (`limits.diskFloor`) `/readyz` is 503, and what would be stored is refused */
  readonly dataDir?: string
  /** serves `/metrics` (Prometheus text, no tenant named) to everybody who can reach it; default false */
  readonly metrics?: boolean
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
  const basePath = checkedBase(options.basePath ?? '')
  const { parts, frame, status, dispose } = makeParts({ ...options, basePath, publicUrl: checkedUrl(options.publicUrl) })
  const apis: readonly Api[] = (options.apis ?? [native, runagents, scale, pipecat]).map((make) => make(parts))
  const app = new Hono().basePath(basePath)
  statusRoutes(app, frame, status)
  openApiRoutes(app, apis, parts)
  for (const api of apis) mount(app, api, frame, parts)
  mountRest(app, basePath, apis, frame)
  const handler = async (request: Request): Promise<Response> => {
    try {
      return await app.fetch(request)
    } catch (error) {
      return frame.refuse(frame.apiOf(request, apis), request, error)
    }
  }
  return Object.assign(handler, { drain: () => frame.drain(), [Symbol.asyncDispose]: dispose })
}

function checkedBase(path: string): string {
  if (path === '' || path === '/') return ''
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) return path
  throw new BuildError('invalid_argument', `The base path "${shown(path)}" is not /a/path.`)
}

function checkedUrl(url: string): string {
  const { protocol, search, hash, username } = URL.parse(url) ?? {}
  if ((protocol === 'http:' || protocol === 'https:') && !search && !hash && !username) return url
  throw new BuildError('invalid_argument', `The public URL "${shown(url)}" is not an address as https://kiln.example.com.`)
}
