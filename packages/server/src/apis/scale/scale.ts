import type { Call, MakeApi } from '../../api.ts'
import { Refused } from '../../refusal.ts'
import { createRoutes } from './create.ts'
import { errorSchema, refuse } from './errors.ts'
import { listRoutes } from './list.ts'
import { logRoutes } from './logs.ts'
import { readRoutes } from './read.ts'
import { undeployedRoutes } from './undeployed.ts'

/** The builds of Scale's v5 API, as its SDK (`scale-gp-beta`) asks for them. See docs/apis/scale.md. */
export const scale: MakeApi = (parts) => ({
  name: 'scale',
  title: 'Scale v5 builds, by Kiln',
  version: '5',
  description:
    'The build routes of Scale v5, served by Kiln to its own clients: archives with a Dockerfile built, images registered, agents that were never deployed.',
  prefixes: ['/v5', '/public/v5'],
  routes: [...createRoutes(parts), ...listRoutes(), ...undeployedRoutes(), ...readRoutes(), ...logRoutes(parts)],
  admit,
  refuse,
  security: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  errorSchema,
})

/** An account is a tenant; a key belongs to one. */
function admit({ request, caller }: Pick<Call, 'request' | 'caller' | 'params'>): void {
  const account = request.headers.get('x-selected-account-id')
  if (account !== null && account !== caller.tenant)
    throw new Refused('forbidden', 'The API key does not belong to the account of x-selected-account-id.')
}
