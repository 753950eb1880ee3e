import type { MakeApi } from '../../api.ts'
import { analyzeRoutes } from './analyze.ts'
import { buildRoutes } from './builds.ts'
import { errorSchema, refuse } from './errors.ts'
import { admit } from './tenancy.ts'

/** The build and analysis parts of RunAgents, old paths and new. See docs/apis/runagents.md. */
export const runagents: MakeApi = (parts) => ({
  name: 'runagents',
  title: 'RunAgents builds, by Kiln',
  version: 'v1alpha',
  description:
    'The build routes of RunAgents, served by Kiln to its own clients: files in, an image out, and the analysis of what they need.',
  // `/ingestion` is what clients up to 1.4.1 call for `/analyze`
  prefixes: ['/api/v1', '/api', '/api/v1/workspaces/{workspace}', '/ingestion'],
  routes: [...buildRoutes(parts), ...analyzeRoutes(parts)],
  admit,
  refuse,
  security: { bearer: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'X-RunAgents-API-Key' } },
  errorSchema,
})
