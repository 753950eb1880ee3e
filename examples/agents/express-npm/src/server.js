// A ticket agent: sorts support tickets to a team, by rules or by a model when one is configured.
import express from 'express'
import { route } from './route.js'

const app = express()
app.use(express.json({ limit: '100kb' }))

app.get('/health', (_request, response) => response.json({ status: 'ok' }))

app.post('/tickets', async (request, response) => {
  const text = String(request.body?.text ?? '').trim()
  if (text === '') return response.status(400).json({ error: 'text is missing' })
  response.json({ team: await route(text) })
})

const port = Number(process.env.PORT || 3000)
const server = app.listen(port, () => console.log(`ticket-agent listens on ${port}`))
process.on('SIGTERM', () => server.close())
