import type { Response } from '../answer.ts'
import { putHeader } from '../answer.ts'
import type { AnyRoute, Api, Authenticate, Caller } from '../api.ts'
import type { Disk } from '../limits/disk.ts'
import type { RateLimit } from '../limits/rate.ts'
import type { Logger } from '../observe/logger.ts'
import type { Meter } from '../observe/meter.ts'
import type { Tracing } from '../observe/tracing.ts'
import { Refused, toRefusal } from '../refusal.ts'

export interface FrameOptions {
  readonly authenticate: Authenticate
  readonly rate: RateLimit
  readonly disk: Disk
  readonly meter: Meter
  readonly tracing: Tracing
  readonly log: Logger
  readonly basePath: string
}

/** What happens around every route, whatever its API. */
export interface Frame {
  readonly draining: boolean
  drain(): void
  /** who asks, with the right to; throws `unauthorized`, `forbidden`, `draining` */
  admit(route: AnyRoute, request: Request): Promise<Caller>
  /** throws `rate_limited` */
  limit(caller: Caller): Promise<void>
  /** for what would be stored; throws `disk_full` */
  needRoom(): Promise<void>
  /** the answer, counted and logged; what is thrown becomes the API's refusal */
  answer(api: Api, route: AnyRoute, request: Request, work: (id: string) => Promise<Response>): Promise<Response>
  refuse(api: Api, request: Request, error: unknown): Response
  /** for paths of nobody: in the shape of the API whose prefix it has */
  unknown(request: Request, apis: readonly Api[]): Response
  /** the API whose prefix a path has, else the first */
  apiOf(request: Request, apis: readonly Api[]): Api
}

const nobody: Caller = { tenant: '', scopes: new Set(), id: '', kind: 'service_account' }

export function createFrame({ authenticate, rate, disk, meter, tracing, log, basePath }: FrameOptions): Frame {
  let draining = false
  const newId = requestIds()
  const refuse: Frame['refuse'] = (api, request, error) => {
    const refusal = toRefusal(error)
    const answer = api.refuse(refusal)
    for (const [name, value] of Object.entries(refusal.headers)) answer.headers.set(name, value)
    if (refusal.retryAfter !== undefined) answer.headers.set('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfter))))
    // whoever may come again is told when; 5 s where nobody knows better
    if ((answer.status === 429 || answer.status === 503) && !answer.headers.has('retry-after')) answer.headers.set('retry-after', '5')
    // who has gone needs no answer, and is no failure of ours
    if (answer.status >= 500 && !request.signal.aborted && refusal.code !== 'draining')
      log.error({ err: error, method: request.method, path: pathOf(request.url) }, refusal.message)
    return answer
  }
  const unlessDraining = (route: AnyRoute, caller: Caller): Caller => {
    if (!draining || route.method === 'GET' || route.whileDraining === true) return caller
    throw new Refused('draining', 'The server is going down.', { retryAfter: 5 })
  }
  const apiOf: Frame['apiOf'] = (request, apis) => {
    const path = pathOf(request.url).slice(basePath.length)
    const length = (api: Api): number => Math.max(...api.prefixes.map((prefix) => begins(path, prefix.split('/{')[0]!)))
    return apis.reduce((best, api) => (length(api) > length(best) ? api : best))
  }
  return {
    get draining() {
      return draining
    },
    drain: () => {
      draining = true
    },
    async admit(route, request) {
      if (route.scope === 'open') return unlessDraining(route, nobody)
      const caller = await authenticate(request)
      if (!caller) throw new Refused('unauthorized', 'The API key is missing or not valid.', { headers: { 'www-authenticate': 'Bearer' } })
      if (!caller.scopes.has(route.scope)) throw new Refused('forbidden', `The API key does not allow "${route.scope}".`)
      return unlessDraining(route, caller)
    },
    // not by key: a tenant may make as many as it likes
    limit: ({ tenant }) => rate.take(tenant),
    needRoom: () => disk.needRoom(),
    async answer(api, route, request, work) {
      const done = meter.request(api.name, route)
      const id = newId()
      let answer: Response
      try {
        answer = await (tracing.active ? tracing.span(api.name, route, id, () => work(id)) : work(id))
      } catch (error) {
        answer = refuse(api, request, error)
      }
      putHeader(answer, 'x-request-id', id)
      done(answer.status)
      return answer
    },
    refuse,
    apiOf,
    unknown: (request, apis) => refuse(apiOf(request, apis), request, new Refused('unknown_route', 'There is nothing at this path.')),
  }
}

/** Different in every process, and counted in it. */
function requestIds(): () => string {
  const process = crypto.randomUUID().slice(0, 13)
  let count = 0
  return () => `${process}-${(count += 1).toString(36)}`
}

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  if (start < 0) return '/'
  const end = url.indexOf('?', start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

/** How much of a path is a prefix; -1 when it is another's. */
function begins(path: string, prefix: string): number {
  return path === prefix || path.startsWith(`${prefix}/`) ? prefix.length : -1
}
