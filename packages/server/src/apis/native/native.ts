import { z } from 'zod'
import type { MakeApi } from '../../api.ts'

export const native: MakeApi = () => ({
  name: 'native',
  title: 'Kiln',
  version: '1',
  prefixes: ['/kiln/v1'],
  routes: [],
  refuse: ({ code, message }) => Response.json({ error: message, code }, { status: 400 }),
  security: { key: { type: 'http', scheme: 'bearer' } },
  errorSchema: z.object({ error: z.string(), code: z.string() }),
})
