import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { whileUnchanged, type Editions } from './editions.ts'
import { freeze, type Digest, type Load, type Rows, type RunRow } from '@kiln/core'

/** Columns of a Run under names that do not meet those of a Build. The spec is not among them: it is read when it is asked for. */
export const runColumns = `r.ord r_ord, r.id r_id, r.tenant r_tenant, r.key r_key, r.image r_image, r.driver r_driver, r.why r_why,
  r.inputs r_inputs, r.state r_state, r.cancelling r_cancelling, r.attempt r_attempt, r.drained r_drained, r.events r_events,
  r.base r_base, r.logs_gone r_logs_gone, r.worker r_worker, r.lease_until r_lease_until, r.queued_at r_queued_at,
  r.started_at r_started_at, r.ended_at r_ended_at, r.built r_built, r.error r_error`

export interface RunColumns {
  readonly r_ord: number
  readonly r_id: string
  readonly r_tenant: string
  readonly r_key: Digest
  readonly r_image: string
  readonly r_driver: string
  readonly r_why: string
  readonly r_inputs: string
  readonly r_state: RunRow['state']
  readonly r_cancelling: number
  readonly r_attempt: number
  readonly r_drained: number
  readonly r_events: number
  readonly r_base: number
  readonly r_logs_gone: number
  readonly r_worker: string | null
  readonly r_lease_until: number | null
  readonly r_queued_at: number
  readonly r_started_at: number | null
  readonly r_ended_at: number | null
  readonly r_built: string | null
  readonly r_error: string | null
}

export type ToRun = (columns: RunColumns) => RunRow

/** finished Runs that are kept in memory, each about 4 KiB */
const keptRuns = 1_000

/**
 * Finished Runs by `ord`, which is never used again: what is read of them does not change any more (but `logsGone`, for which
 * nobody asks here). What was read of a write that is taken back is forgotten; whether a Run is there is asked each time.
 */
interface FinishedRuns {
  get(ord: number): RunRow | undefined
  add(run: RunRow): RunRow
}

function finishedRuns(editions: Editions): FinishedRuns {
  const kept = new Map<number, RunRow>()
  editions.whenUndone(() => kept.clear())
  return {
    get: (ord) => kept.get(ord),
    add: (run) => {
      // a copy without getters: what it will be asked for is parsed once; frozen, since parts of it are handed out
      const whole = freeze({ ...run })
      kept.set(run.order, whole)
      if (kept.size > keptRuns) kept.delete(kept.keys().next().value!)
      return whole
    },
  }
}

export function runReader(db: DatabaseSync): ToRun {
  const spec = db.prepare('select spec from runs where ord = ?')
  return (row) => ({
    order: row.r_ord,
    id: row.r_id,
    tenant: row.r_tenant,
    key: row.r_key,
    image: row.r_image,
    driver: { name: row.r_driver, why: row.r_why },
    // large, and not wanted for records: parsed on demand (a copy by `{...run}` demands it)
    get inputs() {
      return JSON.parse(row.r_inputs) as RunRow['inputs']
    },
    get spec() {
      return JSON.parse((spec.get(row.r_ord) as { readonly spec: string }).spec) as RunRow['spec']
    },
    state: row.r_state,
    cancelling: row.r_cancelling === 1,
    attempt: row.r_attempt,
    drained: row.r_drained,
    events: row.r_events,
    base: row.r_base,
    logsGone: row.r_logs_gone === 1,
    queuedAt: row.r_queued_at,
    ...(row.r_worker === null ? {} : { lease: { worker: row.r_worker, until: row.r_lease_until! } }),
    ...(row.r_started_at === null ? {} : { startedAt: row.r_started_at }),
    ...(row.r_ended_at === null ? {} : { endedAt: row.r_ended_at }),
    ...(row.r_built === null ? {} : { built: JSON.parse(row.r_built) as NonNullable<RunRow['built']> }),
    ...(row.r_error === null ? {} : { error: JSON.parse(row.r_error) as NonNullable<RunRow['error']> }),
  })
}

type RunRows = Pick<Rows, 'run' | 'runOfAnyone' | 'addRun' | 'putRun' | 'dropRun' | 'joinable' | 'finished' | 'overdue' | 'next' | 'load'>

/** ms: who takes one of them is told in the transaction when it has gone meanwhile */
const recallAge = 1

/** Outside of a transaction: what was read before and held a moment ago. */
type RecallFinished = (tenant: string, key: Digest, limit: number) => readonly RunRow[] | undefined

/** `builds`: a Build has the state of its Run. */
export function runRows(db: DatabaseSync, builds: Editions, runs: Editions): { readonly rows: RunRows; readonly recall: RecallFinished } {
  const { recall, ...reads } = runReads(db, runs)
  return { rows: { ...runWrites(db, builds, runs), ...reads }, recall }
}

