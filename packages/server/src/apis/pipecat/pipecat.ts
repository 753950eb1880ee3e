import { z } from 'zod'
import type { MakeApi } from '../../api.ts'

export const pipecat: MakeApi = () => ({
  name: 'pipecat',
  title: 'Pipecat Cloud builds, by Kiln',
  version: '1.0.0',
  prefixes: ['/v1', '/v1/organizations/{organization}'],
  routes: [],
  refuse: ({ code, message }) => Response.json({ error: message, code }, { status: 400 }),
  security: { BearerAuth: { type: 'http', scheme: 'bearer' } },
  errorSchema: z.object({ error: z.string(), code: z.string() }),
})
