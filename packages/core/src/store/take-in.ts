import { BuildError, shown, type Json } from '../failure/error.ts'
import type { Accept, BuildRecord, Idempotency, NewDocument, QueueCaps, Registration, Reuse } from './records.ts'
import type { BuildRow, RunRow, Transaction } from './rows.ts'
import { newId } from './id.ts'
import { newRecord, recordOf } from './state.ts'

/** how long an idempotency key is remembered */
export const idempotencyMs: number = 24 * 3_600_000

export interface Accepted {
  readonly record: BuildRecord
  readonly reuse: Reuse
  readonly repeated: boolean
}

/** The transaction of `Store.accept`. What refuses comes before the first write. */
export function takeIn(tx: Transaction, tenant: string, accept: Accept): Accepted {
  const earlier = accept.idempotency && answeredBefore(tx, tenant, accept.idempotency)
  if (earlier !== undefined) return { record: earlier, reuse: earlier.reuse, repeated: true }
  refuseTaken(tx, tenant, accept.documents ?? [])
  const { run, reuse } = runFor(tx, tenant, accept)
  return { record: buildOn(tx, tenant, accept, run, reuse), reuse, repeated: false }
}

/** The transaction of `Store.register`. */
export function registered(tx: Transaction, tenant: string, image: Registration): Omit<Accepted, 'reuse'> {
  const earlier = image.idempotency && answeredBefore(tx, tenant, image.idempotency)
  if (earlier !== undefined) return { record: earlier, repeated: true }
  refuseTaken(tx, tenant, image.documents ?? [])
  const run = tx.rows.addRun(runRow(tx, tenant, { ...image, driver: { name: 'none', why: 'registered' }, spec: null }, 'succeeded'))
  const ended = { ...run, endedAt: tx.now }
  tx.rows.putRun(ended)
  return { record: buildOn(tx, tenant, image, ended, 'none'), repeated: false }
}

/** The Build of a Run, with all that is written beside it. */
function buildOn(tx: Transaction, tenant: string, accept: Registration, run: RunRow, reuse: Reuse): BuildRecord {
  const { idempotency, documents = [] } = accept
  const build = tx.rows.addBuild(buildRow(tx, tenant, accept, run, reuse))
  if (idempotency !== undefined) tx.rows.answer(tenant, idempotency.key, { build: build.id, request: idempotency.request, at: tx.now })
  for (const { kind, name, value } of documents) tx.rows.putDocument(tenant, kind, { name, version: 1, value })
  tx.touched.add(run.id)
  return newRecord({ build, run })
}

function refuseTaken({ rows }: Transaction, tenant: string, documents: readonly NewDocument[]): void {
  for (const [i, { kind, name }] of documents.entries()) {
    const twice = documents.slice(0, i).some((other) => other.kind === kind && other.name === name)
    if (twice || rows.document(tenant, kind, name) !== undefined)
      throw new BuildError('document_exists', `There is a document ${shown(name)} of kind ${shown(kind)} already.`, {
        data: { kind, name },
      })
  }
}

/** Only what waits counts: what runs is bounded by the workers. */
function refuseFull({ rows }: Transaction, tenant: string, { perTenant, total }: QueueCaps): void {
  if (rows.load(tenant).queued >= perTenant)
    throw new BuildError('queue_full', `${perTenant} builds of this tenant are waiting.`, { data: { of: 'tenant', cap: perTenant } })
  if (rows.load().queued >= total) throw new BuildError('queue_full', `${total} builds are waiting.`, { data: { of: 'all', cap: total } })
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
  if (hit?.state === 'succeeded' && hit.built !== undefined && hit.key === accept.key) return { run: hit, reuse: 'hit' }
  // its inputs may be gone with it: the caller has to bring them
  if (accept.hit !== undefined) throw new BuildError('not_found', 'The earlier Run that was to answer is gone.')
  const inFlight = accept.fresh === true ? undefined : tx.rows.joinable(tenant, accept.key)
  // once a Run has its winner the names of its Builds are being moved: who comes now would be forgotten
  if (inFlight !== undefined && inFlight.built === undefined && outputOf(inFlight.spec) === outputOf(accept.spec))
    return { run: inFlight, reuse: 'joined' }
  if (accept.seen !== undefined) refuseStale(tx, tenant, accept.key, accept.seen, inFlight)
  if (accept.queue !== undefined) refuseFull(tx, tenant, accept.queue)
  return { run: tx.rows.addRun(runRow(tx, tenant, accept, 'queued')), reuse: 'none' }
}

/** Between the look-up and this commit another request of the same inputs may have got its image. */
function refuseStale({ rows }: Transaction, tenant: string, key: Accept['key'], seen: string, inFlight: RunRow | undefined): void {
  const newest = rows.finished(tenant, key, 1)[0]?.id ?? ''
  if (newest !== seen || inFlight?.built !== undefined)
    throw new BuildError('lookup_stale', 'Another build of the same inputs has succeeded since the look-up.')
}

/** Where a spec says its image goes; a Run for another place is no answer. */
function outputOf(spec: Json): Json | undefined {
  return typeof spec === 'object' && spec !== null && 'output' in spec ? spec['output'] : undefined
}

function runRow(
  tx: Transaction,
  tenant: string,
  { key, image, driver, inputs, spec }: Pick<Accept, 'key' | 'image' | 'driver' | 'inputs' | 'spec'>,
  state: 'queued' | 'succeeded',
): Omit<RunRow, 'order'> {
  const start = { state, cancelling: false, attempt: 0, drained: 0, events: 0, base: 0, logsGone: false } as const
  return { tenant, id: newId(tx.now), key, image, driver, inputs, spec, ...start, queuedAt: tx.now }
}

function buildRow(tx: Transaction, tenant: string, accept: Registration, run: RunRow, reuse: Reuse): Omit<BuildRow, 'order'> {
  const { name, key, image, tags, attributes } = accept
  const inputs = reuse === 'hit' ? run.inputs : accept.inputs
  return { tenant, id: newId(tx.now), run: run.id, name, key, image, tags, attributes, inputs, reuse, acceptedAt: tx.now }
}
