import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveOrders } from './child.ts'
import type { PeerFacts } from './hono.ts'

// What this machine can do at all: node:http that answers every request with the same prepared Buffer.

const body = Buffer.from(JSON.stringify({ id: '019b0000-0000-7000-8000-000000000000', status: 'success' }))
const head = { 'content-type': 'application/json', 'content-length': body.length }
const server = createServer((_, response) => void response.writeHead(200, head).end(body))
server.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  serveOrders(
    { address } satisfies PeerFacts,
    async () => ({}),
    async () => void server.close(),
  )
})
