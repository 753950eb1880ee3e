import type { AnyRoute, Api, Authenticate, Caller } from '../api.ts'
import type { RateLimit } from '../limits/rate.ts'
import type { Logger } from '../observe/logger.ts'
import type { Meter } from '../observe/meter.ts'
import { Refused, toRefusal } from '../refusal.ts'

export interface FrameOptions {
  readonly authenticate: Authenticate
  readonly rate: RateLimit
  readonly meter: Meter
  readonly log: Logger
}

/** What happens around every route, whatever its API. */
export interface Frame {
  readonly draining: boolean
  drain(): void
  /** who asks, with the right to; throws `unauthorized`, `forbidden`, `draining` */
  admit(route: AnyRoute, request: Request): Promise<Caller>
  /** throws `rate_limited` */
  limit(route: AnyRoute, caller: Caller): Promise<void>
  /** the answer, counted and logged; what is thrown becomes the API's refusal */
  answer(api: Api, route: AnyRoute, request: Request, work: (id: string) => Promise<Response>): Promise<Response>
  refuse(api: Api, request: Request, error: unknown): Response
  /** for paths of nobody: in the shape of the API whose prefix it has */
  unknown(request: Request, apis: readonly Api[]): Response
}

export const nobody: Caller = { tenant: '', scopes: new Set(), id: '', kind: 'service_account' }

export function createFrame({ authenticate, rate, meter, log }: FrameOptions): Frame {
  let draining = false
  const refuse: Frame['refuse'] = (api, request, error) => {
    const refusal = toRefusal(error)
    const answer = api.refuse(refusal)
    for (const [name, value] of Object.entries(refusal.headers)) answer.headers.set(name, value)
    if (refusal.retryAfter !== undefined) answer.headers.set('retry-after', String(Math.max(1, Math.ceil(refusal.retryAfter))))
    if (answer.status >= 500) log.error({ err: error, method: request.method, path: new URL(request.url).pathname }, refusal.message)
    return answer
  }
  return {
    get draining() {
      return draining
    },
    drain: () => {
      draining = true
    },
    async admit(route, request) {
      if (route.scope === 'open') return nobody
      const caller = await authenticate(request)
      if (!caller) throw new Refused('unauthorized', 'The API key is missing or not valid.', { headers: { 'www-authenticate': 'Bearer' } })
      if (!caller.scopes.has(route.scope)) throw new Refused('forbidden', `The API key does not allow "${route.scope}".`)
      if (draining && route.method !== 'GET') throw new Refused('draining', 'The server is going down.', { retryAfter: 5 })
      return caller
    },
    async limit(route, caller) {
      if (route.limited ?? route.method !== 'GET') await rate.take(caller.id)
    },
    async answer(api, route, request, work) {
      const done = meter.request(api.name, route)
      const id = crypto.randomUUID()
      const answer = await work(id).catch((error: unknown) => refuse(api, request, error))
      answer.headers.set('x-request-id', id)
      done(answer.status)
      return answer
    },
    refuse,
    unknown(request, apis) {
      const { pathname } = new URL(request.url)
      const api = apis.find(({ prefixes }) => prefixes.some((prefix) => pathname.includes(prefix.split('{')[0]!))) ?? apis[0]!
      return refuse(api, request, new Refused('unknown_route', 'There is nothing at this path.'))
    },
  }
}
