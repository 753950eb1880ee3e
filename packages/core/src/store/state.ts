import { failure } from '../failure/error.ts'
import type { BuildEvent, BuildRecord, FinalState, Outcome, State } from './records.ts'
import { freeze } from './frozen.ts'
import { isFinal } from './records.ts'
import type { BuildRow, RunRow, Shared, Transaction } from './rows.ts'

// The state machine of a Run, as functions from row to row. A Build has the state of its Run, unless it was cancelled off it.

/** A worker takes a queued Run. */
export function take(tx: Transaction, run: RunRow, worker: string, leaseMs: number): RunRow {
  const attempt = run.attempt + 1
  const started = { ...run, attempt, startedAt: run.startedAt ?? tx.now, lease: { worker, until: tx.now + leaseMs } }
  return withState(tx, started, 'building', (events) => ({ base: events }))
}

/** A building Run goes back to the queue; one that somebody wants to cancel is cancelled instead. */
export function handBack(tx: Transaction, run: RunRow, why: 'lost' | 'drain' | 'retry'): RunRow {
  if (run.cancelling && run.built === undefined) return end(tx, run, cancelled)
  const { lease: _, ...free } = run
  return withState(tx, { ...free, queuedAt: tx.now, drained: run.drained + (why === 'drain' ? 1 : 0) }, 'queued')
}

/** Nothing leaves a final state: only called for Runs that are queued or building. */
export function end(tx: Transaction, run: RunRow, outcome: Outcome): RunRow {
  const { lease: _, ...free } = run
  // a committed result is the winner, whatever a later attempt says of its own
  const how = outcome.state === 'succeeded' ? { built: run.built ?? outcome.built } : { error: outcome.error }
  return put(tx, { ...free, ...how, state: outcome.state, cancelling: false, endedAt: tx.now })
}

export function put(tx: Transaction, run: RunRow): RunRow {
  tx.rows.putRun(run)
  tx.touched.add(run.id)
  return run
}

/** Every change between queued and building is an event of the Run, numbered like those that workers append. */
function withState(tx: Transaction, run: RunRow, state: 'queued' | 'building', more?: (events: number) => Partial<RunRow>): RunRow {
  const seq = run.events + 1
  tx.rows.addEvents(run, [{ seq, at: tx.now, attempt: run.attempt, type: 'state', state }])
  return put(tx, { ...run, state, events: seq, ...more?.(seq) })
}

export const cancelled: Exclude<Outcome, { state: 'succeeded' }> = {
  state: 'cancelled',
  error: failure('cancelled', 'The build was cancelled.'),
}

export function countedAttempts(run: RunRow): number {
  return run.attempt - run.drained
}

/** Whether a lease of this attempt may still write: until another claim, or until the Run has gone back to the queue. */
export function holds(run: RunRow | undefined, attempt: number): run is RunRow {
  return run?.state === 'building' && run.attempt === attempt
}

export function stateOf({ build, run }: Shared): State {
  return build.off === undefined ? run.state : 'cancelled'
}

/** When a final Build ended. */
export function endOf({ build, run }: Shared): number | undefined {
  if (build.off !== undefined) return build.off.at
  return run.endedAt === undefined ? undefined : Math.max(run.endedAt, build.acceptedAt)
}

/** Of a Build that has no Run of its own: no driver was chosen for it. */
const withoutRun: Readonly<Record<'joined' | 'hit', string>> = {
  joined: 'a build of the same inputs was in flight',
  hit: 'an earlier run of the same inputs',
}

const finalRecords = new WeakMap<Shared, BuildRecord>()

/** The Build as callers see it; of a final one the same frozen record each time its rows are. */
export function recordOf(shared: Shared): BuildRecord {
  const known = finalRecords.get(shared)
  if (known !== undefined) return known
  const record = newRecord(shared)
  if (isFinal(record.state)) finalRecords.set(shared, freeze(record))
  return record
}

/** The same, not remembered and not frozen: of a Build that is not final, or for the one who has just made it. */
export function newRecord(shared: Shared): BuildRecord {
  const { build, run } = shared
  const { tenant: _, order: __, off, ...own } = build
  const state = stateOf(shared)
  const started = run.startedAt !== undefined && !(off !== undefined && off.attempt === 0)
  return {
    ...own,
    state,
    cancelling: off === undefined && run.cancelling,
    attempt: off?.attempt ?? run.attempt,
    driver: { ...run.driver, ...(build.reuse !== 'none' && { why: withoutRun[build.reuse] }) },
    ...resultOf(shared, state),
    // one that joined, or was a hit, did not start before it was there
    ...(started ? { startedAt: Math.max(run.startedAt, build.acceptedAt) } : {}),
    ...(isFinal(state) ? { endedAt: endOf(shared)! } : {}),
  }
}

function resultOf({ build, run }: Shared, state: State): Pick<BuildRecord, 'built' | 'error'> {
  if (build.off !== undefined) return { error: cancelled.error }
  // an attempt's own reference is gone by then; the Build's is what it was built for
  if (state === 'succeeded') return run.built === undefined ? {} : { built: { ...run.built, ref: build.image } }
  return isFinal(state) ? { error: run.error! } : {}
}

/** How many events of its Run a Build shows. */
export function seenEvents(build: BuildRow, run: RunRow): number {
  return build.off?.events ?? run.events
}

/** The event that ends the stream of a final Build. */
export function lastEvent(shared: Shared, state: FinalState): BuildEvent {
  const { error } = resultOf(shared, state)
  return {
    seq: seenEvents(shared.build, shared.run) + 1,
    at: endOf(shared)!,
    attempt: shared.build.off?.attempt ?? shared.run.attempt,
    type: 'state',
    state,
    ...(error === undefined ? {} : { error }),
  }
}
