import { classOf, codes, type ErrorCode, type FailureClass } from '@kiln/core'
import type { RefusalCode } from './refusal.ts'

/** What every API answers alike. */
const common: Partial<Record<RefusalCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  unknown_route: 404,
  method_not_allowed: 405,
  too_slow: 408,
  payload_too_large: 413,
  blob_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  too_many_bodies: 429,
  queue_full: 429,
  body_consumed: 500,
  draining: 503,
  driver_unreachable: 503,
  store_unavailable: 503,
  closed: 503,
}

const ofClass: Readonly<Record<FailureClass, number>> = {
  request: 400,
  source: 400,
  build: 400,
  driver: 400,
  registry: 502,
  time: 503,
  store: 500,
  internal: 500,
}

/** The statuses of an API by code: its own, then what all share, then those of the code's class. */
export function statusTable(own: Partial<Record<RefusalCode, number>>): (code: RefusalCode) => number {
  const statuses = { ...common, ...own }
  return (code) => statuses[code] ?? (code in codes ? ofClass[classOf(code as ErrorCode)] : 400)
}
