/** The name of the server in the image for programs that only export their application. */
export const fetchServerFile = 'kiln-serve.mjs'

/**
 * Listens for a module that exports its application and starts nothing: `node kiln-serve.mjs MODULE [DIRECTORY]`. A `fetch` (Hono,
 * Elysia, h3, workers), a Koa, a Fastify, or a function of request and response (Express). Files of DIRECTORY come first.
 */
export const fetchServer: string = String.raw`// Written by Kiln: listens for a module that exports its application. node kiln-serve.mjs MODULE [DIRECTORY]
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'

const port = Number(process.env.PORT ?? 8080)
const loaded = await import(pathToFileURL(resolve(process.argv[2])).href)
const exported = loaded.default ?? loaded
const app = exported?.default ?? exported
const root = process.argv[3] === undefined ? undefined : await realpath(process.argv[3])

/** A request of node as one of the web. */
function webRequest(request, signal) {
  const url = new URL(request.url ?? '/', 'http://' + (request.headers.host ?? 'localhost'))
  const headers = new Headers()
  for (let at = 0; at < request.rawHeaders.length; at += 2) headers.append(request.rawHeaders[at], request.rawHeaders[at + 1])
  const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : Readable.toWeb(request)
  return new Request(url, { method: request.method, headers, body, duplex: 'half', signal })
}

async function send(answer, response, head) {
  const headers = Object.fromEntries(answer.headers)
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) headers['set-cookie'] = cookies
  response.writeHead(answer.status, headers)
  if (head || answer.body === null) return response.end()
  for await (const piece of answer.body)
    if (!response.write(piece)) await new Promise((done) => response.once('drain', done).once('close', done))
  response.end()
}

async function fileFor(request) {
  if (root === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined
  try {
    const real = await realpath(join(root, decodeURIComponent(request.url.split('?', 1)[0])))
    return real.startsWith(root + sep) && (await stat(real)).isFile() ? real : undefined
  } catch {
    return undefined
  }
}

const types = { css: 'text/css', html: 'text/html', ico: 'image/x-icon', js: 'text/javascript', json: 'application/json', mjs: 'text/javascript', png: 'image/png', svg: 'image/svg+xml', txt: 'text/plain', wasm: 'application/wasm', webp: 'image/webp', woff2: 'font/woff2' }

async function answer(request, response) {
  const file = await fileFor(request)
  if (file !== undefined) {
    response.setHeader('content-type', types[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream')
    return createReadStream(file).on('error', () => response.destroy()).pipe(response)
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const background = { waitUntil: (work) => void Promise.resolve(work).catch(console.error), passThroughOnException: () => {} }
  await send(await app.fetch(webRequest(request, gone.signal), process.env, background), response, request.method === 'HEAD')
}

function failed(error, response) {
  console.error(error)
  if (response.headersSent) return response.destroy()
  response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error\n')
}

function start() {
  if (typeof app?.fetch === 'function')
    return createServer((request, response) => void answer(request, response).catch((error) => failed(error, response)))
  if (typeof app?.callback === 'function') return createServer(app.callback())
  if (typeof app === 'function') return createServer(app)
  throw new Error(process.argv[2] + ' exports no application: no fetch, no callback and no function')
}

if (typeof app?.ready === 'function' && typeof app.inject === 'function') await app.listen({ port, host: '0.0.0.0' })
else {
  const server = start().listen(port, '0.0.0.0')
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.close(() => process.exit(0)).closeIdleConnections())
}
`
