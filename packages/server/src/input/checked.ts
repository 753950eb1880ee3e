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
  faults.push(...found.error.issues.map((issue) => faultOf(where, issue)))
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

function faultOf(where: string, issue: z.core.$ZodIssue): Fault {
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return {
    where: [where, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))],
    message: missing ? 'Field required' : issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys) : issue.message,
    kind: missing ? 'missing' : issue.code,
  }
}

/** Names of a stranger, of any length and number. */
function unknownKeys(keys: readonly string[]): string {
  const more = keys.length > 3 ? ` and ${keys.length - 3} more` : ''
  return `there is no field ${keys
    .slice(0, 3)
    .map((key) => `"${shown(key)}"`)
    .join(', ')}${more}`
}

function sentence([first]: readonly Fault[]): string {
  return `${first!.where.slice(1).join('.') || first!.where[0]}: ${first!.message}`
}
