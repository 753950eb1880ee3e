import type { Client } from './client.ts'

const patienceMs = 4000

/** The signal that ends a connection, behind the one that ends a build. */
export interface Stop {
  readonly signal: AbortSignal
  /** the build has settled: nothing is asked or timed any more */
  done(): void
}

/**
 * BuildKit is asked to stop, and its answer read to the end, so that its steps are gone when the build has settled; the
 * connection ends after 4 s in any case, or at once when the engine does not know the build.
 */
export function stopByAsking(client: Client, buildId: string, signal: AbortSignal): Stop {
  const hard = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const end = (): void => hard.abort(signal.reason)
  const ask = (): void => {
    timer = setTimeout(end, patienceMs)
    client
      .call('POST', '/build/cancel', { query: { id: buildId }, signal: AbortSignal.timeout(patienceMs) })
      .then(({ status }) => (status < 300 ? undefined : end()), end)
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', ask, { once: true })
  return {
    signal: hard.signal,
    done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', ask)
    },
  }
}

/** The classic builder stops when its connection ends. */
export function stopByClosing(signal: AbortSignal): Stop {
  return { signal, done: () => undefined }
}
