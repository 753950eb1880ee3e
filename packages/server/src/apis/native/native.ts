import type { Api, MakeApi } from '../../api.ts'
import type { Keys } from '../../auth/keys.ts'
import type { Parts } from '../../parts.ts'
import { buildRoutes } from './builds.ts'
import { createRoutes } from './create.ts'
import { errorSchema, refuse } from './errors.ts'
import { eventRoutes } from './events.ts'
import { infoRoutes } from './info.ts'
import { keyRoutes } from './keys.ts'
import { storedRoutes } from './stored.ts'
import { uploadRoutes } from './uploads.ts'

/** Kiln's own API: what the public three cannot say. See docs/apis/native.md. */
export const native: MakeApi = (parts) => api(parts)

/** The same with `/keys`, for a server whose keys are Kiln's own. */
export function nativeWithKeys(keys: Keys): MakeApi {
  return (parts) => api(parts, keys)
}

function api(parts: Parts, keys?: Keys): Api {
  return {
    name: 'native',
    title: 'Kiln',
    version: '1',
    description:
      'Source code in, a container image out: builds with all their options, plans, events as they happen, cancelling, uploads by digest, and what a build was made of.',
    prefixes: ['/kiln/v1'],
    routes: [
      ...createRoutes(parts),
      ...buildRoutes(),
      ...eventRoutes(parts),
      ...storedRoutes(),
      ...uploadRoutes(parts),
      ...infoRoutes(parts),
      ...(keys ? keyRoutes(keys) : []),
    ],
    refuse,
    security: { key: { type: 'http', scheme: 'bearer' } },
    errorSchema,
  }
}
