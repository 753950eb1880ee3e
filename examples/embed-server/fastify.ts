// All of Kiln's APIs inside a Fastify 5 application, below /kiln.
import { createHandler, createKeys, systemTenant, type Handler } from '@kiln/server'
import { toNodeListener } from '@kiln/server/node'
import type { Engine } from '@kiln/kiln'
import fastify, { type FastifyInstance } from 'fastify'

export function application(engine: Engine, publicUrl: string): { app: FastifyInstance; kiln: Handler } {
  const { authenticate } = createKeys(engine.for(systemTenant).documents)
  const kiln = createHandler({ engine, authenticate, publicUrl, basePath: '/kiln' })
  const listener = toNodeListener(kiln)
  const app = fastify()

  // A plugin of its own: here Fastify leaves the bodies alone, everywhere else it parses them.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _body, done) => done(null))
    scope.all('/kiln/*', (request, reply) => {
      reply.hijack()
      listener(request.raw, reply.raw)
    })
  })

  app.post('/own', async (request) => ({ got: request.body }))
  return { app, kiln }
}
