import type { BuildEvent, Kiln } from '@kiln/core'

/** How an API writes an event on a stream: whole SSE blocks, or nothing for events it does not show. */
export interface LogForm {
  /** one name per way of writing: subscribers of the same build and form share their bytes */
  readonly name: string
  write(event: BuildEvent): string
  /** every 15 s, when nothing else was sent; a comment block */
  readonly ping: string
}

/** Live logs for many readers: one follower per build and form, one shared buffer per moment, bounded per reader. */
export interface Logs {
  /**
   * A `text/event-stream`, uncompressed, of the events with seq > `after` (default -1: from the start) to the final state,
   * then the end. Throws `not_found`, `too_many_streams` (per `caller` and in all). A reader that lags too far is closed.
   */
  stream(
    kiln: Kiln,
    build: string,
    form: LogForm,
    options: { readonly tenant: string; readonly caller: string; readonly after?: number; readonly signal: AbortSignal },
  ): Promise<Response>
}
