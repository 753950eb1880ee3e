import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'
import { z } from 'zod'

const notes = new Map<string, string>([['welcome', 'Clay goes in, an image comes out.']])

function notesServer(): McpServer {
  const server = new McpServer({ name: 'notes', version: '0.1.0' })
  server.registerTool('read_note', { description: 'The text of a note.', inputSchema: { name: z.string() } }, ({ name }) => ({
    content: [{ type: 'text', text: notes.get(name) ?? `no note is called ${name}` }],
  }))
  return server
}

const app = express()
app.use(express.json())
app.post('/mcp', async (request, response) => {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true })
  response.on('close', () => void transport.close())
  await notesServer().connect(transport)
  await transport.handleRequest(request, response, request.body)
})
app.listen(Number(process.env.PORT ?? 3001))
