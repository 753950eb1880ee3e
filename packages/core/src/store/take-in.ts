import { BuildError, shown, type Json } from '../failure/error.ts'
import type { Accept, BuildRecord, Idempotency, Reuse } from './records.ts'
import type { BuildRow, RunRow, Transaction } from './rows.ts'
import { newId } from './id.ts'
import { recordOf } from './state.ts'

/** how long an idempotency key is remembered */
export const idempotencyMs: number = 24 * 3_600_000

export interface Accepted {
  readonly record: BuildRecord
  readonly reuse: Reuse
  readonly repeated: boolean
}

/** The transaction of `Store.accept`. */
export function takeIn(tx: Transaction, tenant: string, accept: Accept): Accepted {
  const earlier = accept.idempotency && answeredBefore(tx, tenant, accept.idempotency)
  if (earlier !== undefined) return { record: earlier, reuse: earlier.reuse, repeated: true }
  const { run, reuse } = runFor(tx, tenant, accept)
  const build = tx.rows.addBuild(buildRow(tx, tenant, accept, run, reuse))
  const { idempotency } = accept
  if (idempotency !== undefined) tx.rows.answer(tenant, idempotency.key, { build: build.id, request: idempotency.request, at: tx.now })
  tx.touched.add(run.id)
  return { record: recordOf({ build, run }), reuse, repeated: false }
}

/** The work of `Store.answered`, and the first of `Store.accept`. */
export function answeredBefore(
  { rows, now }: Pick<Transaction, 'rows' | 'now'>,
  tenant: string,
  { key, request }: Idempotency,
): BuildRecord | undefined {
  const row = rows.answered(tenant, key)
  if (row === undefined || row.at + idempotencyMs <= now) return undefined
  const shared = rows.build(tenant, row.build)
  if (shared === undefined) return undefined
  if (row.request !== request)
    throw new BuildError('idempotency_mismatch', `The idempotency key ${shown(key)} was used for another request.`, {
      data: { build: row.build },
    })
  return recordOf(shared)
}

function runFor(tx: Transaction, tenant: string, accept: Accept): { readonly run: RunRow; readonly reuse: Reuse } {
  const hit = accept.hit === undefined ? undefined : tx.rows.run(tenant, accept.hit)
  if (hit?.state === 'succeeded' && hit.key === accept.key) return { run: hit, reuse: 'hit' }
  // its inputs may be gone with it: the caller has to bring them
  if (accept.hit !== undefined) throw new BuildError('not_found', 'The earlier Run that was to answer is gone.')
  const inFlight = accept.fresh === true ? undefined : tx.rows.joinable(tenant, accept.key)
  // once a Run has its winner the names of its Builds are being moved: who comes now would be forgotten
  if (inFlight !== undefined && inFlight.built === undefined && outputOf(inFlight.spec) === outputOf(accept.spec))
    return { run: inFlight, reuse: 'joined' }
  return { run: tx.rows.addRun(runRow(tx, tenant, accept)), reuse: 'none' }
}

/** Where a spec says its image goes; a Run for another place is no answer. */
function outputOf(spec: Json): Json | undefined {
  return typeof spec === 'object' && spec !== null && 'output' in spec ? spec['output'] : undefined
}

function runRow(tx: Transaction, tenant: string, accept: Accept): Omit<RunRow, 'order'> {
  const { key, image, driver, inputs, spec } = accept
  const start = { state: 'queued', cancelling: false, attempt: 0, drained: 0, events: 0, base: 0, logsGone: false } as const
  return { tenant, id: newId(tx.now), key, image, driver, inputs, spec, ...start, queuedAt: tx.now }
}

function buildRow(tx: Transaction, tenant: string, accept: Accept, run: RunRow, reuse: Reuse): Omit<BuildRow, 'order'> {
  const { name, key, image, tags, attributes, inputs } = accept
  return { tenant, id: newId(tx.now), run: run.id, name, key, image, tags, attributes, inputs, reuse, acceptedAt: tx.now }
}
