import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'
import { statusTable } from '../../status.ts'

export const errorSchema = z
  .object({
    error: z.string().optional().describe('Error message'),
    code: z.string().optional().describe('Error code'),
  })
  .meta({ id: 'ErrorResponse' })

/** Codes whose status is this API's own. */
const statusOf = statusTable({
  bad_signature: 403,
  upload_expired: 403,
  // bytes that are not those that were uploaded: the client's to send again
  blob_mismatch: 400,
  upload_already_used: 409,
  too_many_streams: 429,
  too_many_uploads: 429,
  disk_full: 507,
})

/** What a fault in a field is called, where the field has a code of its own. */
const ofField: Readonly<Record<string, RefusalCode>> = {
  'body.region': 'invalid_region',
  'body.dockerfilePath': 'invalid_dockerfile_path',
}

/** Clients compare the code with a status as text: of 401 to ask for a login, of 5xx to ask again. Elsewhere it is a word. */
export function refuse({ code, message, faults }: Refusal): Response {
  const status = statusOf(code)
  const [field] = faults.map(({ where }) => ofField[where.join('.')])
  const body = { error: message, code: status === 401 || status >= 500 ? String(status) : (field ?? code) }
  return Response.json(body, { status })
}
