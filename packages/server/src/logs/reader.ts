import { setTimeout as sleep } from 'node:timers/promises'
import type { Moment } from './moment.ts'
import type { Page } from './pages.ts'

/** Where the bytes of a reader go. */
export interface Sink {
  write(bytes: Uint8Array): void
  /** bytes written that nobody has taken yet */
  lag(): number
  /** what to wait for before the next page; undefined: nothing */
  ready(): Promise<void> | undefined
  /** With an error the connection breaks off, so that nobody takes the log for complete. */
  close(error?: Error): void
}

/** One subscriber: first a replay at its own pace, then the live feed. */
export interface Reader {
  /** seq of the last event it was given */
  readonly after: number
  readonly ended: boolean
  /** Once, when there is somewhere to write to. */
  start(sink: Sink): void
  /** what it has not had yet of a moment; ends it when it lags too far */
  push(moment: Moment): void
  ping(bytes: Uint8Array): void
  /** Idempotent. */
  end(error?: Error): void
}

export interface ReaderOptions {
  readonly after: number
  /** bytes it may lag behind */
  readonly buffer: number
  /** ms that a replay waits for its reader to ask for more */
  readonly stalledMs: number
  page(after: number): Promise<Page>
  /** Whether the live feed goes on where this reader is: from now on it is pushed to. */
  join(reader: Reader): boolean
  onEnd(reader: Reader): void
}

/** ms before the store is asked again for what the live feed has had */
const aheadMs = 50

export function createReader(options: ReaderOptions): Reader {
  let { after } = options
  let sink: Sink | undefined
  let failure: Error | undefined
  let ended = false
  let given = 0
  let stalled: NodeJS.Timeout | undefined

  // a body that nobody reads (a host that lost interest) must not be held for ever
  const patience = (): void => {
    stalled = setTimeout(() => reader.end(brokenOff('The reader of this log asked for nothing more.')), options.stalledMs).unref()
  }
  const give = (bytes: Uint8Array): void => {
    if (bytes.length === 0 || ended) return
    given += bytes.length
    sink!.write(bytes)
    if (sink!.lag() > options.buffer) reader.end(brokenOff('The reader of this log is too slow.'))
  }
  const replay = async (): Promise<void> => {
    for (;;) {
      const before = given
      const { moment, caughtUp } = await options.page(after)
      if (ended) return
      if (moment) reader.push(moment)
      if (moment?.final) return reader.end()
      // a page can be too much, and a reader that has ended must not join: nobody would take it off again
      if (reader.ended) return
      if (caughtUp && options.join(reader)) return
      // the feed is ahead of what the store has: nothing else would run if it were asked without a pause
      if (caughtUp && !moment) await sleep(aheadMs, undefined, { ref: false })
      const waiting = given > before ? sink!.ready() : undefined
      if (!waiting) continue
      patience()
      await waiting
      clearTimeout(stalled)
    }
  }
  const reader: Reader = {
    get after() {
      return after
    },
    get ended() {
      return ended
    },
    start(to) {
      sink = to
      clearTimeout(stalled)
      if (ended) return to.close(failure)
      replay().catch((error: unknown) => reader.end(brokenOff('The log cannot be read.', error)))
    },
    push(moment) {
      if (moment.last <= after) return
      const bytes = moment.since(after)
      after = moment.last
      give(bytes)
    },
    ping: give,
    end(error) {
      if (ended) return
      ended = true
      failure = error
      clearTimeout(stalled)
      options.onEnd(reader)
      sink?.close(error)
    },
  }
  patience()
  return reader
}

/** The code is the one by which Node's adapters know a stream that broke off, which is nothing to report. */
export function brokenOff(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
