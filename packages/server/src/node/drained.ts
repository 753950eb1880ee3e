import type { EventEmitter } from 'node:events'

/** Resolves when the message or socket takes more, or is closed. */
export function drained(outgoing: EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done)
      resolve()
    }
    outgoing.on('drain', done).on('close', done)
  })
}
