import { BuildError, shown, type Build } from '@kiln/core'
import type { ServerLimits } from '../limits/limits.ts'
import { openChannel, type Channel } from './channel.ts'
import { logResponse } from './log-response.ts'
import type { LogForm, Logs } from './logs.ts'
import { createPages } from './pages.ts'
import { brokenOff, createReader, type Reader } from './reader.ts'
import { createSlots } from './slots.ts'

/** ms */
export interface LogTimes {
  /** of silence before a ping */
  readonly ping: number
  /** that a replay waits for its reader */
  readonly stalled: number
}

export interface OpenLogs extends Logs, AsyncDisposable {
  /** streams at this moment */
  readonly open: number
}

export function createLogs(
  limits: Pick<ServerLimits, 'streams' | 'streamsPerKey' | 'streamBuffer'>,
  times: LogTimes = { ping: 15_000, stalled: 60_000 },
): OpenLogs {
  const slots = createSlots(limits)
  const pages = createPages()
  const feeds = createFeeds(times.ping)
  const readers = new Set<Reader>()

  const read = (build: Build, feed: Feed, slot: string, after: number, signal: AbortSignal): Reader => {
    const reader = createReader({
      after,
      buffer: limits.streamBuffer,
      stalledMs: times.stalled,
      signal,
      page: (seq) => pages.read(feed.key, build, feed.form, seq),
      join: (one, begin) => feeds.join(feed, build, one, begin),
      onEnd(one) {
        readers.delete(one)
        feeds.leave(feed, one)
        slots.giveBack(slot)
      },
    })
    readers.add(reader)
    return reader
  }
  return {
    get open() {
      return readers.size
    },
    async stream(kiln, id, form, { tenant, caller, after = -1, signal }) {
      const slot = JSON.stringify([tenant, caller])
      slots.take(slot)
      try {
        const build = await kiln.get(id)
        if (!build) throw new BuildError('not_found', `There is no build ${shown(id)}.`)
        signal.throwIfAborted()
        return logResponse(read(build, { key: JSON.stringify([tenant, id, form.name]), form }, slot, after, signal))
      } catch (error) {
        slots.giveBack(slot)
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      feeds.stop()
      for (const reader of readers) reader.end(brokenOff('The server is going down.'))
    },
  }
}

interface Feed {
  readonly key: string
  readonly form: LogForm
}

interface Feeds {
  join(feed: Feed, build: Build, reader: Reader, begin: boolean): boolean
  leave(feed: Feed, reader: Reader): void
  stop(): void
}

/** The channels that have readers. */
function createFeeds(pingMs: number): Feeds {
  const channels = new Map<string, Channel>()
  const open = ({ key, form }: Feed, build: Build, after: number): Channel => {
    const channel = openChannel({
      build,
      form,
      after,
      pingMs,
      onClosed: () => void (channels.get(key) === channel && channels.delete(key)),
    })
    channels.set(key, channel)
    return channel
  }
  return {
    join(feed, build, reader, begin) {
      const channel = channels.get(feed.key) ?? (begin ? open(feed, build, reader.after) : undefined)
      return channel?.join(reader) ?? false
    },
    leave: ({ key }, reader) => channels.get(key)?.leave(reader),
    stop: () => channels.forEach((channel) => channel.stop()),
  }
}
