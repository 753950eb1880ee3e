import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { NodeListener } from './listener.ts'

/** turns of the event loop that requests wait at most: connections may never cease to come */
const longest = 64

/**
 * Node takes one new connection in each turn of the event loop. Of many that come at once to a server with work to do, the last would wait
 * for as many turns full of the others' requests; so these wait, for turns with nothing in them, until a turn brings no connection.
 */
export function listenAfterAccepting(server: Server, listener: NodeListener): void {
  const waiting: (readonly [IncomingMessage, ServerResponse])[] = []
  let [open, accepted, turns] = [true, false, 0]
  const turn = (): void => {
    turns += 1
    if (accepted && turns < longest) {
      accepted = false
      setImmediate(turn)
      return
    }
    open = true
    for (const [incoming, outgoing] of waiting.splice(0)) listener(incoming, outgoing)
  }
  const onConnection = (): void => {
    accepted = true
    if (!open) return
    open = false
    turns = 0
    setImmediate(turn)
  }
  server.on('connection', onConnection).on('request', (incoming, outgoing) => {
    if (open) listener(incoming, outgoing)
    else waiting.push([incoming, outgoing])
  })
}
