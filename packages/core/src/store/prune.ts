import type { Digest } from '../driver/driver.ts'
import type { Gate } from './backed.ts'
import type { Inputs } from './records.ts'
import { isFinal } from './records.ts'
import type { Shared } from './rows.ts'
import { endOf, stateOf } from './state.ts'
import type { PruneRules } from './store.ts'
import { drop } from './take-off.ts'
import { idempotencyMs } from './take-in.ts'

type Held = Map<string, Set<Digest>>
/** rows of one read, and of one write: what others wait for at most */
const pageSize = 500

/** Page by page, so that nobody waits long. What is accepted meanwhile is younger than anything removed here. */
export async function prune(gate: Gate, rules: PruneRules): Promise<{ readonly removed: number; readonly held: Held }> {
  const held: Held = new Map()
  const quiet = new Map<string, Quiet>()
  let removed = 0
  for await (const page of pages(gate)) {
    removed += await removeOld(gate, page, rules)
    for (const shared of page) {
      if (!isOlder(gate, shared, rules.records)) hold(held, shared, gate.now(), rules)
      noteQuiet(quiet, shared)
    }
  }
  await dropLogs(gate, [...quiet.values()], rules)
  await gate.writeQuietly((tx) => tx.rows.dropAnswered(tx.now - idempotencyMs), false)
  return { removed, held }
}

async function* pages(gate: Gate): AsyncGenerator<readonly Shared[]> {
  for (let after = -1; ;) {
    const page = await gate.read((rows) => rows.scan(after, pageSize))
    if (page.length === 0) return
    yield page
    after = page.at(-1)!.build.order
  }
}

function isOlder(gate: Pick<Gate, 'now'>, shared: Shared, ms: number): boolean {
  const end = endOf(shared)
  return end !== undefined && end <= gate.now() - ms
}

async function removeOld(gate: Gate, page: readonly Shared[], rules: PruneRules): Promise<number> {
  const old = page.filter((shared) => isOlder(gate, shared, rules.records))
  if (old.length === 0) return 0
  return await gate.write((tx) => {
    // looked up again: another process may prune as well
    const there = old.map(({ build }) => tx.rows.build(build.tenant, build.id)).filter((shared) => shared !== undefined)
    for (const shared of there) drop(tx, shared)
    return there.length
  })
}

function hold(held: Held, shared: Shared, now: number, rules: PruneRules): void {
  const { build, run } = shared
  const end = endOf(shared)
  const period = stateOf(shared) === 'succeeded' ? rules.contexts : rules.failedContexts
  const context = end === undefined || end > now - period
  add(held, build.tenant, build.inputs, context)
  if (!isFinal(run.state)) add(held, run.tenant, run.inputs, true)
}

function add(held: Held, tenant: string, { tree, plan, recipe, context }: Inputs, withContext: boolean): void {
  const digests = held.get(tenant) ?? new Set()
  held.set(tenant, digests)
  for (const digest of [tree, plan, recipe, withContext ? context : undefined]) if (digest !== undefined) digests.add(digest)
}

/** A Run and the end of its last Build, as far as all have ended. */
interface Quiet {
  readonly tenant: string
  readonly id: string
  readonly since: number
}

function noteQuiet(quiet: Map<string, Quiet>, shared: Shared): void {
  const { run } = shared
  if (!isFinal(run.state) || run.logsGone || run.events === 0) return
  const since = Math.max(endOf(shared)!, quiet.get(run.id)?.since ?? 0)
  quiet.set(run.id, { tenant: run.tenant, id: run.id, since })
}

async function dropLogs(gate: Gate, quiet: readonly Quiet[], rules: PruneRules): Promise<void> {
  const old = quiet.filter(({ since }) => since <= gate.now() - rules.logs)
  for (let i = 0; i < old.length; i += pageSize) {
    await gate.writeQuietly((tx) => {
      for (const { tenant, id } of old.slice(i, i + pageSize)) {
        const run = tx.rows.run(tenant, id)
        if (run === undefined) continue
        tx.rows.dropEvents(run)
        tx.rows.putRun({ ...run, logsGone: true })
      }
    }, true)
  }
}
