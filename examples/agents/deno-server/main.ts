// Sorts requests by rules that people may edit: the rights of the task are all that it has.
import { Hono } from 'hono'
import { sorted } from './rules.ts'

const app = new Hono()
app.get('/', (context) => context.text(`Deno ${Deno.version.deno.split('.')[0]}, at home in ${Deno.env.get('HOME')}`))
app.post('/sort', async (context) => context.json(await sorted(await context.req.json())))
app.get('/secret', async (context) => {
  try {
    return context.text(await Deno.readTextFile('/etc/passwd'))
  } catch (error) {
    return context.text(error instanceof Error ? error.name : 'unknown', 403)
  }
})

Deno.serve({ port: Number(Deno.env.get('PORT') ?? 8100) }, app.fetch)
