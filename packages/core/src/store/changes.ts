import { BuildError } from '../failure/error.ts'

/** One who waits for changes of a topic. A change between `reset` and `wait` is not missed. */
export interface Listener {
  reset(): void
  /** Resolves after a change, or after `ms`. Rejects with the signal's reason, or `closed`. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  close(): void
}

/** Wakes those who wait for a Run's events, or for work. */
export interface Changes {
  listen(topic: string): Listener
  announce(topics: Iterable<string>): void
  /** all that wait, now and later, get `closed` */
  close(): void
}

/** How changes made by others are found: asked every `everyMs` as long as somebody waits. */
export interface Poll {
  readonly everyMs: number
  changed(): boolean
}

interface Waiting {
  fired: boolean
  wake: (() => void) | undefined
}

export function createChanges(poll?: Poll): Changes {
  const topics = new Map<string, Set<Waiting>>()
  let timer: ReturnType<typeof setInterval> | undefined
  let closed = false

  function fire(of: Iterable<Waiting>): void {
    for (const waiting of of) {
      waiting.fired = true
      waiting.wake?.()
    }
  }
  function look(): void {
    if (seesChange(poll!)) for (const listeners of topics.values()) fire(listeners)
  }
  function add(topic: string, waiting: Waiting): void {
    const listeners = topics.get(topic) ?? new Set()
    topics.set(topic, listeners.add(waiting))
    if (poll !== undefined && !closed) timer ??= setInterval(look, poll.everyMs)
  }
  function remove(topic: string, waiting: Waiting): void {
    const listeners = topics.get(topic)
    listeners?.delete(waiting)
    if (listeners?.size === 0) topics.delete(topic)
    if (topics.size === 0) stop()
  }
  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    listen(topic) {
      const waiting: Waiting = { fired: false, wake: undefined }
      add(topic, waiting)
      return {
        reset: () => void (waiting.fired = false),
        wait: async (ms, signal) => {
          if (!waiting.fired && !closed) await woken(waiting, ms, signal)
          signal?.throwIfAborted()
          if (closed) throw new BuildError('closed', 'The store was closed.')
        },
        close: () => remove(topic, waiting),
      }
    },
    announce(changed) {
      for (const topic of changed) fire(topics.get(topic) ?? [])
    },
    close() {
      closed = true
      stop()
      for (const listeners of topics.values()) fire(listeners)
    },
  }
}

async function woken(waiting: Waiting, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const wake = (): void => resolve()
  waiting.wake = wake
  signal?.addEventListener('abort', wake)
  await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', wake)
  waiting.wake = undefined
}

/** A store that cannot answer has all who wait ask for themselves: they hear its error, a timer could only throw it away. */
function seesChange(poll: Poll): boolean {
  try {
    return poll.changed()
  } catch {
    return true
  }
}
