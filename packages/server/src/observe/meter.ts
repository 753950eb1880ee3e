import type { AnyRoute } from '../api.ts'

/** Counts what happens; see `/metrics`. */
export interface Meter {
  /** call the answer with the status */
  request(api: string, route: AnyRoute): (status: number) => void
  /** Prometheus text */
  text(): Promise<string>
}

export function createMeter(): Meter {
  return { request: () => () => {}, text: async () => '' }
}
