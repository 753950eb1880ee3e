import type { IncomingMessage } from 'node:http'
import { Refused } from '../refusal.ts'

/** A message that a framework may have read already. */
type Parsed = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown }

/** The body as it streams; null where there is none. Throws `body_consumed` for one that is gone. */
export function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> | null {
  if (!hasBody(incoming)) return null
  if (consumed(incoming)) return streamOf([parsedBody(incoming)][Symbol.iterator]())
  // Not destroyed when the reader stops: the socket is the answer's too
  return streamOf(incoming.iterator({ destroyOnReturn: false }))
}

/** The whole body, for small ones. Throws `body_consumed`, and what the connection broke with. */
export async function collect(incoming: IncomingMessage): Promise<Uint8Array> {
  if (!hasBody(incoming)) return new Uint8Array()
  if (consumed(incoming)) return parsedBody(incoming)
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    incoming
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', resolve)
      .on('error', reject)
      // comes after each end too
      .on('close', () => incoming.readableEnded || reject(new Error('The client has gone.')))
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

export function consumed(incoming: IncomingMessage): boolean {
  return incoming.readableDidRead || incoming.readableEnded
}

/** The bytes that a parser before us has kept, as `express.raw()` does. */
export function keptBytes({ body, rawBody }: Parsed): Uint8Array | undefined {
  if (rawBody instanceof Uint8Array) return rawBody
  return body instanceof Uint8Array ? body : undefined
}

function hasBody({ headers, method }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** What a parser before us left: its own bytes, else the JSON it made of them, written anew; a text is the JSON itself (`express.text()`). */
function parsedBody(incoming: Parsed): Uint8Array {
  const bytes = keptBytes(incoming)
  if (bytes) return bytes
  const { body } = incoming
  const json = /^application\/json\b/i.test(incoming.headers['content-type'] ?? '')
  if (json && typeof body === 'string') return Buffer.from(body)
  if (json && body !== undefined) return Buffer.from(JSON.stringify(body))
  throw new Refused('body_consumed', 'The body of this request was read before Kiln got it.')
}

function streamOf(chunks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
