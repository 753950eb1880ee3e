import { BuildError, isFinal, type Build, type BuildFilter, type Kiln, type ListQuery } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { listInTurns } from '../../list-in-turns.ts'
import { Refused } from '../../refusal.ts'
import { missSchema, pageSchema, recordSchema, stateSchema } from './schemas.ts'

export const buildId = z.object({ id: z.string() })

const many = z.union([z.string(), z.array(z.string())])
const listQuery = z.strictObject({
  name: z.string().optional(),
  state: stateSchema.optional(),
  attribute: many.optional().describe('key=value, repeated: all have to agree'),
  sort: z.string().optional().describe('accepted (default), name, state, or attribute:key'),
  order: z.enum(['asc', 'desc']).optional().describe('default desc: the newest first'),
  after: z.string().optional().describe('an id: what comes behind it in the list'),
  before: z.string().optional().describe('an id: what stands directly in front of it'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** Builds that are there, whichever API made them. */
export function buildRoutes(): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds',
      operationId: 'listBuilds',
      summary: "The tenant's builds, the newest first",
      scope: 'read',
      query: listQuery,
      answers: { 200: { description: 'A page', schema: pageSchema } },
      handle: async ({ kiln, query }) => new Response(await page(kiln, query), { headers: { 'content-type': 'application/json' } }),
    }),
    route({
      method: 'GET',
      path: '/builds/{id}',
      operationId: 'getBuild',
      summary: 'One build',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'The record', schema: recordSchema } },
      handle: async ({ kiln, params }) => Response.json((await existing(kiln, params.id)).record),
    }),
    route({
      method: 'POST',
      path: '/builds/{id}/cancel',
      operationId: 'cancelBuild',
      summary: 'Cancel a build; one that has ended stays as it is',
      scope: 'build',
      whileDraining: true,
      params: buildId,
      answers: { 202: { description: 'The record; `cancelling` until the driver has stopped', schema: recordSchema } },
      handle: async ({ kiln, params }) => Response.json(await (await existing(kiln, params.id)).cancel(), { status: 202 }),
    }),
    route({
      method: 'DELETE',
      path: '/builds/{id}',
      operationId: 'deleteBuild',
      summary: 'Remove the record and log of a build that has ended',
      scope: 'build',
      params: buildId,
      answers: { 204: { description: 'Removed' } },
      refusals: [409],
      async handle({ kiln, params }) {
        const { record } = await existing(kiln, params.id)
        if (!isFinal(record.state)) throw new Refused('build_not_final', `The build is ${record.state}.`)
        await kiln.remove(params.id)
        return new Response(null, { status: 204 })
      },
    }),
    route({
      method: 'GET',
      path: '/builds/{id}/miss',
      operationId: 'explainMiss',
      summary: 'Why a build was not answered from an earlier one: the inputs and files that differ',
      scope: 'read',
      params: buildId,
      query: z.strictObject({
        earlier: z.string().optional().describe('default: the newest earlier build of the same name that succeeded'),
      }),
      answers: { 200: { description: 'What differs', schema: missSchema } },
      async handle({ kiln, params, query }) {
        const build = await existing(kiln, params.id)
        if (query.earlier !== undefined) await existing(kiln, query.earlier)
        return Response.json(await build.explainMiss(query.earlier))
      },
    }),
  ]
}

/** Throws `not_found`, the same for builds of others and for those that never were. */
export async function existing(kiln: Kiln, id: string): Promise<Build> {
  const build = await kiln.get(id)
  if (!build) throw new BuildError('not_found', 'There is no build with this id.')
  return build
}

/** The text of a page: `builds`, `total`, and `next` where there is more. */
async function page(kiln: Kiln, query: z.infer<typeof listQuery>): Promise<string> {
  const filter = filterOf(query)
  const { after, before, limit, order } = query
  const cursors = { ...(after !== undefined && { after }), ...(before !== undefined && { before }), ...(order && { order }) }
  const [found, total] = await Promise.all([
    listInTurns(kiln, { ...filter, ...sortOf(query.sort), ...cursors, limit: limit + 1 }, (record) => record),
    kiln.count(filter),
  ])
  // going back, what is too much stands at the front, and behind the page is at least `before` itself
  const back = before !== undefined && after === undefined
  const builds = back ? found.slice(-limit) : found.slice(0, limit)
  const last = builds.at(-1)
  const next = last && (back || found.length > limit) ? `,"next":${JSON.stringify(last.id)}` : ''
  return `{"builds":[${builds.map(({ text }) => text).join(',')}],"total":${total}${next}}`
}

function filterOf({ name, state, attribute }: z.infer<typeof listQuery>): BuildFilter {
  const given = (attribute === undefined ? [] : [attribute].flat()).map(pair)
  if (new Set(given.map(([key]) => key)).size < given.length) throw invalid('attribute', 'a key is there twice')
  return {
    ...(name !== undefined && { name }),
    ...(state && { state }),
    ...(given.length > 0 && { where: Object.fromEntries(given) }),
  }
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw invalid('attribute', 'key=value is needed')
  return [text.slice(0, at), text.slice(at + 1)]
}

function sortOf(sort: string | undefined): Pick<ListQuery, 'sort'> {
  if (sort === undefined) return {}
  if (sort === 'accepted' || sort === 'name' || sort === 'state') return { sort }
  const [, attribute] = /^attribute:(.+)$/s.exec(sort) ?? []
  if (attribute === undefined) throw invalid('sort', 'accepted, name, state or attribute:key is needed')
  return { sort: { attribute } }
}

function invalid(field: string, message: string): Refused {
  return new Refused('invalid_input', `${field}: ${message}`, { faults: [{ where: ['query', field], message, kind: 'invalid' }] })
}
