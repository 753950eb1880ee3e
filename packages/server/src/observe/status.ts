import type { Hono } from 'hono'
import type { Frame } from '../frame/frame.ts'
import type { Parts } from '../parts.ts'

/** `/healthz`: the process answers. `/readyz`: it takes builds. */
export function statusRoutes(app: Hono, frame: Frame, _parts: Parts): void {
  app.get('/healthz', () => Response.json({ status: 'ok' }))
  app.get('/readyz', () => Response.json({ status: frame.draining ? 'draining' : 'ready' }, { status: frame.draining ? 503 : 200 }))
}
