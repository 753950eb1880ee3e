import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { buildSchema, existing, present } from './record.ts'

export const buildId = z.object({ build_id: z.string() })

export function readRoutes(): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/builds/{build_id}',
      operationId: 'getBuild',
      summary: 'A build by its id, with its current status',
      scope: 'read',
      params: buildId,
      answers: { 200: { description: 'The build', schema: buildSchema } },
      handle: async ({ kiln, params, caller }) => Response.json(present((await existing(kiln, params.build_id)).record, caller.tenant)),
    }),
    route({
      method: 'POST',
      path: '/builds/{build_id}/cancel',
      operationId: 'cancelBuild',
      summary: 'Cancel a queued or running build; any other stays as it is',
      scope: 'build',
      whileDraining: true,
      params: buildId,
      answers: { 202: { description: 'The build as it was when the call came', schema: buildSchema } },
      async handle({ kiln, params, caller }) {
        const build = await existing(kiln, params.build_id)
        await build.cancel()
        return Response.json(present(build.record, caller.tenant), { status: 202 })
      },
    }),
  ]
}
