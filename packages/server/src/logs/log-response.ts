import type { ServerResponse } from 'node:http'
import { nodeSink } from './node-sink.ts'
import type { Reader, Sink } from './reader.ts'

// A web stream costs 30 KB for a reader and more for each chunk than the socket does. On node:http the log is written to the message
// itself; a host that asks for a body gets one.

const Native = globalThis.Response
const head = { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' }

class LogResponse {
  readonly status = 200
  readonly statusText = ''
  readonly ok = true
  readonly redirected = false
  readonly type = 'default'
  readonly url = ''
  readonly #reader: Reader
  #headers: Headers | undefined
  #native: globalThis.Response | undefined
  #piped = false

  constructor(reader: Reader) {
    this.#reader = reader
  }

  #whole(): globalThis.Response {
    if (this.#piped) throw new TypeError('Body is unusable: it is written already')
    return (this.#native ??= new Native(streamOf(this.#reader), { headers: this.headers }))
  }

  get headers(): Headers {
    return (this.#headers ??= new Headers(head))
  }
  get body(): ReadableStream<Uint8Array> | null {
    return this.#whole().body
  }
  get bodyUsed(): boolean {
    return this.#piped || (this.#native?.bodyUsed ?? false)
  }
  async text(): Promise<string> {
    return this.#whole().text()
  }
  async json(): Promise<unknown> {
    return this.#whole().json()
  }
  async bytes(): Promise<Uint8Array> {
    return this.#whole().bytes()
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole().arrayBuffer()
  }
  async blob(): Promise<Blob> {
    return this.#whole().blob()
  }
  async formData(): Promise<FormData> {
    return this.#whole().formData()
  }
  clone(): globalThis.Response {
    return this.#whole().clone()
  }

  static pipe(answer: globalThis.Response, outgoing: ServerResponse): boolean {
    if (!(answer instanceof LogResponse) || answer.#native) return false
    answer.#piped = true
    outgoing.writeHead(answer.status, answer.#headers ? Object.fromEntries(answer.#headers) : head).flushHeaders()
    answer.#reader.start(nodeSink(outgoing, answer.#reader))
    return true
  }
}

Object.setPrototypeOf(LogResponse.prototype, Native.prototype)

export function logResponse(reader: Reader): Response {
  return new LogResponse(reader)
}

/** Writes the answer to a message of node:http, when it is a log whose body nobody has asked for. */
export const pipeLog: (answer: Response, outgoing: ServerResponse) => boolean = (answer, outgoing) => LogResponse.pipe(answer, outgoing)

/** Nothing is read ahead of whoever asks. */
function streamOf(reader: Reader): ReadableStream<Uint8Array> {
  let wanted = Promise.withResolvers<void>()
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let [started, cancelled] = [false, false]
  const sink: Sink = {
    watches: false,
    write: (bytes) => controller.enqueue(bytes),
    lag: () => -controller.desiredSize!,
    ready: () => (wanted = Promise.withResolvers()).promise,
    close(error) {
      wanted.resolve()
      if (cancelled) return
      if (error) controller.error(error)
      else controller.close()
    },
  }
  return new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      pull() {
        if (started) return wanted.resolve()
        started = true
        reader.start(sink)
      },
      cancel() {
        cancelled = true
        reader.end()
      },
    },
    { highWaterMark: 0, size: (chunk) => chunk.byteLength },
  )
}
