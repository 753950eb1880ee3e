import { classOf, codes, shown, type ErrorCode, type FailureClass, type Json } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'

export const errorSchema = z
  .object({
    error: z.string().describe('what was wrong and where, in one line'),
    code: z.string().describe('docs/errors.md has a section for each'),
  })
  .meta({ id: 'Error' })

/** Codes whose status is not that of their class. */
const statuses: Partial<Record<RefusalCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  unknown_route: 404,
  method_not_allowed: 405,
  too_slow: 408,
  idempotency_mismatch: 409,
  document_exists: 409,
  payload_too_large: 413,
  too_many_files: 413,
  archive_too_large: 413,
  too_many_entries: 413,
  blob_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  queue_full: 429,
  body_consumed: 500,
  draining: 503,
  disk_full: 503,
  driver_unreachable: 503,
  store_unavailable: 503,
  closed: 503,
}

const ofClass: Readonly<Record<FailureClass, number>> = {
  request: 400,
  source: 400,
  build: 400,
  driver: 400,
  registry: 502,
  time: 503,
  store: 500,
  internal: 500,
}

function statusOf(code: RefusalCode): number {
  return statuses[code] ?? (code in codes ? ofClass[classOf(code as ErrorCode)] : 400)
}

/** s; where nobody knows better */
const retryAfter = '5'

export function refuse(refusal: Refusal): Response {
  const code = codeOf(refusal)
  const status = statusOf(code)
  const headers = status === 429 || status === 503 ? { 'retry-after': retryAfter } : {}
  return Response.json({ error: textOf(refusal), code }, { status, headers })
}

/** The fields whose faults have a code of their own. */
const ofField: Readonly<Record<string, RefusalCode>> = { name: 'invalid_name', files: 'invalid_files' }

function codeOf({ code, faults: [fault] }: Refusal): RefusalCode {
  if (code === 'entrypoint_not_found') return 'entry_point_not_found'
  if (code !== 'invalid_input' || fault?.where[0] !== 'body') return code
  const field = fault.where[1]
  return field === undefined ? 'invalid_json' : (ofField[field] ?? code)
}

/** Names of files are a stranger's. */
function textOf({ message, faults: [fault], code, data, hint }: Refusal): string {
  if (code === 'several_candidates') return `${message}: name one of them as entry_point${candidates(data)}`
  // what Kiln's own doors ask for has another name here
  if (code === 'nothing_detected') return `${message}; add a Dockerfile, or name the file that starts as entry_point`
  if (code === 'conflicting_constraints' || code === 'unsupported_project') return `${message}. ${hint}`
  if (!fault) return message
  const place = fault.where.slice(1).map((part) => shown(String(part)))
  return place.length === 0 ? 'The body has to be a JSON object.' : `${place.join('.')}: ${fault.message}`
}

const mostCandidates = 10

function candidates({ candidates: all }: Refusal['data']): string {
  const titles = (Array.isArray(all) ? (all as readonly Json[]) : []).flatMap((one) => titleOf(one) ?? [])
  const more = titles.length > mostCandidates ? `, and ${titles.length - mostCandidates} more` : ''
  return titles.length === 0 ? '' : ` (${titles.slice(0, mostCandidates).join(', ')}${more})`
}

/** The file of a candidate, or what else would choose it. */
function titleOf(candidate: Json): string | undefined {
  if (typeof candidate !== 'object' || candidate === null) return undefined
  const { config, evidence, title } = candidate as { readonly [key: string]: Json }
  for (const [of, key] of [
    [config, 'entrypoint'],
    [evidence, 'file'],
    [config, 'unit'],
  ] as const) {
    const found = typeof of === 'object' && of !== null ? (of as { readonly [key: string]: Json })[key] : undefined
    if (typeof found === 'string') return shown(found)
  }
  return typeof title === 'string' ? shown(title) : undefined
}
