// All of Kiln's APIs inside an Express 5 application, below /kiln.
import { createHandler, createKeys, systemTenant, type Handler } from '@kiln/server'
import { toNodeListener } from '@kiln/server/node'
import type { Engine } from '@kiln/kiln'
import express, { type Express } from 'express'

export function application(engine: Engine, publicUrl: string): { app: Express; kiln: Handler } {
  const { authenticate } = createKeys(engine.for(systemTenant).documents)
  const kiln = createHandler({ engine, authenticate, publicUrl, basePath: '/kiln' })
  const app = express()

  // Before the body parsers: uploads stream past them.
  app.use('/kiln', toNodeListener(kiln))

  app.use(express.json())
  app.post('/own', (request, response) => void response.json({ got: request.body }))
  return { app, kiln }
}
