import type { BuildRecord, State } from '@kiln/core'
import { z } from 'zod'

const statusSchema = z.enum(['PENDING', 'BUILDING', 'SUCCEEDED', 'FAILED'])
type Status = z.infer<typeof statusSchema>

/** A cancel that is asked and not done is still building. */
const statuses: Readonly<Record<State, Status>> = {
  queued: 'PENDING',
  building: 'BUILDING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'FAILED',
  timed_out: 'FAILED',
  expired: 'FAILED',
}

export const buildSchema = z
  .object({
    id: z.string().meta({ examples: ['build-a1b2c3d4'] }),
    status: statusSchema,
    image: z.string().describe('known before the build ends'),
    error: z.string().optional().describe('only of a failed build'),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().optional().describe('only of a build that has ended'),
  })
  .meta({ id: 'Build' })

export type BuildView = z.infer<typeof buildSchema>

/** A Build as this API shows it: what there is not is left out. */
export function viewOf(record: BuildRecord): BuildView {
  const { id, state, image, acceptedAt, endedAt } = record
  const error = errorOf(record)
  return {
    id: publicId(id),
    status: statuses[state],
    image,
    ...(error !== undefined && { error }),
    created_at: timeOf(acceptedAt),
    ...(endedAt !== undefined && { completed_at: timeOf(endedAt) }),
  }
}

/** In the seed's own form: `pip install failed: no matching distribution found for nonexistent-package`. */
function errorOf({ state, error }: BuildRecord): string | undefined {
  if (state === 'cancelled') return 'build cancelled'
  if (!error) return undefined
  if (state === 'timed_out') return `build timed out: ${error.message}`
  if (state === 'expired') return `build expired: ${error.message}`
  const { tool, verb, reason } = error.data
  if (typeof tool !== 'string' || typeof reason !== 'string') return error.message
  return `${typeof verb === 'string' ? `${tool} ${verb}` : tool} failed: ${reason}`
}

/** RFC 3339 in whole seconds. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** `build-` and the 32 hex digits of our own id. */
function publicId(id: string): string {
  return `build-${id.replaceAll('-', '')}`
}

/** Our own id, or undefined for what `publicId` never made. */
export function ownId(id: string): string | undefined {
  const [, a, b, c, d, e] = /^build-([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(id) ?? []
  return a === undefined ? undefined : [a, b, c, d, e].join('-')
}
