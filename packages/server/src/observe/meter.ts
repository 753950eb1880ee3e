import type { Load } from '@kiln/core'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { AnyRoute } from '../api.ts'
import { createRequestCounts } from './request-counts.ts'

/** Counts what happens; see `/metrics`. */
export interface Meter {
  /** call the answer with the status */
  request(api: string, route: AnyRoute): (status: number) => void
  /** a Build was accepted, with its reuse */
  accepted(reuse: string): void
  uploaded(bytes: number): void
  /** Prometheus text */
  text(): Promise<string>
  readonly contentType: string
}

/** What is kept elsewhere, and asked when somebody reads. */
export interface Metered {
  readonly load: () => Promise<Load>
  /** Runs by final state */
  readonly ended: () => Readonly<Record<string, number>>
  /** log streams that are open */
  readonly streams: () => number
}

/** A registry of its own: what an embedder counts stays the embedder's. */
export function createMeter({ load, ended, streams }: Metered, { process = false }: { readonly process?: boolean } = {}): Meter {
  const registry = new Registry()
  const requests = createRequestCounts(registry)
  const reuses = new Map<string, number>()
  let uploads = 0
  const gauge = (name: string, help: string, read: () => Promise<number>): void => {
    const one: Gauge = new Gauge({ name, help, registers: [registry], collect: async () => one.set(await read()) })
  }
  gauge('kiln_runs_queued', 'Runs of all tenants that wait', async () => (await load()).queued)
  gauge('kiln_runs_running', 'Runs of all tenants that are worked on', async () => (await load()).building)
  gauge('kiln_log_streams', 'Log streams that are open', async () => streams())
  registry.registerMetric(
    counter('kiln_runs_ended_total', 'Runs that this process has ended, by final state', () =>
      Object.entries(ended()).map(([state, value]) => ({ labels: { state }, value })),
    ),
  )
  registry.registerMetric(
    counter('kiln_builds_accepted_total', 'Builds accepted by this process', () =>
      [...reuses].map(([reuse, value]) => ({ labels: { reuse }, value })),
    ),
  )
  registry.registerMetric(counter('kiln_upload_bytes_total', 'Bytes of contexts taken in', () => [{ labels: {}, value: uploads }]))
  if (process) collectDefaultMetrics({ register: registry })
  return {
    request: (api, route) => requests.start(api, route),
    accepted: (reuse) => void reuses.set(reuse, (reuses.get(reuse) ?? 0) + 1),
    uploaded: (bytes) => {
      uploads += bytes
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly metricName?: string
}

type Metric = Parameters<Registry['registerMetric']>[0]

/** A metric whose numbers are kept elsewhere: prom-client's own cost a microsecond each, this one nothing until it is read. */
export function metric(name: string, help: string, type: 'counter' | 'histogram', values: () => readonly Sample[]): Metric {
  const get = async (): Promise<object> => ({ name, help, type, aggregator: 'sum', values: values() })
  return { name, help, type, get, reset: () => undefined } as unknown as Metric
}

function counter(name: string, help: string, values: () => readonly Sample[]): Metric {
  return metric(name, help, 'counter', values)
}