function runReads(
  db: DatabaseSync,
  editions: Editions,
): Pick<RunRows, 'run' | 'runOfAnyone' | 'joinable' | 'finished' | 'overdue' | 'next' | 'load'> & { readonly recall: RecallFinished } {
  const toRun = runReader(db)
  const one = (statement: StatementSync, ...values: readonly (string | number)[]): RunRow | undefined => {
    const row = statement.get(...values) as unknown as RunColumns | undefined
    return row === undefined ? undefined : toRun(row)
  }
  const many = (statement: StatementSync, ...values: readonly (string | number)[]): readonly RunRow[] =>
    (statement.all(...values) as unknown as readonly RunColumns[]).map(toRun)
  const select = (rest: string): StatementSync => db.prepare(`select ${runColumns} from runs r ${rest}`)

  const known = finishedRuns(editions)
  const unchanged = whileUnchanged(editions)
  const at = select('where r.ord = ?')
  const byId = select('where r.id = ?')
  const ofTenant = db.prepare('select ord from runs where id = ? and tenant = ?')
  const open = select(
    `where r.tenant = ? and r.key = ? and r.state in ('queued', 'building') and r.cancelling = 0 order by r.ord desc limit 1`,
  )
  const ended = db.prepare(`select ord from runs where tenant = ? and key = ? and state = 'succeeded' and built is not null
    order by ended_at desc, ord desc limit ?`)
  // each part by an index of its own, so that a long queue costs nothing
  const over = select(`where r.ord in (
    select ord from runs where state = 'building' and lease_until <= ?1
    union all select * from (select ord from runs where state = 'queued' and queued_at <= ?2 order by queued_at limit ?4)
    union all select ord from runs where state = 'queued' and attempt > 0 and attempt - drained >= ?3) order by r.ord limit ?4`)
  const fair = select(`where r.ord = (select q.first from
    (select tenant, min(ord) first from runs where state = 'queued' and driver in (select value from json_each(?)) group by tenant) q
    left join (select tenant, count(*) running from runs where state = 'building' group by tenant) t on t.tenant = q.tenant
    where coalesce(t.running, 0) < ? order by coalesce(t.running, 0), q.first limit 1)`)
  const counts = (which: string): StatementSync =>
    db.prepare(`select (select count(*) from runs where state = 'queued' ${which}) queued,
      (select count(*) from runs where state = 'building' ${which}) building`)
  const asked = (tenant: string, key: Digest, limit: number): string => `finished ${key} ${limit} ${tenant}`
  const [loadOfAll, loadOfOne] = [counts(''), counts('and tenant = ?1')]
  return {
    run: (tenant, id) => {
      const ord = unchanged.ask(
        `run ${id.length} ${id} ${tenant}`,
        () => (ofTenant.get(id, tenant) as { readonly ord: number } | undefined)?.ord,
      )
      return ord === undefined ? undefined : (known.get(ord) ?? one(at, ord))
    },
    runOfAnyone: (id) => one(byId, id),
    joinable: (tenant, key) => one(open, tenant, key),
    finished: (tenant, key, limit) => {
      const ords = (): readonly number[] =>
        (ended.all(tenant, key, limit) as unknown as readonly { readonly ord: number }[]).map(({ ord }) => ord)
      return unchanged.ask(asked(tenant, key, limit), ords).map((ord) => known.get(ord) ?? known.add(one(at, ord)!))
    },
    recall(tenant, key, limit) {
      const ords = unchanged.recall(asked(tenant, key, limit), recallAge) as readonly number[] | undefined
      const runs = ords?.map((ord) => known.get(ord))
      return runs?.every((run) => run !== undefined) === true ? runs : undefined
    },
    overdue: ({ now, queuedBefore, attempts, limit }) => many(over, now, queuedBefore, attempts, limit),
    next: (drivers, perTenant) => one(fair, JSON.stringify(drivers), perTenant),
    load: (tenant) => ({ ...(tenant === undefined ? loadOfAll.get() : loadOfOne.get(tenant)) }) as unknown as Load,
  }
}

function runWrites(db: DatabaseSync, builds: Editions, runs: Editions): Pick<RunRows, 'addRun' | 'putRun' | 'dropRun'> {
  const insert = db.prepare(`insert into runs (id, tenant, key, image, driver, why, inputs, spec, state, cancelling, attempt, drained,
    events, base, logs_gone, queued_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const update = db.prepare(`update runs set state = ?, cancelling = ?, attempt = ?, drained = ?, events = ?, base = ?, logs_gone = ?,
    worker = ?, lease_until = ?, queued_at = ?, started_at = ?, ended_at = ?, built = ?, error = ? where ord = ?`)
  // lists are filtered by a Build's state, which is its Run's
  const follow = db.prepare('update builds set state = ?1 where run = ?2 and off is null and state <> ?1')
  const drop = db.prepare('delete from runs where ord = ?')
  const dropEvents = db.prepare('delete from events where run = ?')
  const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
  return {
    addRun: (r) => {
      runs.change()
      const numbers = [Number(r.cancelling), r.attempt, r.drained, r.events, r.base, Number(r.logsGone), r.queuedAt]
      const fixed = [r.id, r.tenant, r.key, r.image, r.driver.name, r.driver.why, JSON.stringify(r.inputs), JSON.stringify(r.spec)]
      const { lastInsertRowid } = insert.run(...fixed, r.state, ...numbers)
      return { ...r, order: Number(lastInsertRowid) }
    },
    putRun: (r) => {
      runs.change()
      const numbers = [Number(r.cancelling), r.attempt, r.drained, r.events, r.base, Number(r.logsGone)]
      const times = [r.queuedAt, r.startedAt ?? null, r.endedAt ?? null]
      update.run(r.state, ...numbers, r.lease?.worker ?? null, r.lease?.until ?? null, ...times, json(r.built), json(r.error), r.order)
      if (follow.run(r.state, r.id).changes > 0) builds.change()
    },
    dropRun: ({ order }) => {
      runs.change()
      dropEvents.run(order)
      drop.run(order)
    },
  }
}
