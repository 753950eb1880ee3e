import { z } from 'zod'
import type { MakeApi } from '../../api.ts'

export const scale: MakeApi = () => ({
  name: 'scale',
  title: 'Scale v5 builds, by Kiln',
  version: '5',
  prefixes: ['/v5', '/public/v5'],
  routes: [],
  refuse: ({ code, message }) => Response.json({ error: message, code }, { status: 400 }),
  security: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' } },
  errorSchema: z.object({ error: z.string(), code: z.string() }),
})
