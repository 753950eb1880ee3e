import { setTimeout as sleep } from 'node:timers/promises'
import type { Moment } from './moment.ts'
import type { Page } from './pages.ts'

/** Where the bytes of a reader go. */
export interface Sink {
  /** ends its reader itself when nobody reads any more */
  readonly watches: boolean
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
  /** the host's word that nobody reads any more */
  readonly signal: AbortSignal
  page(after: number): Promise<Page>
  /** Whether the live feed goes on where this reader is: from now on it is pushed to. `begin`: opens the feed where there is none. */
  join(reader: Reader, begin: boolean): boolean
  onEnd(reader: Reader): void
}

/** ms before the store is asked again for what the live feed has had */
const aheadMs = 50

export function createReader(options: ReaderOptions): Reader {
  return new LogReader(options)
}

// a class: of closures each of a thousand readers has its own
class LogReader implements Reader {
  readonly #options: ReaderOptions
  #after: number
  #sink: Sink | undefined
  #failure: Error | undefined
  #ended = false
  #given = 0
  #stalled: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#after = options.after
    this.#watch(options.signal)
    this.#beginPatience()
  }

  get after(): number {
    return this.#after
  }
  get ended(): boolean {
    return this.#ended
  }
  start(to: Sink): void {
    this.#sink = to
    if (to.watches) this.#unwatch?.()
    this.#endPatience()
    if (this.#ended) return to.close(this.#failure)
    this.#replay().catch((error: unknown) => this.end(brokenOff('The log cannot be read.', error)))
  }
  push(moment: Moment): void {
    if (moment.last <= this.#after) return
    const bytes = moment.since(this.#after)
    this.#after = moment.last
    this.#give(bytes)
  }
  ping(bytes: Uint8Array): void {
    this.#give(bytes)
  }
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#failure = error
    this.#unwatch?.()
    this.#endPatience()
    this.#options.onEnd(this)
    this.#sink?.close(error)
  }

  async #replay(): Promise<void> {
    // one that has ended must not join: nobody would take it off again
    while (!this.ended) {
      // many come (again) at the same place: what the feed still has is not read from the store for each of them
      if (this.#options.join(this, false)) return
      const before = this.#given
      const { moment, caughtUp } = await this.#options.page(this.#after)
      if (this.#ended) return
      if (moment) this.push(moment)
      if (moment?.final) return this.end()
      // a page can be too much
      if (this.ended) return
      if (caughtUp && this.#options.join(this, true)) return
      // the feed is ahead of what the store has: nothing else would run if it were asked without a pause
      if (caughtUp && !moment) await sleep(aheadMs, undefined, { ref: false })
      if (this.#given > before) await this.#taken()
    }
  }
  async #taken(): Promise<void> {
    const waiting = this.#sink!.ready()
    if (!waiting) return
    this.#beginPatience()
    await waiting
    this.#endPatience()
  }
  #give(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#ended) return
    this.#given += bytes.length
    this.#sink!.write(bytes)
    if (this.#sink!.lag() > this.#options.buffer) this.end(brokenOff('The reader of this log is too slow.'))
  }
  #watch(signal: AbortSignal): void {
    const gone = (): void => this.end()
    signal.addEventListener('abort', gone)
    this.#unwatch = (): void => {
      signal.removeEventListener('abort', gone)
      this.#unwatch = undefined
    }
  }
  /** A body that nobody reads (a host that lost interest) must not be held for ever. */
  #beginPatience(): void {
    const over = (): void => this.end(brokenOff('The reader of this log asked for nothing more.'))
    this.#stalled = setTimeout(over, this.#options.stalledMs).unref()
  }
  #endPatience(): void {
    clearTimeout(this.#stalled)
    this.#stalled = undefined
  }
}

/** The code is the one by which Node's adapters know a stream that broke off, which is nothing to report. */
export function brokenOff(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
