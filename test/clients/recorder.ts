import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the client sent it, and the status that it got. */
export interface Seen {
  readonly method: string
  /** with its query */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly status: number
}

export interface Recorder extends AsyncDisposable {
  readonly url: string
  readonly seen: Seen[]
  /** where requests go on to; to be set before the first */
  target: string
  /** the next POST is carried out, and its answer is lost on the way */
  loseAnswer(): void
}

/** Stands before a server and writes down what passes; bytes go through as they come. */
export async function recorder(): Promise<Recorder> {
  const seen: Seen[] = []
  const state = { target: '', lose: false }
  const server = createServer((asked, answer) => {
    const { hostname, port } = new URL(state.target)
    const { method = '', url: path = '', headers } = asked
    const on = request({ hostname, port, method, path, headers, agent: false }, (got) => {
      seen.push({ method, path, headers, status: got.statusCode ?? 0 })
      if (state.lose && method === 'POST') {
        state.lose = false
        got.resume()
        return void answer.destroy()
      }
      answer.writeHead(got.statusCode ?? 502, got.rawHeaders)
      answer.flushHeaders()
      got.pipe(answer)
      got.on('error', () => answer.destroy())
    })
    on.on('error', () => answer.destroy())
    answer.on('close', () => on.destroy())
    asked.pipe(on)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get target() {
      return state.target
    },
    set target(url) {
      state.target = url
    },
    loseAnswer: () => {
      state.lose = true
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
