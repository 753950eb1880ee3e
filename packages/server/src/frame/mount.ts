import { Hono, type Context } from 'hono'
import { Response } from '../answer.ts'
import type { AnyRoute, Api, Call } from '../api.ts'
import { checkAddress, checkBody, refusedInput, type Address } from '../input/checked.ts'
import type { Parts } from '../parts.ts'
import { Refused, type Fault } from '../refusal.ts'
import type { Frame } from './frame.ts'

const none: Record<string, string> = {}

/** Gives every route of an API its place. */
export function mount(app: Hono, api: Api, frame: Frame, parts: Parts): void {
  for (const prefix of api.prefixes)
    for (const [path, routes] of byPath(api.routes))
      for (const route of routes) app.on(route.method, honoPath(prefix + path), (context) => serve(context, api, route, frame, parts))
}

/**
 * What answers where no route did: to OPTIONS and other methods of a known path, and to paths of nobody. Apart from the routes, so that
 * each of those has one match, which is the router's quick way.
 */
export function mountRest(app: Hono, basePath: string, apis: readonly Api[], frame: Frame): void {
  const places = new Hono().basePath(basePath)
  for (const api of apis)
    for (const prefix of api.prefixes)
      for (const [path, routes] of byPath(api.routes)) {
        const allow = allowed(routes)
        places.all(honoPath(prefix + path), ({ req }) =>
          req.method === 'OPTIONS'
            ? new Response(null, { status: 204, headers: { allow } })
            : frame.refuse(api, req.raw, otherMethod(req.method, allow)),
        )
      }
  places.notFound(({ req }) => frame.unknown(req.raw, apis))
  app.notFound(({ req }) => places.fetch(req.raw))
  app.onError((error, { req }) => frame.refuse(frame.apiOf(req.raw, apis), req.raw, error))
}

async function serve(context: Context, api: Api, route: AnyRoute, frame: Frame, parts: Parts): Promise<Response> {
  const request = context.req.raw
  const params = route.path.includes('{') || api.prefixes.length > 1 ? context.req.param() : none
  const limited = route.limited ?? route.method !== 'GET'
  const answer = await frame.answer(api, route, request, async (id) => {
    const caller = await frame.admit(route, request)
    if (route.scope !== 'open') api.admit?.({ request, caller, params })
    if (limited) await frame.limit(caller)
    // before a byte of it is read; what makes room, or ends work, goes on
    if (route.method !== 'GET' && route.method !== 'DELETE' && route.whileDraining !== true) await frame.needRoom()
    const faults: Fault[] = []
    const asked = checkAddress(route, request.url, params, faults)
    // its bytes count until the answer is there
    using room = route.body?.kind === 'json' ? parts.bodies.of(caller.tenant) : undefined
    const body = room && (await checkBody(route.body!.schema, request, parts.limits, room, faults))
    if (faults.length > 0) throw refusedInput(faults)
    return await route.handle(new RouteCall(request, asked, body, caller, parts.engine.for(caller.tenant), id))
  })
  // HEAD is answered as GET without the body, of which nothing may stay open
  if (request.method === 'HEAD') await answer.body?.cancel()
  return answer
}

/** A class for its getter: a signal costs a controller, and most routes ask for none. */
class RouteCall implements Call {
  readonly request: Request
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly caller: Call['caller']
  readonly kiln: Call['kiln']
  readonly id: string

  constructor(request: Request, { params, query }: Address, body: unknown, caller: Call['caller'], kiln: Call['kiln'], id: string) {
    this.request = request
    this.params = params
    this.query = query
    this.body = body
    this.caller = caller
    this.kiln = kiln
    this.id = id
  }

  get signal(): AbortSignal {
    return this.request.signal
  }
}

/** Fixed paths before those with parameters. */
function byPath(routes: readonly AnyRoute[]): readonly (readonly [string, readonly AnyRoute[]])[] {
  const paths = Map.groupBy(routes, ({ path }) => path)
  return [...paths].sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

function allowed(routes: readonly AnyRoute[]): string {
  const methods = new Set<string>(routes.map(({ method }) => method))
  return [...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}

function otherMethod(method: string, allow: string): Refused {
  const name = /^[A-Z]{1,20}$/.test(method) ? method : 'such method'
  return new Refused('method_not_allowed', `This path has no ${name}.`, { headers: { allow } })
}
