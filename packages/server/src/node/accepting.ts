import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { NodeListener } from './listener.ts'

/** turns of the event loop that requests wait at most: connections may never cease to come */
const longest = 64

/**
 * Node takes one new connection in each turn of the event loop. Of many that come at once, the last would wait for as many turns full of
 * the others' requests; so the requests of new connections wait, for turns without them, until a turn brings no connection.
 */
export function listenAfterAccepting(server: Server, listener: NodeListener): void {
  const waiting: (readonly [IncomingMessage, ServerResponse])[] = []
  // those that have been here longer go on: connections that come and go must not stop them
  const newcomers = new Set<Socket>()
  let [open, accepted, turns] = [true, false, 0]
  const turn = (): void => {
    turns += 1
    if (accepted && turns < longest) {
      accepted = false
      setImmediate(turn)
      return
    }
    open = true
    newcomers.clear()
    for (const [incoming, outgoing] of waiting.splice(0)) if (!outgoing.destroyed) listener(incoming, outgoing)
  }
  const onConnection = (socket: Socket): void => {
    newcomers.add(socket)
    accepted = true
    if (!open) return
    open = false
    turns = 0
    setImmediate(turn)
  }
  server.on('connection', onConnection).on('request', (incoming, outgoing) => {
    if (newcomers.has(incoming.socket)) waiting.push([incoming, outgoing])
    else listener(incoming, outgoing)
  })
}
