import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { Parts } from '../../parts.ts'

const driver = z.looseObject({ name: z.string(), ready: z.boolean(), version: z.string().optional() })

export function infoRoutes(parts: Parts): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/info',
      operationId: 'getInfo',
      summary: 'What this server is, and what its drivers can do',
      scope: 'read',
      answers: {
        200: {
          description: 'Facts',
          schema: z
            .object({ api: z.string(), drivers: z.array(driver), limits: z.object({ json: z.int(), upload: z.int() }) })
            .meta({ id: 'Info' }),
        },
      },
      async handle({ signal }) {
        const probed = await parts.engine.probe({ signal })
        const drivers = probed.map(({ driver: name, probe }) => ({ name, ...probe }))
        const { json, upload } = parts.limits
        return Response.json({ api: 'kiln/v1', drivers, limits: { json, upload } })
      },
    }),
  ]
}
