import { BuildError, type Build, type Kiln } from '@kiln/core'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { dockerfilePathOf } from './dockerfile-path.ts'
import { findBuilds } from './list.ts'
import { isOurs, type Presenter } from './present.ts'
import { buildId, listQuery, listSchema, oneSchema } from './schemas.ts'

export const json = { 'content-type': 'application/json' } as const

/** Builds that are there. */
export function buildRoutes(present: Presenter): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds',
      operationId: 'listBuilds',
      summary: 'List builds, the newest first',
      scope: 'read',
      query: listQuery,
      answers: { 200: { description: 'A page of builds, and how many match in all', schema: listSchema } },
      async handle({ kiln, query, caller }) {
        const path = query.dockerfilePath
        const { builds, total } = await findBuilds(kiln, path === undefined ? query : { ...query, dockerfilePath: dockerfilePathOf(path) })
        const { limit, offset } = query
        const texts: string[] = []
        for (const build of builds) texts.push(await present.text(caller.tenant, build))
        const body = `{"builds":[${texts.join(',')}],"total":${total},"limit":${limit},"offset":${offset}}`
        return new Response(body, { headers: json })
      },
    }),
    route({
      method: 'GET',
      path: '/builds/{id}',
      operationId: 'getBuild',
      summary: 'Get a build',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'The build as it is now', schema: oneSchema } },
      async handle({ kiln, params, caller }) {
        const { record } = await existing(kiln, params.id)
        return new Response(`{"build":${await present.text(caller.tenant, record)}}`, { headers: json })
      },
    }),
  ]
}

/** Throws `not_found`, the same for what others have, what other APIs made, and what never was. */
export async function existing(kiln: Kiln, id: string): Promise<Build> {
  const build = await kiln.get(id)
  if (!build || !isOurs(build.record)) throw new BuildError('not_found', 'There is no build with this id.')
  return build
}
