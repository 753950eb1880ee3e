import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { Page } from '@/page'
import type { Note } from '@/notes'

// A .env file is a convenience of development: the program runs without the package that reads it.
try {
  await import('dotenv/config')
} catch {
  console.log('without dotenv')
}

const notes: Note[] = [{ text: "it's raining / again" }]
const input = z.object({ text: z.string().min(1) })
const app = new Hono()

app.get('/', (c) => c.html(<Page title={process.env.TITLE ?? 'Notes'} notes={notes} />))
app.post('/notes', async (c) => {
  const note = input.safeParse(await c.req.json())
  if (!note.success) return c.json({ error: 'a note needs a text' }, 400)
  notes.push(note.data)
  return c.json({ count: notes.length }, 201)
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
