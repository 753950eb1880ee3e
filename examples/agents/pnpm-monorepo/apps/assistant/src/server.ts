import { appendFileSync, readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { findTool, toolNames } from '@desk/tools'
import { Hono } from 'hono'

const app = new Hono()
// read from where the program starts: its own directory in the workspace
const greeting = readFileSync('greeting.txt', 'utf8').trim()

app.get('/', (context) => context.json({ greeting, tools: toolNames() }))
app.post('/ask', async (context) => {
  const { tool, input } = await context.req.json<{ tool: string; input: string }>()
  const found = findTool(tool)
  // and it may write there
  appendFileSync('asked.txt', `${tool}\n`)
  return found ? context.json({ answer: found.run(input) }) : context.json({ error: `no tool ${tool}` }, 404)
})
app.get('/asked', (context) => context.text(readFileSync('asked.txt', 'utf8')))

serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 8080), hostname: '0.0.0.0' })
