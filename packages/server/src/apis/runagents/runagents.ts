import { z } from 'zod'
import type { MakeApi } from '../../api.ts'

export const runagents: MakeApi = () => ({
  name: 'runagents',
  title: 'RunAgents builds, by Kiln',
  version: 'v1alpha',
  prefixes: ['/api/v1/workspaces/{workspace}', '/api/v1', '/api'],
  routes: [],
  refuse: ({ code, message }) => Response.json({ error: message, code }, { status: 400 }),
  security: { bearer: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'X-RunAgents-API-Key' } },
  errorSchema: z.object({ error: z.string(), code: z.string() }),
})
