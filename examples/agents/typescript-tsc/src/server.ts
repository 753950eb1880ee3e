// A calendar agent: finds a free hour for people. Built with tsc; the image holds JavaScript only.
import express, { type Request, type Response } from 'express'
import { Calendar, Weekday } from './calendar.js'

const app = express()
const calendar = new Calendar({ ada: [9, 10, 14], grace: [10, 11], alan: [] })

app.get('/health', (_request: Request, response: Response) => {
  response.json({ status: 'ok' })
})

app.get('/free', (request: Request, response: Response) => {
  const people = String(request.query['people'] ?? '').split(',').filter(Boolean)
  const hour = calendar.firstFree(people)
  response.json({ people, day: Weekday[Weekday.Monday], hour })
})

const port = Number(process.env['PORT'] ?? 8080)
const server = app.listen(port, () => console.log(`calendar-agent listens on ${port}`))
process.on('SIGTERM', () => server.close())
