import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: string
}

export interface FakeRegistry extends AsyncDisposable {
  /** host:port */
  readonly host: string
  readonly asked: Asked[]
  readonly manifests: Map<string, { readonly type: string; readonly body: Buffer }>
  put(repository: string, tag: string, body: string, type?: string): string
}

export type Handler = (request: IncomingMessage, response: ServerResponse, asked: Asked, registry: FakeRegistry) => boolean

/** A registry in this process: manifests by tag and digest, uploads that open and close. `before` answers first when it returns true. */
export async function fakeRegistry(before: Handler = () => false): Promise<FakeRegistry> {
  const asked: Asked[] = []
  const manifests = new Map<string, { readonly type: string; readonly body: Buffer }>()
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const one: Asked = { method: request.method!, url: request.url!, authorization: request.headers.authorization, body: body.toString() }
    asked.push(one)
    if (before(request, response, one, registry)) return
    answer(request, response, body)
  }
  const server = createServer((request, response) => void serve(request, response))
  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const [, repository = '', name = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(request.url!) ?? []
    if (request.method === 'POST') return void response.writeHead(202, { location: `${request.url}up-1?state=x` }).end()
    if (request.url!.includes('/uploads/')) return void response.writeHead(204).end()
    if (request.method === 'PUT') {
      registry.put(repository, name, body.toString(), request.headers['content-type'])
      return void response.writeHead(201).end()
    }
    if (request.method === 'DELETE') return void response.writeHead(manifests.delete(`${repository}:${name}`) ? 202 : 404).end()
    const found = manifests.get(`${repository}:${name}`)
    if (found === undefined) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}')
    const digest = `sha256:${createHash('sha256').update(found.body).digest('hex')}`
    response.writeHead(200, { 'content-type': found.type, 'content-length': found.body.length, 'docker-content-digest': digest })
    response.end(request.method === 'HEAD' ? undefined : found.body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const registry: FakeRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    manifests,
    put(repository, tag, text, type = 'application/vnd.oci.image.manifest.v1+json') {
      const body = Buffer.from(text)
      const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
      manifests.set(`${repository}:${tag}`, { type, body })
      manifests.set(`${repository}:${digest}`, { type, body })
      return digest
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return registry
}

/** Makes a registry ask for tokens at `/token`, and checks them: one token per scope. */
export function withTokens(
  login: { readonly username: string; readonly secret: string },
  more: { realm?: (host: string) => string; seconds?: number } = {},
): Handler {
  return (request, response, asked, registry) => {
    const url = new URL(request.url!, `http://${registry.host}`)
    if (url.pathname === '/token') {
      const scope = url.searchParams.get('scope') ?? new URLSearchParams(asked.body).get('scope') ?? ''
      const good = asked.authorization === `Basic ${Buffer.from(`${login.username}:${login.secret}`).toString('base64')}`
      if (!good && !asked.body.includes(`refresh_token=${login.secret}`)) response.writeHead(401).end()
      else response.end(JSON.stringify({ token: Buffer.from(scope).toString('base64url'), expires_in: more.seconds ?? 300 }))
      return true
    }
    const [, repository = ''] = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(url.pathname) ?? []
    const rights = request.method === 'GET' || request.method === 'HEAD' ? ['pull', 'pull,push'] : ['pull,push']
    const wanted = rights.map((right) => `Bearer ${Buffer.from(`repository:${repository}:${right}`).toString('base64url')}`)
    if (wanted.includes(asked.authorization ?? '')) return false
    const realm = more.realm?.(registry.host) ?? `http://${registry.host}/token`
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="fake",scope="repository:user/image:pull"` }).end()
    return true
  }
}
