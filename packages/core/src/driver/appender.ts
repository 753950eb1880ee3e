import type { KeptEvent } from '../store/records.ts'
import type { Lease, Queue } from '../store/store.ts'

/** Writes the events of one attempt in batches, in order, each once. */
export interface Appender {
  add(event: KeptEvent): void
  /** resolves when everything added is stored, or the lease is lost */
  flush(): Promise<void>
  close(): void
}

const flushMs = 50
const batch = 500

/** `lost` is called once, when the store refuses this attempt's events. */
export function appender(queue: Queue, lease: Lease, now: () => number, lost: () => void): Appender {
  let waiting: { at: number; event: KeptEvent }[] = []
  let next = lease.nextSeq
  let closed = false
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const write = async (): Promise<void> => {
    while (waiting.length > 0 && !closed) {
      const events = waiting.splice(0, batch)
      if (await stored(queue, lease, next, events)) next += events.length
      else {
        closed = true
        waiting = []
        lost()
      }
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }
  return {
    add(event) {
      if (closed) return
      waiting.push({ at: now(), event })
      if (waiting.length >= batch) void flush()
      else timer ??= setTimeout(() => void flush(), flushMs)
    },
    flush,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** A store in trouble is asked again for some seconds: the same firstSeq counts once. */
async function stored(queue: Queue, lease: Lease, firstSeq: number, events: readonly { at: number; event: KeptEvent }[]): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await queue.append(lease, firstSeq, events)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt))
    }
  }
  return false
}
