import { BuildError } from '../failure/error.ts'
import { existing } from './events.ts'
import { isFinal, type BuildRecord } from './records.ts'
import type { Shared, Transaction } from './rows.ts'
import { cancelled, end, put, recordOf, stateOf } from './state.ts'

/** The transaction of `Store.cancel`: off its Run, and the last one off cancels the Run. */
export function takeOff(tx: Transaction, tenant: string, id: string): BuildRecord {
  const shared = existing(tx.rows, tenant, id)
  if (!isFinal(stateOf(shared))) cancelOne(tx, shared)
  return recordOf(existing(tx.rows, tenant, id))
}

function cancelOne(tx: Transaction, { build, run }: Shared): void {
  const others = tx.rows.buildsOf(run.tenant, run.id).some((other) => other.id !== build.id && other.off === undefined)
  if (others) {
    tx.rows.putBuild({ ...build, off: { at: tx.now, events: run.events, attempt: run.attempt } })
    tx.touched.add(run.id)
  } else if (run.state === 'queued') end(tx, run, cancelled)
  else if (!run.cancelling) put(tx, { ...run, cancelling: true })
}

/** The transaction of `Store.remove`. */
export function removeBuild(tx: Transaction, tenant: string, id: string): void {
  const shared = existing(tx.rows, tenant, id)
  const state = stateOf(shared)
  if (!isFinal(state)) throw new BuildError('invalid_argument', `The build ${id} is ${state}: cancel it before it is removed.`)
  drop(tx, shared)
}

/** Takes a final Build away, and its Run with the last one. */
export function drop(tx: Transaction, { build, run }: Shared): void {
  tx.rows.dropBuild(build)
  if (tx.rows.buildsOf(run.tenant, run.id).length === 0) tx.rows.dropRun(run)
  tx.touched.add(run.id)
}
