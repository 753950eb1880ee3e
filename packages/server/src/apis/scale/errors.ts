import { classOf, codes, type ErrorCode, type FailureClass } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'

const faultSchema = z.object({ loc: z.array(z.union([z.string(), z.int()])), msg: z.string(), type: z.string() })

export const errorSchema = z
  .object({
    detail: z.union([z.string(), z.array(faultSchema)]).describe('a text, or for 422 what is wrong with each field'),
    code: z.string().describe('docs/errors.md has a section for each'),
  })
  .meta({ id: 'HTTPError' })

/** Codes that mean the form: where in it. */
const places: Partial<Record<RefusalCode, readonly string[]>> = {
  invalid_name: ['body', 'image_name'],
  registry_not_allowed: ['body', 'image_name'],
  dockerfile_not_found: ['body', 'context_archive'],
  invalid_reference: ['body'],
  invalid_argument: ['body'],
  needs_unmet: ['body'],
}

/** Codes whose status is not that of their class. The SDK sends the archive again after 408, 409, 429 and 5xx. */
const statuses: Partial<Record<RefusalCode, number>> = {
  not_found: 404,
  agent_not_found: 404,
  archive_too_large: 413,
  too_many_entries: 413,
  blob_too_large: 413,
  payload_too_large: 413,
  driver_unreachable: 503,
  disk_full: 507,
  queue_full: 429,
  store_unavailable: 503,
  closed: 503,
  timed_out: 503,
  unauthorized: 401,
  forbidden: 403,
  unknown_route: 404,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  too_slow: 408,
  body_consumed: 500,
  rate_limited: 429,
  draining: 503,
  too_many_streams: 429,
  invalid_input: 422,
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

/** What another try would only repeat, though its status says otherwise. */
const final: ReadonlySet<RefusalCode> = new Set(['agent_name_taken', 'too_slow', 'timed_out', 'body_consumed', 'internal'])

/** As FastAPI answers: a text, or a list of faults by field with 422. */
export function refuse(refusal: Refusal): Response {
  const { code, message } = refusal
  const headers = final.has(code) ? { 'x-should-retry': 'false' } : {}
  const faults = faultsOf(refusal)
  if (faults.length > 0) return Response.json({ detail: faults, code }, { status: 422, headers })
  return Response.json({ detail: message, code }, { status: statusOf(refusal), headers })
}

function statusOf({ code, faults }: Refusal): number {
  if (faults.length > 0) return 400
  return statuses[code] ?? (code in codes ? ofClass[classOf(code as ErrorCode)] : 400)
}

type Fault = z.infer<typeof faultSchema>

/** A form that cannot be read as one is not wrong in a field. */
function faultsOf({ code, message, faults }: Refusal): readonly Fault[] {
  if (faults.some(({ kind }) => kind === 'invalid_form')) return []
  if (faults.length > 0) return faults.map(({ where, message: msg, kind }) => ({ loc: [...where], msg, type: kind }))
  const place = places[code]
  return place === undefined ? [] : [{ loc: [...place], msg: message, type: code }]
}
