import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'
import { statusTable } from '../../status.ts'

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

/** Codes whose status is this API's own. The SDK sends the archive again after 408, 409, 429 and 5xx. */
const statusOf = statusTable({
  agent_not_found: 404,
  archive_too_large: 413,
  too_many_entries: 413,
  disk_full: 507,
  timed_out: 503,
  too_many_streams: 429,
  invalid_input: 422,
})

/** What another try would only repeat, though its status says otherwise. */
const final: ReadonlySet<RefusalCode> = new Set(['agent_name_taken', 'too_slow', 'timed_out', 'body_consumed', 'internal'])

/** As FastAPI answers: a text, or a list of faults by field with 422. */
export function refuse(refusal: Refusal): Response {
  const { code, message } = refusal
  const headers = final.has(code) ? { 'x-should-retry': 'false' } : {}
  const faults = faultsOf(refusal)
  if (faults.length > 0) return Response.json({ detail: faults, code }, { status: 422, headers })
  return Response.json({ detail: message, code }, { status: refusal.faults.length > 0 ? 400 : statusOf(code), headers })
}

type Fault = z.infer<typeof faultSchema>

/** A form that cannot be read as one is not wrong in a field. */
function faultsOf({ code, message, faults }: Refusal): readonly Fault[] {
  if (faults.some(({ kind }) => kind === 'invalid_form')) return []
  if (faults.length > 0) return faults.map(({ where, message: msg, kind }) => ({ loc: [...where], msg, type: kind }))
  const place = places[code]
  return place === undefined ? [] : [{ loc: [...place], msg: message, type: code }]
}
