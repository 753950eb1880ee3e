import type { IncomingMessage, ServerResponse } from 'node:http'

const atMostBytes = 2 ** 30
const withinMs = 30_000

/**
 * The rest of a body that nobody wants, once it is answered: a client that is still sending reads no answer before its last byte, and
 * a closed socket would lose it. Bounded in bytes and time.
 */
export function readAway(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.once('finish', () => {
    if (incoming.complete || incoming.destroyed) return
    let bytes = 0
    const leave = (): void => void incoming.socket.destroy()
    const timer = setTimeout(leave, withinMs)
    timer.unref()
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > atMostBytes) leave()
    })
    const over = (): void => clearTimeout(timer)
    incoming.on('end', over).on('close', over).on('error', over).resume()
  })
}
