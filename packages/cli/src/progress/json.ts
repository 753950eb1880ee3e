import type { BuildEvent } from '@kiln/core'
import type { Io } from '../io.ts'
import type { Progress } from './progress.ts'

/** One event per line on standard output, each with the version of this format; the command adds the last line. */
export function jsonProgress(io: Io): Progress {
  const line = (value: object): void => io.stdout.write(`${JSON.stringify({ version: 1, ...value })}\n`)
  return {
    accepted: ({ record, reuse }, notices) => line({ type: 'accepted', build: record, reuse, notices }),
    event: (event) => io.stdout.write(eventLine(event)),
    moved: (event) => line(event),
    say: () => {},
    ended: () => {},
  }
}

export function eventLine(event: BuildEvent): string {
  return `${JSON.stringify({ version: 1, ...event })}\n`
}
