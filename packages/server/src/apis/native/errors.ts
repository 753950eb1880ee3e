import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal } from '../../refusal.ts'
import { statusTable } from '../../status.ts'

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

/** Codes whose status is this API's own. 422 is kept for idempotency: what else is wrong with a request or its source is 400. */
const statusOf = statusTable({
  idempotency_mismatch: 422,
  idempotency_in_flight: 409,
  document_exists: 409,
  build_not_final: 409,
  archive_too_large: 413,
  too_many_entries: 413,
  disk_full: 507,
  blob_missing: 404,
  blob_mismatch: 400,
  too_many_streams: 429,
  upload_not_found: 404,
})

export function refuse({ code, message, hint, data, faults }: Refusal): Response {
  const details = { ...data, ...(faults.length > 0 && { faults }) }
  return Response.json({ error: message, code, hint, details }, { status: statusOf(code) })
}
