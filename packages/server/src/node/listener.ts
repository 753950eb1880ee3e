import type { IncomingMessage, ServerResponse } from 'node:http'
import { plainOf, type Response } from '../answer.ts'
import { pipeLog } from '../logs/log-response.ts'
import { drained } from './drained.ts'
import { readAway } from './read-away.ts'
import { NodeRequest } from './request.ts'

/** Any fetch handler: Kiln's, or one around it. */
export type FetchHandler = (request: Request) => Promise<Response>

export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * The handler as a listener of node:http, of Express (`app.use(listener)`, also under a path) and of what hands out Node's own messages.
 * Before a body parser is best; behind `express.json()` JSON still works, and what cannot is answered with `body_consumed`.
 */
export function toNodeListener(handler: FetchHandler): NodeListener {
  return listenerOf(handler, false)
}

/** The same on a server of Kiln's own, where nobody else sees the messages. */
export function ownListener(handler: FetchHandler): NodeListener {
  return listenerOf(handler, true)
}

function listenerOf(handler: FetchHandler, own: boolean): NodeListener {
  return (incoming, outgoing) => {
    comes()
    const request = new NodeRequest(incoming, own)
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) NodeRequest.closed(request)
    })
    handler(request as unknown as Request).then(
      (answer) => leaves(() => sendOrEnd(answer, incoming, outgoing)),
      () => outgoing.destroy(), // a handler of Kiln's never rejects
    )
  }
}

const leaving: (() => void)[] = []
let reading = false

/** Called as a request comes: until all that came with it were read, answers wait. */
function comes(): void {
  if (reading) return
  reading = true
  setImmediate(() => {
    reading = false
    for (const leave of leaving.splice(0)) leave()
  })
}

/**
 * What is answered while requests are read leaves when they all were: one that is written between two of them wakes its reader each time,
 * which can cost more than the request. What is answered later, by a commit say, leaves at once.
 */
function leaves(leave: () => void): void {
  if (reading) leaving.push(leave)
  else leave()
}

/** An answer that HTTP does not allow is none. */
function sendOrEnd(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): void {
  try {
    send(answer, incoming, outgoing)
  } catch {
    outgoing.destroy()
  }
}

function send(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (outgoing.destroyed) return void answer.body?.cancel().catch(() => undefined)
  if (!incoming.complete) readAway(incoming, outgoing)
  if (incoming.method !== 'HEAD' && pipeLog(answer, outgoing)) return
  const plain = plainOf(answer)
  if (!plain) return void sendStream(answer, incoming, outgoing).catch(() => outgoing.destroy())
  const { status, headers, body } = plain
  if (body === null) return void outgoing.writeHead(status, status === 204 ? headers : { 'content-length': '0', ...headers }).end()
  // head and body leave in one write: a client that closes its session early still gets both
  headers['content-length'] = String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength)
  outgoing.writeHead(status, headers).end(body)
}

async function sendStream(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(answer.headers)
  if (!answer.body || incoming.method === 'HEAD') {
    await answer.body?.cancel()
    return void outgoing.writeHead(answer.status, headers).end()
  }
  if (headers['content-type']?.startsWith('application/json') === true) {
    const body = Buffer.from(await answer.arrayBuffer())
    return void outgoing.writeHead(answer.status, { ...headers, 'content-length': body.length }).end(body)
  }
  outgoing.writeHead(answer.status, headers).flushHeaders()
  await pump(answer.body, outgoing)
}

/** No faster than the socket takes it, and no longer than there is one. */
async function pump(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const onClose = (): void => void reader.cancel().catch(() => undefined)
  outgoing.once('close', onClose)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || outgoing.destroyed) break
      // a body that fails meanwhile is not waited with
      if (!outgoing.write(value)) await Promise.race([drained(outgoing), reader.closed])
    }
    outgoing.end()
  } finally {
    outgoing.off('close', onClose)
  }
}
