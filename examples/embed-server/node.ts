// All of Kiln's APIs on bare node:http, with a sign-in of one's own in place of API keys.
import { createServer, type Server } from 'node:http'
import { createHandler, scopes, type Caller, type Handler } from '@kiln/server'
import { toNodeListener } from '@kiln/server/node'
import type { Engine } from '@kiln/kiln'

/** Whoever your gateway has signed in: it alone can reach this server, and always sets the header itself. */
async function authenticate(request: Request): Promise<Caller | undefined> {
  const user = request.headers.get('x-signed-in-user')
  if (user === null || !/^[a-z0-9]{1,40}$/.test(user)) return undefined
  return { tenant: user, id: user, kind: 'user', scopes: new Set(scopes) }
}

export function application(engine: Engine, publicUrl: string): { app: Server; kiln: Handler } {
  const kiln = createHandler({ engine, authenticate, publicUrl, basePath: '/kiln' })
  const listener = toNodeListener(kiln)
  const app = createServer((request, response) => {
    if (request.url?.startsWith('/kiln/')) return listener(request, response)
    response.writeHead(200, { 'content-type': 'text/plain' }).end('the rest of the service\n')
  })
  return { app, kiln }
}
