// A summary agent: asks a model for a summary, with no web framework and no build step.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { summarize } from './model.ts'

const request = z.object({ text: z.string().min(1).max(20_000) })

async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (incoming.method === 'GET' && incoming.url === '/health') return answer(outgoing, 200, { status: 'ok' })
  if (incoming.method !== 'POST' || incoming.url !== '/summaries') return answer(outgoing, 404, { error: 'not found' })
  const parsed = request.safeParse(await bodyOf(incoming))
  if (!parsed.success) return answer(outgoing, 400, { error: 'text is missing or too long' })
  answer(outgoing, 200, { summary: await summarize(parsed.data.text) })
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}

function answer(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const server = createServer((incoming, outgoing) => {
  handle(incoming, outgoing).catch((error: unknown) => answer(outgoing, 502, { error: String(error) }))
})
server.listen(Number(process.env.PORT ?? 8080))
process.on('SIGTERM', () => server.close())
