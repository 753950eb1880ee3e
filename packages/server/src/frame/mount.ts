import type { Context, Hono } from 'hono'
import type { AnyRoute, Api, Call } from '../api.ts'
import { checked } from '../input/checked.ts'
import type { Parts } from '../parts.ts'
import { Refused } from '../refusal.ts'
import type { Frame } from './frame.ts'

/** Gives every route of an API its place, and every path of it an answer to other methods. */
export function mount(app: Hono, api: Api, frame: Frame, parts: Parts): void {
  for (const prefix of api.prefixes)
    for (const [path, routes] of byPath(api.routes)) {
      const place = honoPath(prefix + path)
      for (const route of routes) app.on(route.method, place, (context) => serve(context, api, route, frame, parts))
      const allow = [...new Set(routes.map(({ method }) => method))].join(', ')
      app.all(place, (context) => frame.refuse(api, context.req.raw, otherMethod(context.req.method, allow)))
    }
}

async function serve(context: Context, api: Api, route: AnyRoute, frame: Frame, parts: Parts): Promise<Response> {
  const request = context.req.raw
  return frame.answer(api, route, request, async (id) => {
    const caller = await frame.admit(route, request)
    api.admit?.({ request, caller, params: context.req.param() })
    await frame.limit(route, caller)
    const input = await checked(route, request, context.req.param(), parts.limits)
    const call: Call = { request, ...input, caller, kiln: parts.engine.for(caller.tenant), signal: request.signal, id }
    return route.handle(call)
  })
}

/** Fixed paths before those with parameters. */
function byPath(routes: readonly AnyRoute[]): readonly (readonly [string, readonly AnyRoute[]])[] {
  const paths = Map.groupBy(routes, ({ path }) => path)
  return [...paths].sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
}

export function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

function otherMethod(method: string, allow: string): Refused {
  return new Refused('method_not_allowed', `This path has no ${method}.`, { headers: { allow } })
}
