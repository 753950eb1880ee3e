import type { Hono } from 'hono'
import { Response } from '../answer.ts'
import type { Frame } from '../frame/frame.ts'
import type { Meter } from './meter.ts'
import type { Readiness } from './readiness.ts'

export interface StatusOptions {
  readonly meter: Meter
  readonly ready: () => Promise<Readiness>
  /** where images go, for people */
  readonly images: string | undefined
  readonly metrics: boolean
}

/** `/healthz`: the process answers. `/readyz`: it takes builds. `/metrics`: what happened, where it is asked for. */
export function statusRoutes(app: Hono, frame: Frame, { meter, ready, images, metrics }: StatusOptions): void {
  app.get('/healthz', () => Response.json({ status: 'ok' }))
  app.get('/readyz', async () => {
    if (frame.draining) return Response.json({ status: 'draining', images }, { status: 503, headers: { 'retry-after': '5' } })
    const { ready: able, drivers, why } = await ready()
    return able
      ? Response.json({ status: 'ready', drivers, images })
      : Response.json({ status: 'unready', why, drivers, images }, { status: 503, headers: { 'retry-after': '5' } })
  })
  if (metrics) app.get('/metrics', async () => new Response(await meter.text(), { headers: { 'content-type': meter.contentType } }))
}
