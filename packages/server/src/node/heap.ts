import { constants, PerformanceObserver, type NodeGCPerformanceDetail } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'

/** what Node tells of one, ms since the process began */
interface Collection {
  readonly startTime: number
  readonly detail: NodeGCPerformanceDetail
}

/** ms between two collections of the young generation on average, from which on it is large enough; and what a pause counts at most */
const [seldom, longest] = [100, 1000]
let tuned = false

/**
 * For a process that is this server and little else, before it listens; it holds for the whole process. Two habits of V8 that cost a
 * server much (docs/decisions.md):
 *
 * It watches which literals make objects that survive its collections, and makes those of the old generation from then on. One collection
 * in the midst of many requests misleads it, for good, and the server stops four times as long at each collection.
 *
 * It doubles the young generation each time enough has survived in it, up to 128 MiB, however seldom it is collected: a server of many
 * quiet streams gets there too. It may grow where it is collected often.
 */
export function tuneHeap(): void {
  if (tuned) return
  tuned = true
  setFlagsFromString('--no-allocation-site-pretenuring')
  growWhereCollectedOften()
}

function growWhereCollectedOften(): void {
  let [last, between, grows] = [0, seldom, true]
  const collected = (at: number): void => {
    between += (Math.min(at - last, longest) - between) / 8
    const often = between < seldom
    last = at
    if (often !== grows) setFlagsFromString(`--semi-space-growth-factor=${often ? 2 : 1}`)
    grows = often
  }
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, detail } of list.getEntries() as unknown as readonly Collection[])
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) collected(startTime)
  })
  observer.observe({ entryTypes: ['gc'] })
}
