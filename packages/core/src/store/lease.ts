import { isDeepStrictEqual } from 'node:util'
import type { Built } from '../driver/driver.ts'
import { BuildError } from '../failure/error.ts'
import type { BuildEvent, KeptEvent, Outcome } from './records.ts'
import type { RunRow, Transaction } from './rows.ts'
import { end, handBack, holds, put } from './state.ts'
import type { Lease } from './store.ts'

// The writes with a lease. All of them first look whether its attempt is still the newest.

export function renewLease(tx: Transaction, lease: Lease, leaseMs: number): 'keep' | 'cancel' | 'lost' {
  const run = held(tx, lease)
  if (run?.lease === undefined) return 'lost'
  tx.rows.putRun({ ...run, lease: { ...run.lease, until: tx.now + leaseMs } })
  return run.cancelling ? 'cancel' : 'keep'
}

export function appendEvents(
  tx: Transaction,
  lease: Lease,
  firstSeq: number,
  events: readonly { readonly at: number; readonly event: KeptEvent }[],
): boolean {
  const run = held(tx, lease)
  if (run === undefined) return false
  if (!Number.isSafeInteger(firstSeq) || firstSeq <= run.base || firstSeq > run.events + 1)
    throw new BuildError('invalid_argument', `Events of this attempt go on at ${run.events + 1}, not at ${firstSeq}.`)
  // what a repeated call brought before is kept as it was
  const fresh = events.slice(run.events + 1 - firstSeq)
  if (fresh.length === 0) return true
  const numbered = fresh.map(({ at, event }, i): BuildEvent => ({ seq: run.events + 1 + i, at, attempt: run.attempt, ...event }))
  tx.rows.addEvents(run, numbered)
  put(tx, { ...run, events: run.events + fresh.length })
  return true
}

export function commitBuilt(tx: Transaction, lease: Lease, built: Built): boolean {
  const run = held(tx, lease)
  if (run === undefined) return false
  if (run.built !== undefined) return isDeepStrictEqual(run.built, built)
  put(tx, { ...run, built })
  return true
}

export function settleRun(tx: Transaction, lease: Lease, outcome: Outcome): boolean {
  const run = held(tx, lease)
  if (run !== undefined) end(tx, run, outcome)
  return run !== undefined
}

export function releaseRun(tx: Transaction, lease: Lease, why: 'drain' | 'retry'): void {
  const run = held(tx, lease)
  if (run !== undefined) handBack(tx, run, why)
}

function held(tx: Transaction, lease: Lease): RunRow | undefined {
  const run = tx.rows.run(lease.tenant, lease.run)
  return holds(run, lease.attempt) ? run : undefined
}
