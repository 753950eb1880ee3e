// Keeps notes in SQLite, which comes with Bun.
import { z } from 'zod'
import { add, find } from './notes.ts'

const note = z.object({ text: z.string().min(1) })

const server = Bun.serve({
  port: process.env.PORT ?? 8200,
  routes: {
    '/': () => new Response(`Bun ${Bun.version.split('.')[0]}`),
    '/notes': {
      POST: async (request) => {
        const read = note.safeParse(await request.json())
        return read.success ? Response.json(add(read.data.text), { status: 201 }) : Response.json({ error: 'text is missing' }, { status: 400 })
      },
      GET: (request) => Response.json(find(new URL(request.url).searchParams.get('with') ?? '')),
    },
  },
})
console.log(`listening on ${server.port}`)
