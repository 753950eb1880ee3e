import { classOf, codes, type ErrorCode, type FailureClass } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'

export const errorSchema = z
  .object({
    error: z.string().optional().describe('Error message'),
    code: z.string().optional().describe('Error code'),
  })
  .meta({ id: 'ErrorResponse' })

/** Codes whose status is not that of their class. */
const statuses: Partial<Record<RefusalCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  bad_signature: 403,
  upload_expired: 403,
  not_found: 404,
  unknown_route: 404,
  method_not_allowed: 405,
  // bytes that are not those that were uploaded: the client's to send again
  blob_mismatch: 400,
  too_slow: 408,
  upload_already_used: 409,
  blob_too_large: 413,
  payload_too_large: 413,
  unsupported_media_type: 415,
  queue_full: 429,
  rate_limited: 429,
  too_many_streams: 429,
  too_many_uploads: 429,
  body_consumed: 500,
  driver_unreachable: 503,
  store_unavailable: 503,
  closed: 503,
  draining: 503,
  disk_full: 507,
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

/** What a fault in a field is called, where the field has a code of its own. */
const ofField: Readonly<Record<string, RefusalCode>> = {
  'body.region': 'invalid_region',
  'body.dockerfilePath': 'invalid_dockerfile_path',
}

/** Statuses that say to come again. */
const later = new Set([429, 503])

/** Clients compare the code with a status as text: of 401 to ask for a login, of 5xx to ask again. Elsewhere it is a word. */
export function refuse({ code, message, faults }: Refusal): Response {
  const status = statuses[code] ?? (code in codes ? ofClass[classOf(code as ErrorCode)] : 400)
  const [field] = faults.map(({ where }) => ofField[where.join('.')])
  const body = { error: message, code: status === 401 || status >= 500 ? String(status) : (field ?? code) }
  // in s, where the refusal does not know better
  return Response.json(body, { status, ...(later.has(status) && { headers: { 'retry-after': '5' } }) })
}
