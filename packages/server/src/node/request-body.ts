import type { IncomingMessage } from 'node:http'
import { letGo } from '@kiln/core'
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

/**
 * The same of a message that nobody else sees, for a reader who is done with a chunk when he asks for the next one. Its memory is let go
 * of then: a large body would else be garbage, for which V8 stops all requests many times a second.
 */
export function lentBodyOf(incoming: IncomingMessage): AsyncIterable<Uint8Array> | null {
  if (!hasBody(incoming) || consumed(incoming)) return bodyOf(incoming)
  const chunks = incoming.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array, undefined>
  let lent: Uint8Array | undefined
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    // node:http makes memory for each chunk
    if (lent && lent.length === lent.buffer.byteLength) letGo(lent.buffer)
    const result = await chunks.next()
    lent = result.value
    return result
  }
  return { [Symbol.asyncIterator]: () => ({ next, return: async () => await chunks.return!() }) }
}

/** The whole body, for small ones. Throws `body_consumed`, and what the connection broke with. */
export async function collect(incoming: IncomingMessage): Promise<Uint8Array> {
  if (!hasBody(incoming)) return new Uint8Array()
  if (consumed(incoming)) return parsedBody(incoming)
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    incoming
      // texts where a host has set an encoding
      .on('data', (chunk: Buffer | string) =>
        chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, incoming.readableEncoding!) : chunk),
      )
      .on('end', resolve)
      .on('error', reject)
      // comes after each end too
      .on('close', () => incoming.readableEnded || reject(new Error('The client has gone.')))
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** What has come with its head, as small bodies do: nobody has to wait for a stream. */
export function wholeOf(incoming: IncomingMessage): Buffer | undefined {
  const whole = hasBody(incoming) && incoming.readableLength === Number(incoming.headers['content-length'])
  if (!whole || incoming.readableEncoding !== null) return undefined
  const bytes = incoming.read() as Buffer | null
  // its end has not been told yet, and is not to one who asks for no more
  incoming.resume()
  return bytes ?? undefined
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
