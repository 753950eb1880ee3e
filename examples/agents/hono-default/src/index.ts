import { Hono } from 'hono'
import { forecast, type City } from './forecast.ts'

const app = new Hono()

app.get('/health', (c) => c.json({ status: 'ok' }))
app.get('/forecast/:city', (c) => {
  const found = forecast(c.req.param('city') as City)
  return found === undefined ? c.json({ error: 'unknown city' }, 404) : c.json(found)
})
app.post('/echo', async (c) => c.json({ said: await c.req.text() }))

export default app
