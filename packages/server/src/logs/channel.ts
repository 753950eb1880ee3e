import type { Build } from '@kiln/core'
import type { LogForm } from './logs.ts'
import { gather, type Moment } from './moment.ts'
import { brokenOff, type Reader } from './reader.ts'

/** The live feed of one build in one form: one follower, however many readers. */
export interface Channel {
  /** False: the feed has gone past where the reader is, and it has to read on in the store. */
  join(reader: Reader): boolean
  leave(reader: Reader): void
  stop(): void
}

export interface ChannelOptions {
  readonly build: Build
  readonly form: LogForm
  /** where the first reader is */
  readonly after: number
  readonly pingMs: number
  /** once, when there is no reader any more, or the log ended */
  onClosed(): void
}

/**
 * Bytes of the last moments that are kept for those who join: however old, and of the last `tailMs`. What a fast log keeps longer than
 * V8's collections of the young are apart is kept until a full one.
 */
const [slowTailBytes, tailBytes, tailMs] = [64 * 2 ** 10, 256 * 2 ** 10, 300]
/** bytes that are not gathered any longer */
const fullBytes = 128 * 2 ** 10

export function openChannel(options: ChannelOptions): Channel {
  const { build, form, after, pingMs } = options
  const readers = new Set<Reader>()
  const stopped = new AbortController()
  const waiting = gather(form)
  const tail = createTail(after)
  const ping = new TextEncoder().encode(form.ping)
  const pings = setInterval(() => readers.forEach((reader) => reader.ping(ping)), pingMs)
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const moment = waiting.take()
    if (!moment) return
    tail.add(moment)
    for (const reader of readers) reader.push(moment)
    if (moment.bytes.length > 0) pings.refresh()
  }
  const close = (error?: Error): void => {
    if (stopped.signal.aborted) return
    stopped.abort()
    clearTimeout(timer)
    clearInterval(pings)
    options.onClosed()
    for (const reader of readers) reader.end(error)
  }
  const follow = async (): Promise<void> => {
    for await (const event of build.events({ after, follow: true, signal: stopped.signal })) {
      waiting.add(event)
      if (waiting.final || waiting.size >= fullBytes) flush()
      else timer ??= setTimeout(flush, gatherMs(readers.size))
    }
    flush()
    close()
  }
  follow().catch((error: unknown) => close(brokenOff('The log cannot be followed.', error)))
  return {
    join(reader) {
      if (stopped.signal.aborted || !tail.reaches(reader.after)) return false
      readers.add(reader)
      for (const moment of tail.moments) reader.push(moment)
      return true
    },
    leave(reader) {
      if (readers.delete(reader) && readers.size === 0) close()
    },
    stop: () => close(brokenOff('The server is going down.')),
  }
}

/** A write costs the same for one line as for a hundred: the more readers, the more lines wait for each other. */
function gatherMs(readers: number): number {
  return Math.min(80, 10 + readers / 14)
}

interface Tail {
  readonly moments: readonly Moment[]
  add(moment: Moment): void
  /** whether nothing is missing between `after` and the oldest moment that is kept */
  reaches(after: number): boolean
}

function createTail(after: number): Tail {
  const moments: Moment[] = []
  const times: number[] = []
  let [from, size] = [after, 0]
  const drop = (): void => {
    const oldest = moments.shift()!
    times.shift()
    from = oldest.last
    size -= oldest.bytes.length
  }
  return {
    moments,
    add(moment) {
      const now = performance.now()
      moments.push(moment)
      times.push(now)
      size += moment.bytes.length
      while (moments.length > 1 && size > (times[0]! < now - tailMs ? slowTailBytes : tailBytes)) drop()
    },
    reaches: (seq) => seq >= from,
  }
}
