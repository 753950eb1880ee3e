import type { z } from 'zod'
import type { AnyRoute, Call } from '../api.ts'
import type { ServerLimits } from '../limits/limits.ts'
import { Refused, type Fault } from '../refusal.ts'
import { readJson } from './json.ts'

/** The input of a route by its schemas. Throws `invalid_input` with every fault, and what reading JSON throws. */
export async function checked(
  route: AnyRoute,
  request: Request,
  params: Record<string, string>,
  limits: ServerLimits,
): Promise<Pick<Call, 'params' | 'query' | 'body'>> {
  const faults: Fault[] = []
  const check = (schema: z.ZodType | undefined, where: string, value: unknown): unknown => {
    if (!schema) return value
    const found = schema.safeParse(value)
    if (found.success) return found.data
    faults.push(...found.error.issues.map((issue) => faultOf(where, issue)))
    return undefined
  }
  const input = {
    params: check(route.params, 'path', params),
    query: check(route.query, 'query', route.query && queryOf(request.url)),
    body: route.body?.kind === 'json' ? check(route.body.schema, 'body', await readJson(request, limits)) : undefined,
  }
  if (faults.length > 0) throw new Refused('invalid_input', sentence(faults), { faults })
  return input
}

/** Repeated keys are lists, which schemas of single values refuse. */
function queryOf(url: string): Record<string, string | string[]> {
  const at = url.indexOf('?')
  if (at < 0) return {}
  const query = new URLSearchParams(url.slice(at))
  return Object.fromEntries(
    [...new Set(query.keys())].map((key) => [key, query.getAll(key).length > 1 ? query.getAll(key) : query.get(key)!]),
  )
}

function faultOf(where: string, issue: z.core.$ZodIssue): Fault {
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return {
    where: [where, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))],
    message: missing ? 'Field required' : issue.message,
    kind: missing ? 'missing' : issue.code,
  }
}

function sentence([first]: readonly Fault[]): string {
  return `${first!.where.slice(1).join('.') || first!.where[0]}: ${first!.message}`
}
