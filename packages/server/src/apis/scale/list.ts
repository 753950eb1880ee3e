import { isBuildError, type BuildFilter, type Kiln, type ListQuery } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { listInTurns, type Listed } from '../../list-in-turns.ts'
import { Refused } from '../../refusal.ts'
import { api, buildSchema, present } from './record.ts'

const sorts = {
  created_at: 'accepted',
  agent_name: { attribute: 'agent_name' },
  image_name: 'name',
  build_status: 'state',
} as const satisfies Readonly<Record<string, ListQuery['sort']>>

const filters = ['agent_name', 'source_commit', 'working_tree_hash'] as const
const text = z.string().optional()

const listQuery = z
  .object({
    agent_name: text,
    source_commit: text,
    working_tree_hash: text,
    sort_by: z.enum(Object.keys(sorts) as [keyof typeof sorts]).default('created_at'),
    sort_order: z.enum(['asc', 'desc']).default('desc'),
    limit: z.coerce.number().int().min(1).max(10_000).default(100),
    starting_after: text.describe('id of a build: what comes behind it'),
    ending_before: text.describe('id of a build: what stands directly in front of it'),
  })
  .refine(
    ({ starting_after: after, ending_before: before }) => after === undefined || before === undefined,
    'starting_after and ending_before exclude each other',
  )
type Query = z.infer<typeof listQuery>

const pageSchema = z
  .object({
    items: z.array(buildSchema),
    has_more: z.boolean().describe('in the direction of the cursor'),
    total: z.int().describe('of all that match'),
    limit: z.int(),
    object: z.literal('list'),
  })
  .meta({ id: 'CursorPage' })

export function listRoutes(): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds',
      operationId: 'listBuilds',
      summary: 'The builds of the account, the newest first',
      scope: 'read',
      query: listQuery,
      answers: { 200: { description: 'A page', schema: pageSchema } },
      handle: async ({ kiln, query, caller }) =>
        json(await page(kiln, query, caller.tenant).catch((error: unknown) => Promise.reject(unknownCursor(error, query)))),
    }),
  ]
}

/** The text of a page: ten thousand builds are some MB. */
async function page(kiln: Kiln, query: Query, account: string): Promise<string> {
  const { limit, starting_after: after, ending_before: before } = query
  const filter: BuildFilter = { where: { api, ...given(query) } }
  const list = (cursor: Pick<ListQuery, 'after' | 'before'>, most: number): Promise<readonly Listed[]> =>
    listInTurns(kiln, { ...filter, ...cursor, sort: sorts[query.sort_by], order: query.sort_order, limit: most }, (record) =>
      present(record, account),
    )
  const [found, total] = await Promise.all([
    list({ ...(after !== undefined && { after }), ...(before !== undefined && { before }) }, limit),
    kiln.count(filter),
  ])
  // a full page may be the last one
  const beyond = before === undefined ? { after: found.at(-1)?.id ?? '' } : { before: found[0]?.id ?? '' }
  const more = found.length >= limit && (await list(beyond, 1)).length > 0
  return `{"items":[${found.map(({ text: item }) => item).join(',')}],"has_more":${more},"total":${total},"limit":${limit},"object":"list"}`
}

function json(body: string): Response {
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

function given(query: Query): Readonly<Record<string, string>> {
  return Object.fromEntries(filters.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const])))
}

/** A foreign build is as unknown as one that never was. */
function unknownCursor(error: unknown, { starting_after: after, ending_before: before }: Query): unknown {
  if (!isBuildError(error) || error.code !== 'invalid_argument' || (after ?? before) === undefined) return error
  const field = after === undefined ? 'ending_before' : 'starting_after'
  const message = 'not a build of this account'
  return new Refused('invalid_input', `${field}: ${message}`, { faults: [{ where: ['query', field], message, kind: 'unknown_build' }] })
}
