import { shown } from '@kiln/core'
import type { z } from 'zod'
import type { AnyRoute, Call } from '../api.ts'
import type { HeldRoom } from '../limits/body-room.ts'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused, type Fault } from '../refusal.ts'
import { readJson } from './json.ts'

/** What the address of a request says. */
export type Address = Pick<Call, 'params' | 'query'>

/** By the route's schemas, with every fault. */
export function checkAddress(route: AnyRoute, url: string, params: Record<string, string>, faults: Fault[]): Address {
  return {
    params: route.params ? check(route.params, 'path', params, faults) : params,
    query: route.query ? check(route.query, 'query', queryOf(url), faults) : undefined,
  }
}

/** Throws what reading JSON throws. */
export async function checkBody(
  schema: z.ZodType,
  request: Request,
  limits: ServerLimits,
  room: HeldRoom,
  faults: Fault[],
): Promise<unknown> {
  return check(schema, 'body', await readJson(request, limits, room), faults)
}

export function refusedInput(faults: readonly Fault[]): Refused {
  return new Refused('invalid_input', sentence(faults), { faults })
}

function check(schema: z.ZodType, where: string, value: unknown, faults: Fault[]): unknown {
  const found = schema.safeParse(value)
  if (found.success) return found.data
  faults.push(...faultsOf([where], found.error))
  return undefined
}

/** Repeated keys are lists, which schemas of single values refuse. */
function queryOf(url: string): Record<string, string | string[]> {
  const at = url.indexOf('?')
  if (at < 0) return {}
  const query = new Map<string, string | string[]>()
  for (const [key, value] of pairsOf(url.slice(at + 1))) {
    const before = query.get(key)
    // a list grows in its place: an address has room for thousands of equal keys
    if (Array.isArray(before)) before.push(value)
    else query.set(key, before === undefined ? value : [before, value])
  }
  return Object.fromEntries(query)
}

/** What has nothing to decode is only cut, which costs a tenth. */
function pairsOf(text: string): Iterable<readonly [string, string]> {
  if (text.includes('%') || text.includes('+')) return new URLSearchParams(text)
  const pairs: (readonly [string, string])[] = []
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    pairs.push(at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)])
  }
  return pairs
}

/** what one answer names: a stranger's body may be wrong in thousands of places */
const mostFaults = 100
/** of a name in it, which may be a stranger's */
const longest = 255

/** Every wrong field, each by its own place. `where` is the place of the value that was checked. */
export function faultsOf(where: Fault['where'], { issues }: Pick<z.core.$ZodError, 'issues'>): readonly Fault[] {
  const found: Fault[] = []
  for (const issue of issues) {
    const path = [...where, ...issue.path.map((part) => (typeof part === 'number' ? part : shown(String(part), longest)))]
    if (found.length >= mostFaults) break
    if (issue.code !== 'unrecognized_keys') found.push(faultOf(path, issue))
    else
      for (const key of issue.keys.slice(0, mostFaults - found.length))
        found.push({ where: [...path, shown(key, longest)], message: 'there is no such field', kind: issue.code })
  }
  return found
}

function faultOf(where: Fault['where'], { code, message }: z.core.$ZodIssue): Fault {
  const missing = code === 'invalid_type' && message.endsWith('received undefined')
  return { where, message: missing ? 'Field required' : message, kind: missing ? 'missing' : code }
}

function sentence([first]: readonly Fault[]): string {
  return `${first!.where.slice(1).join('.') || first!.where[0]}: ${first!.message}`
}
