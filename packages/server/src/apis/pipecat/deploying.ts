import { BuildError } from '@kiln/core'
import { z } from 'zod'
import { Response } from '../../answer.ts'
import { route, type AnyRoute } from '../../api.ts'
import { Refused } from '../../refusal.ts'

/**
 * Where deploying will be. Until then nothing is deployed: what clients look for is not there, which they read as "new", and what they
 * ask for is refused in words that they show.
 */
export function deployingRoutes(): readonly AnyRoute[] {
  const named = z.object({ name: z.string() })
  return [
    ...(['service', 'agent'] as const).flatMap((kind) => [
      route({
        method: 'GET',
        path: `/${kind}s`,
        operationId: `list-${kind}s`,
        summary: 'None yet: this server builds and does not deploy',
        scope: 'read',
        answers: { 200: { description: 'None', schema: services } },
        handle: async () => Response.json({ services: [] }),
      }),
      route({
        method: 'GET',
        path: `/${kind}s/{name}`,
        operationId: `get-${kind}`,
        summary: 'None yet: this server builds and does not deploy',
        scope: 'read',
        params: named,
        answers: {},
        handle: async () => Promise.reject(new BuildError('not_found', `There is no ${kind} with this name.`)),
      }),
    ]),
    refusing('POST', '/services', 'create-service'),
    refusing('PUT', '/services', 'update-service'),
    refusing('POST', '/agents', 'create-agent'),
    refusing('POST', '/agents/{name}', 'update-agent'),
  ]
}

const services = z.object({ services: z.array(z.object({})) }).meta({ id: 'ServiceList' })

function refusing(method: 'POST' | 'PUT', path: string, operationId: string): AnyRoute {
  return route({
    method,
    path,
    operationId,
    summary: 'Refused: this server builds and does not deploy',
    scope: 'build',
    answers: {},
    refusals: [400],
    handle: async () =>
      Promise.reject(new Refused('no_deploying', 'This server builds images and does not deploy them. The image is built.')),
  })
}
