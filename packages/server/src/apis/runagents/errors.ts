import { shown, type Json } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import type { Refusal, RefusalCode } from '../../refusal.ts'
import { statusTable } from '../../status.ts'

export const errorSchema = z
  .object({
    error: z.string().describe('what was wrong and where, in one line'),
    code: z.string().describe('docs/errors.md has a section for each'),
  })
  .meta({ id: 'Error' })

/** Codes whose status is this API's own. */
const statusOf = statusTable({
  idempotency_mismatch: 409,
  document_exists: 409,
  too_many_files: 413,
  archive_too_large: 413,
  too_many_entries: 413,
  disk_full: 503,
})

export function refuse(refusal: Refusal): Response {
  const code = codeOf(refusal)
  return Response.json({ error: textOf(refusal), code }, { status: statusOf(code) })
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
