// A service that builds what it is sent: Kiln inside an Express 5 application.
import { isBuildError } from '@kiln/core'
import { files, type Engine } from '@kiln/kiln'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'

export function application(engine: Engine): Express {
  const kiln = engine.for('example')
  const app = express()
  app.use(express.json({ limit: '25mb' }))

  app.post('/builds', async (request, response) => {
    await using source = await files(request.body?.files)
    const build = await kiln.build({ name: request.body.name, source })
    response.status(202).json({ id: build.record.id, image: build.record.image, reuse: build.reuse })
  })

  app.get('/builds/:id', async (request, response) => {
    const build = await kiln.get(request.params.id)
    if (!build) return void response.status(404).json({ error: 'build not found' })
    const { state, image, built, error } = build.record
    response.json({ state, image, digest: built?.digest, error: error?.message })
  })

  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (!isBuildError(error)) return next(error)
    response.status(400).json({ code: error.code, error: error.message, hint: error.hint })
  })
  return app
}
