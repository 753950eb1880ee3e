import { BuildError, classOf, type Build, type BuildRecord, type Kiln } from '@kiln/core'
import { z } from 'zod'

/** Builds of this API have it as an attribute, so that those of others are not shown here. */
export const api = 'scale'

export const provenance = ['source_repo', 'source_commit', 'source_ref', 'source_subpath', 'working_tree_hash'] as const

const statuses = [
  'queued',
  'running',
  'success',
  'failed',
  'cancelling',
  'cancelled',
  'deleting',
  'delete_failed',
  'timed_out',
  'error',
  'unknown',
] as const
type Status = (typeof statuses)[number]

const textOrNull = z.string().nullable()
const time = z.string().meta({ format: 'date-time' })

export const buildSchema = z
  .object({
    id: z.string(),
    object: z.literal('agentex_cloud_build'),
    account_id: z.string(),
    agent_id: textOrNull,
    agent_name: z.string(),
    build_status: z.enum(statuses),
    cloud_provider_build_id: z.string().describe('of the run, which several builds may share'),
    created_at: time,
    created_by: z.object({ id: z.string(), type: z.enum(['user', 'service_account']), object: z.literal('identity') }),
    image_name: z.string(),
    image_tag: z.string(),
    image_url: textOrNull.describe('once the build is a success'),
    build_start_time: time.nullable(),
    build_end_time: time.nullable(),
    source_repo: textOrNull,
    source_commit: textOrNull,
    source_ref: textOrNull,
    source_subpath: textOrNull,
    source_dirty: z.boolean().nullable(),
    working_tree_hash: textOrNull,
    build_id: z.string().describe('id, for older clients'),
    status: z.enum(statuses).describe('build_status, for older clients'),
  })
  .meta({ id: 'AgentexCloudBuild' })

export type ScaleBuild = z.infer<typeof buildSchema>

/** The 20 keys of the newest SDK, and two of older ones. What is not known is null. */
export function present(record: BuildRecord, account: string): ScaleBuild {
  const { id, attributes } = record
  const status = statusOf(record)
  const given = (name: string): string | null => (Object.hasOwn(attributes, name) ? attributes[name]! : null)
  const dirty = given('source_dirty')
  return {
    id,
    object: 'agentex_cloud_build',
    account_id: account,
    agent_id: given('agent_id'),
    agent_name: given('agent_name') ?? '',
    build_status: status,
    cloud_provider_build_id: record.run,
    created_at: isoTime(record.acceptedAt),
    created_by: {
      id: given('created_by') ?? '',
      type: given('created_by_type') === 'user' ? 'user' : 'service_account',
      object: 'identity',
    },
    image_name: record.name,
    image_tag: given('image_tag') ?? '',
    image_url: status === 'success' ? record.image : null,
    build_start_time: record.startedAt === undefined ? null : isoTime(record.startedAt),
    build_end_time: record.endedAt === undefined ? null : isoTime(record.endedAt),
    source_repo: given('source_repo'),
    source_commit: given('source_commit'),
    source_ref: given('source_ref'),
    source_subpath: given('source_subpath'),
    source_dirty: dirty === null ? null : dirty === 'true',
    working_tree_hash: given('working_tree_hash'),
    build_id: id,
    status,
  }
}

/** The table of states (issue 4, §2). */
export function statusOf({ state, cancelling, error }: Pick<BuildRecord, 'state' | 'cancelling' | 'error'>): Status {
  switch (state) {
    case 'queued':
    case 'building':
      return cancelling ? 'cancelling' : state === 'queued' ? 'queued' : 'running'
    case 'succeeded':
      return 'success'
    case 'failed':
      return error !== undefined && ofTheUser.has(classOf(error.code)) ? 'failed' : 'error'
    case 'cancelled':
      return 'cancelled'
    case 'timed_out':
    case 'expired':
      return 'timed_out'
  }
}

const ofTheUser: ReadonlySet<ReturnType<typeof classOf>> = new Set(['request', 'source', 'build'])

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** Throws `not_found`, the same for those of others and those that never were. */
export async function existing(kiln: Kiln, id: string): Promise<Build> {
  const build = await kiln.get(id)
  if (!build || build.record.attributes['api'] !== api) throw new BuildError('not_found', 'Build not found.')
  return build
}
