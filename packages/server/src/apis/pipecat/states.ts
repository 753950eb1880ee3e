import type { State } from '@kiln/core'

export const statuses = ['pending', 'building', 'success', 'failed', 'timeout'] as const
export type Status = (typeof statuses)[number]

/** What this API calls a state. */
export const statusOf: Readonly<Record<State, Status>> = {
  queued: 'pending',
  building: 'building',
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'failed',
  timed_out: 'timeout',
  expired: 'timeout',
}

/** The states that a status stands for. */
export function statesOf(status: Status): readonly State[] {
  return (Object.keys(statusOf) as State[]).filter((state) => statusOf[state] === status)
}
