import type { Probe } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import type { Parts } from '../../parts.ts'

const driver = z.looseObject({ name: z.string(), ready: z.boolean(), version: z.string().optional(), code: z.string().optional() })

const probeMs = 5000

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
        const probed = await parts.engine.probe({ signal: AbortSignal.any([signal, AbortSignal.timeout(probeMs)]) })
        const drivers = probed.map(({ driver: name, probe }) => ({ name, ...shownOf(probe) }))
        const { json, upload } = parts.limits
        return Response.json({ api: 'kiln/v1', drivers, limits: { json, upload } })
      },
    }),
  ]
}

/** Not its facts and texts: where a builder is stands in them, and is its owner's to know. */
function shownOf(probe: Probe): object {
  return probe.ready ? { ready: true, version: probe.version, can: probe.can } : { ready: false, code: probe.code }
}
