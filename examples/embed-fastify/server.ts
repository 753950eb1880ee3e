// A service that builds what it is sent: Kiln inside a Fastify 5 application.
import { isBuildError } from '@kiln/core'
import { files, type Engine } from '@kiln/kiln'
import fastify, { type FastifyInstance } from 'fastify'

export function application(engine: Engine): FastifyInstance {
  const kiln = engine.for('example')
  const app = fastify({ bodyLimit: 25 * 2 ** 20 })

  app.post<{ Body: { name: string; files: Record<string, string> } }>('/builds', async (request, reply) => {
    await using source = await files(request.body.files)
    const build = await kiln.build({ name: request.body.name, source })
    return reply.code(202).send({ id: build.record.id, image: build.record.image, reuse: build.reuse })
  })

  app.get<{ Params: { id: string } }>('/builds/:id', async (request, reply) => {
    const build = await kiln.get(request.params.id)
    if (!build) return reply.code(404).send({ error: 'build not found' })
    const { state, image, built, error } = build.record
    return { state, image, digest: built?.digest, error: error?.message }
  })

  app.setErrorHandler((error, _request, reply) => {
    if (!isBuildError(error)) return reply.send(error)
    return reply.code(400).send({ code: error.code, error: error.message, hint: error.hint })
  })
  return app
}
