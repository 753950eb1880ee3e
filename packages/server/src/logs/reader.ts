import type { Moment } from './moment.ts'
import type { Page } from './pages.ts'

/** One subscriber: first a replay at its own pace, then the live feed. */
export interface Reader {
  /** seq of the last event it was given */
  readonly after: number
  readonly body: ReadableStream<Uint8Array>
  /** what it has not had yet of a moment; ends it when it lags too far */
  push(moment: Moment): void
  ping(bytes: Uint8Array): void
  /** Once: with an error the connection breaks off, so that nobody takes the log for complete. */
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

export function createReader(options: ReaderOptions): Reader {
  const { buffer, stalledMs } = options
  const over = Promise.withResolvers<void>()
  let { after } = options
  let ended = false
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let stalled: NodeJS.Timeout | undefined

  // a body that nobody reads (a HEAD, a host that lost interest) must not be held for ever
  const patience = (): void => {
    stalled = setTimeout(() => reader.end(brokenOff('The reader of this log asked for nothing more.')), stalledMs).unref()
  }
  const give = (bytes: Uint8Array): void => {
    if (bytes.length === 0 || ended) return
    controller.enqueue(bytes)
    if (-controller.desiredSize! > buffer) reader.end(brokenOff('The reader of this log is too slow.'))
  }
  const finish = (): void => {
    ended = true
    clearTimeout(stalled)
    over.resolve()
    options.onEnd(reader)
  }
  /** One page that has something to show, or the way into the live feed: there the pull lasts as long as the feed, so that it is not asked again for every chunk. */
  const pull = async (): Promise<void> => {
    clearTimeout(stalled)
    for (;;) {
      const { moment, caughtUp } = await options.page(after)
      if (ended) return
      const size = shown(moment)
      if (moment?.final) return reader.end()
      if (caughtUp && options.join(reader)) return over.promise
      if (size > 0) return patience()
    }
  }
  const shown = (moment: Moment | undefined): number => {
    if (!moment) return 0
    after = moment.last
    give(moment.bytes)
    return moment.bytes.length
  }
  const reader: Reader = {
    get after() {
      return after
    },
    body: new ReadableStream<Uint8Array>(
      {
        start: (given) => void (controller = given),
        pull: () => pull().catch((error: unknown) => reader.end(brokenOff('The log cannot be read.', error))),
        cancel: () => void (ended || finish()),
      },
      { highWaterMark: 0, size: (chunk) => chunk.byteLength },
    ),
    push(moment) {
      if (moment.last <= after) return
      const bytes = moment.since(after)
      after = moment.last
      give(bytes)
    },
    ping: give,
    end(error) {
      if (ended) return
      finish()
      if (error) controller.error(error)
      else controller.close()
    },
  }
  patience()
  return reader
}

/** The code is the one by which Node's adapters know a stream that broke off, which is nothing to report. */
export function brokenOff(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
