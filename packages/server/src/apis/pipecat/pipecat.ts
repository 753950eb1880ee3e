import type { MakeApi } from '../../api.ts'
import { Refused } from '../../refusal.ts'
import { aroundRoutes } from './around.ts'
import { buildRoutes } from './builds.ts'
import { createRoutes } from './create.ts'
import { deployingRoutes } from './deploying.ts'
import { errorSchema, refuse } from './errors.ts'
import { logRoutes } from './logs.ts'
import { createPresenter } from './present.ts'
import { createUploadDocuments } from './upload-documents.ts'
import { uploadRoutes } from './uploads.ts'

/** The builds of Pipecat Cloud, in both of its path families. See docs/apis/pipecat.md. */
export const pipecat: MakeApi = (parts) => {
  const [present, documents] = [createPresenter(parts), createUploadDocuments(parts)]
  return {
    name: 'pipecat',
    title: 'Pipecat Cloud builds, by Kiln',
    version: '1.0.0',
    description:
      'The build routes of Pipecat Cloud, served by Kiln to its own clients: upload a context, build it, follow the log. Deploying is not served.',
    prefixes: ['/v1', '/v1/organizations/{organization}'],
    routes: [
      ...uploadRoutes(parts, documents),
      ...createRoutes(parts, documents, present),
      ...buildRoutes(present),
      ...logRoutes(parts),
      ...aroundRoutes(parts),
      ...deployingRoutes(),
    ],
    admit({ caller, params }) {
      const { organization } = params as { readonly organization?: string }
      if (organization !== undefined && organization !== caller.tenant)
        throw new Refused('forbidden', 'The API key is of another organization.')
    },
    refuse,
    security: { BearerAuth: { type: 'http', scheme: 'bearer', description: 'Authentication using a Pipecat Cloud API token.' } },
    errorSchema,
  }
}
