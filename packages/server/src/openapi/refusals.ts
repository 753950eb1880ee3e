import type { AnyRoute, Api } from '../api.ts'
import { Refused, type RefusalCode } from '../refusal.ts'

/** The statuses with which an API refuses at a route whatever it does, each with its reasons. */
export function refusalsOf(api: Api, route: AnyRoute): ReadonlyMap<number, string> {
  const codes = sharedCodes(route)
  const found = new Map<number, string>()
  for (const code of codes) {
    const { status } = api.refuse(new Refused(code, code).refusal)
    found.set(status, found.has(status) ? `${found.get(status)}, ${code}` : code)
  }
  for (const status of route.refusals ?? []) if (!found.has(status)) found.set(status, 'Refused; the body says why.')
  return new Map([...found].sort(([a], [b]) => a - b))
}

function sharedCodes(route: AnyRoute): readonly RefusalCode[] {
  const open = route.scope === 'open'
  const writes = route.method !== 'GET'
  return [
    ...when<RefusalCode>(!open, 'unauthorized', 'forbidden'),
    ...when<RefusalCode>(route.params !== undefined || route.query !== undefined || route.body !== undefined, 'invalid_input'),
    ...when<RefusalCode>(route.path.includes('{'), 'not_found'),
    ...when<RefusalCode>(route.body?.kind === 'json', 'invalid_json', 'body_consumed', 'too_many_bodies'),
    ...when<RefusalCode>(route.body !== undefined, 'payload_too_large', 'unsupported_media_type', 'too_slow'),
    ...when<RefusalCode>(!open && (route.limited ?? writes), 'rate_limited'),
    ...when<RefusalCode>(writes && route.whileDraining !== true, 'draining'),
    ...when<RefusalCode>(writes, 'disk_full'),
    'method_not_allowed',
    'internal',
    'store_unavailable',
  ]
}

function when<T>(so: boolean, ...these: readonly T[]): readonly T[] {
  return so ? these : []
}
