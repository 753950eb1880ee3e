// All of Kiln's APIs inside a Hono application, below /kiln.
import { createHandler, createKeys, systemTenant, type Handler } from '@kiln/server'
import type { Engine } from '@kiln/kiln'
import { Hono } from 'hono'

export function application(engine: Engine, publicUrl: string): { app: Hono; kiln: Handler } {
  const { authenticate } = createKeys(engine.for(systemTenant).documents)
  const kiln = createHandler({ engine, authenticate, publicUrl, basePath: '/kiln' })
  const app = new Hono()

  app.all('/kiln/*', (context) => kiln(context.req.raw))

  app.post('/own', async (context) => context.json({ got: await context.req.json() }))
  return { app, kiln }
}
