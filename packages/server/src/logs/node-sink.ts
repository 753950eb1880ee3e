import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { drained } from '../node/drained.ts'
import type { Reader, Sink } from './reader.ts'

/**
 * A message of node:http whose head is sent. A chunk of HTTP is framed once for all readers and given to the socket as it is: the
 * message's own `write` makes four pieces of it and a dozen objects, for each reader anew.
 */
export function nodeSink(outgoing: ServerResponse, reader: Reader): Sink {
  outgoing.on('close', () => reader.end())
  return new NodeSink(outgoing, ownSocket(outgoing))
}

// a class: of closures each reader has its own
class NodeSink implements Sink {
  readonly watches = true
  readonly #outgoing: ServerResponse
  readonly #socket: Socket | undefined

  constructor(outgoing: ServerResponse, socket: Socket | undefined) {
    this.#outgoing = outgoing
    this.#socket = socket
  }
  write(bytes: Uint8Array): void {
    if (!this.#socket) this.#outgoing.write(bytes)
    else if (this.#socket.writable) this.#socket.write(framed(bytes))
  }
  lag(): number {
    return this.#outgoing.writableLength
  }
  ready(): Promise<void> | undefined {
    const to = this.#socket ?? this.#outgoing
    return to.writableNeedDrain && !to.destroyed ? drained(to) : undefined
  }
  close(error?: Error): void {
    if (error) this.#outgoing.destroy()
    else this.#outgoing.end()
  }
}

/** The socket, when nothing would come between it and the message: no turn to wait for, no middleware, no other coding. */
function ownSocket(outgoing: ServerResponse): Socket | undefined {
  const plain = outgoing.chunkedEncoding && outgoing.headersSent && outgoing.write === ServerResponse.prototype.write
  return plain && outgoing.writableLength === outgoing.socket?.writableLength ? outgoing.socket : undefined
}

// on the bytes themselves: what a WeakMap holds lives until the next full collection, which is a minute of frames
const frame = Symbol('frame')

function framed(bytes: Uint8Array & { [frame]?: Buffer }): Buffer {
  return (bytes[frame] ??= Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, crlf]))
}

const crlf = Buffer.from('\r\n')
