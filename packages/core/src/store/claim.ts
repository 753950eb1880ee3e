import { failure } from '../failure/error.ts'
import type { RunRow, Rows, Transaction } from './rows.ts'
import { countedAttempts, end, handBack, take } from './state.ts'
import type { ClaimRules, Lease } from './store.ts'

/** overdue Runs looked after in one transaction */
const sweep = 100

/** Whether a transaction is worth it: read without a lock, by all who wait. */
export function workToDo(rows: Rows, now: number, rules: ClaimRules): boolean {
  return overdue(rows, now, rules, 1).length > 0 || rows.next(rules.drivers, rules.perTenant) !== undefined
}

/** The transaction of `Queue.claim`: ends or hands back what is overdue, then takes the next Run if there is one. */
export function claimNext(tx: Transaction, worker: string, rules: ClaimRules, leaseMs: number): Lease | undefined {
  for (const run of overdue(tx.rows, tx.now, rules, sweep)) settleOverdue(tx, run, rules)
  const next = tx.rows.next(rules.drivers, rules.perTenant)
  return next === undefined ? undefined : leaseOf(tx.rows, take(tx, next, worker, leaseMs))
}

function overdue(rows: Rows, now: number, rules: ClaimRules, limit: number): readonly RunRow[] {
  return rows.overdue({ now, queuedBefore: now - rules.queueMs, attempts: rules.attempts, limit })
}

function settleOverdue(tx: Transaction, run: RunRow, rules: ClaimRules): void {
  // a committed result is only to be finished, however many attempts it takes
  if (run.built !== undefined) return run.state === 'building' ? void handBack(tx, run, 'lost') : undefined
  const spent = countedAttempts(run) >= rules.attempts
  if (run.state === 'building' && (run.cancelling || !spent)) handBack(tx, run, 'lost')
  else if (spent) end(tx, run, { state: 'failed', error: workerLost(run) })
  else end(tx, run, { state: 'expired', error: queueExpired(tx.now - run.queuedAt) })
}

function workerLost(run: RunRow): ReturnType<typeof failure> {
  return failure('worker_lost', `The build was started ${run.attempt} times and no worker finished it.`, {
    data: { attempts: run.attempt },
  })
}

function queueExpired(waitedMs: number): ReturnType<typeof failure> {
  return failure('queue_expired', `No worker took the build within ${Math.round(waitedMs / 1000)} seconds.`, { data: { waitedMs } })
}

function leaseOf(rows: Rows, run: RunRow): Lease {
  const { tenant, id, attempt, spec, built } = run
  const builds = sharers(rows, tenant, id)
  return {
    tenant,
    run: id,
    attempt,
    tries: countedAttempts(run),
    nextSeq: run.events + 1,
    spec,
    builds,
    ...(built === undefined ? {} : { built }),
  }
}

export function sharers(rows: Rows, tenant: string, run: string): Lease['builds'] {
  return rows
    .buildsOf(tenant, run)
    .filter((build) => build.off === undefined)
    .map(({ image, tags }) => ({ image, tags }))
}
