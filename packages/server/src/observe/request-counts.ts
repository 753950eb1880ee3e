import type { Registry } from 'prom-client'
import type { AnyRoute } from '../api.ts'
import { metric, type Sample } from './meter.ts'

/** s, upper ends */
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 5, 30]

interface Counts {
  readonly api: string
  readonly operation: string
  readonly byStatus: Map<number, number>
  /** one per bucket, and one for what is slower */
  readonly byTime: number[]
  seconds: number
}

/** Requests and their times by route: plain numbers, read when somebody asks. */
export function createRequestCounts(registry: Registry): { start(api: string, route: AnyRoute): (status: number) => void } {
  const counts = new Map<AnyRoute, Counts>()
  registry.registerMetric(metric('kiln_http_requests_total', 'Requests by API, operation and status', 'counter', () => totals(counts)))
  registry.registerMetric(
    metric('kiln_http_request_duration_seconds', 'Time until the head of the answer was ready', 'histogram', () => times(counts)),
  )
  return {
    start(api, route) {
      const began = performance.now()
      return (status) => {
        let of = counts.get(route)
        if (of === undefined) {
          of = { api, operation: route.operationId, byStatus: new Map(), byTime: buckets.map(() => 0).concat(0), seconds: 0 }
          counts.set(route, of)
        }
        count(of, status, (performance.now() - began) / 1000)
      }
    },
  }
}

function count(of: Counts, status: number, seconds: number): void {
  of.byStatus.set(status, (of.byStatus.get(status) ?? 0) + 1)
  of.seconds += seconds
  let at = 0
  while (at < buckets.length && seconds > buckets[at]!) at += 1
  of.byTime[at]! += 1
}

function totals(counts: ReadonlyMap<AnyRoute, Counts>): readonly Sample[] {
  return [...counts.values()].flatMap(({ api, operation, byStatus }) =>
    [...byStatus].map(([status, value]) => ({ labels: { api, operation, status: String(status) }, value })),
  )
}

function times(counts: ReadonlyMap<AnyRoute, Counts>): readonly Sample[] {
  const name = 'kiln_http_request_duration_seconds'
  return [...counts.values()].flatMap(({ api, operation, byTime, seconds }) => {
    const labels = { api, operation }
    let value = 0
    const each = byTime.map((here, at) => {
      value += here
      return { labels: { le: at < buckets.length ? String(buckets[at]) : '+Inf', ...labels }, value, metricName: `${name}_bucket` }
    })
    return [...each, { labels, value: seconds, metricName: `${name}_sum` }, { labels, value, metricName: `${name}_count` }]
  })
}
