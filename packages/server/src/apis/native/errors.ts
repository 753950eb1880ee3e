import { classOf, codes, type ErrorCode, type FailureClass } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'

export const errorSchema = z
  .object({
    error: z.string().describe('what was wrong and where, in one line'),
    code: z.string().describe('docs/errors.md has a section for each'),
    hint: z.string().describe('what to do'),
    details: z.looseObject({
      faults: z.array(z.object({ where: z.array(z.union([z.string(), z.number()])), message: z.string(), kind: z.string() })).optional(),
    }),
  })
  .meta({ id: 'Error' })

/** Codes whose status is not that of their class. */
const statuses: Partial<Record<RefusalCode, number>> = {
  not_found: 404,
  idempotency_mismatch: 422,
  idempotency_in_flight: 409,
  document_exists: 409,
  build_not_final: 409,
  archive_too_large: 413,
  too_many_entries: 413,
  driver_unreachable: 503,
  disk_full: 507,
  queue_full: 429,
  blob_missing: 404,
  blob_mismatch: 400,
  blob_too_large: 413,
  store_unavailable: 503,
  closed: 503,
  unauthorized: 401,
  forbidden: 403,
  unknown_route: 404,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  payload_too_large: 413,
  too_slow: 408,
  body_consumed: 500,
  rate_limited: 429,
  draining: 503,
  too_many_streams: 429,
  upload_not_found: 404,
}

/** 422 is kept for idempotency: everything else that is wrong with a request or its source is 400. */
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

export function refuse({ code, message, hint, data, faults }: Refusal): Response {
  const details = { ...data, ...(faults.length > 0 && { faults }) }
  return Response.json({ error: message, code, hint, details }, { status: statusOf(code) })
}
