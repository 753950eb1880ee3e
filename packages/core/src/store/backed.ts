import { BuildError } from '../failure/error.ts'
import { claimNext, sharers, workToDo } from './claim.ts'
import { documentsOf, writeDocument } from './documents.ts'
import { follow } from './events.ts'
import { appendEvents, commitBuilt, releaseRun, renewLease, settleRun } from './lease.ts'
import { countBuilds, listBuilds } from './listing.ts'
import { prune } from './prune.ts'
import type { Accept, Inputs } from './records.ts'
import type { Backend, RunRow, Transaction } from './rows.ts'
import { holds, recordOf } from './state.ts'
import { leaseMs, type ClaimRules, type FinishedRun, type Lease, type Queue, type Store } from './store.ts'
import { frozen } from './frozen.ts'
import { answeredBefore, registered, takeIn } from './take-in.ts'
import { removeBuild, takeOff } from './take-off.ts'

export interface StoreOptions {
  /** ms a lease lasts without `renew`; default 30 s */
  readonly lease?: number
}

/** how often a waiting claim looks for leases and waiting times that are over */
const lookAgainMs = 250
/** stands for inputs that nobody reads */
const unread: Inputs = { tree: 'sha256:', recipe: 'sha256:', parts: {} }
/** finished Runs of a Key that are offered for a hit */
const offered = 100

/** The store over a backend with synchronous transactions. All writes of a Run or a Build are one transaction each. */
export function storeOver(backend: Backend, options: StoreOptions = {}): Store {
  const gate = createGate(backend)
  const { read } = gate
  return {
    queue: queueOver(gate, options.lease ?? leaseMs),
    answered: async (tenant, idempotency) => {
      const earlier = await read((rows) => answeredBefore({ rows, now: gate.now() }, tenant, idempotency))
      // its own writer may still wait for the disk, and this answer promises as much
      if (earlier) await gate.writeQuietly(() => undefined, true)
      return earlier
    },
    finished: async (tenant, key) => {
      const runs = gate.recall()?.finished(tenant, key, offered) ?? (await read((rows) => rows.finished(tenant, key, offered)))
      return runs.map(finishedRun)
    },
    accept: async (tenant, build) => {
      const given = build.hit === undefined ? frozen(build) : ofHit(build)
      const answer = await gate.writeQuietly((tx) => takeIn(tx, tenant, given), true)
      // only a new Run is work: hits come by the thousand
      if (answer.reuse === 'none') gate.changes.announce(['queue'])
      return answer
    },
    register: async (tenant, image) => {
      const given = frozen(image)
      return await gate.writeQuietly((tx) => registered(tx, tenant, given), true)
    },
    get: async (tenant, id) => {
      const shared = gate.recall()?.build(tenant, id) ?? (await read((rows) => rows.shown(tenant, id)))
      return shared && recordOf(shared)
    },
    list: (tenant, query) => read((rows) => listBuilds(rows, tenant, query)),
    count: (tenant, filter) => read((rows) => countBuilds(rows, tenant, filter)),
    load: () => read((rows) => rows.load()),
    writable: () => gate.writeQuietly(() => undefined, true),
    cancel: (tenant, id) => gate.write((tx) => takeOff(tx, tenant, id)),
    events: (tenant, id, following) => follow(gate, tenant, id, following),
    remove: (tenant, id) => gate.write((tx) => removeBuild(tx, tenant, id)),
    prune: (rules) => prune(gate, rules),
    read: (tenant, kind, query) => read((rows) => documentsOf(rows, tenant, kind, query)),
    write: async (tenant, kind, name, value, expect) => {
      const given = frozen(value)
      return await gate.writeQuietly((tx) => writeDocument(tx.rows, tenant, kind, name, given, expect), true)
    },
    [Symbol.asyncDispose]: () => gate.close(),
  }
}

function queueOver(gate: Gate, ms: number): Queue {
  return {
    leaseMs: ms,
    claim: (worker, rules) => waitForWork(gate, worker, rules, ms),
    // a power cut ends leases anyway, and the tail of a log is not worth a wait for the disk
    renew: (lease) => gate.writeQuietly((tx) => renewLease(tx, lease, ms), false),
    append: async (lease, firstSeq, events) => {
      const given = frozen(events)
      return await gate.writeQuietly((tx) => appendEvents(tx, lease, firstSeq, given), false)
    },
    commit: async (lease, built) => {
      const given = frozen(built)
      return await gate.writeQuietly((tx) => commitBuilt(tx, lease, given), true)
    },
    sharers: (lease) => gate.read((rows) => sharers(rows, lease.tenant, lease.run)),
    settle: async (lease, outcome) => {
      const given = frozen(outcome)
      return await gate.write((tx) => settleRun(tx, lease, given))
    },
    release: (lease, why) => gate.write((tx) => releaseRun(tx, lease, why)),
    alive: (run, attempt) =>
      gate.read((rows) => {
        const row = rows.runOfAnyone(run)
        // until it is settled, the next claim tags from what an earlier attempt has committed
        if (row?.built !== undefined && row.endedAt === undefined) return true
        return holds(row, attempt) && row.lease !== undefined && row.lease.until > gate.now()
      }),
  }
}

async function waitForWork(
  gate: Gate,
  worker: string,
  options: ClaimRules & { readonly signal?: AbortSignal },
  ms: number,
): Promise<Lease> {
  const { signal, ...rules } = options
  const listener = gate.changes.listen('queue')
  try {
    for (;;) {
      signal?.throwIfAborted()
      listener.reset()
      const lease = await claimIfAny(gate, worker, rules, ms, signal)
      if (lease !== undefined) return lease
      await listener.wait(lookAgainMs, signal)
    }
  } finally {
    listener.close()
  }
}

/** Looks first without a lock, as many do that wait. */
async function claimIfAny(gate: Gate, worker: string, rules: ClaimRules, ms: number, signal?: AbortSignal): Promise<Lease | undefined> {
  if (!(await gate.read((rows) => workToDo(rows, gate.now(), rules)))) return undefined
  return await gate.write((tx) => {
    // the last moment at which giving up costs nothing
    signal?.throwIfAborted()
    return claimNext(tx, worker, rules, ms)
  })
}

/** What belongs to its Run is not copied: hits come by the thousand. */
function ofHit({ inputs: _inputs, spec: _spec, driver, tags, attributes, documents, idempotency, ...texts }: Accept): Accept {
  const copies = {
    tags: frozen(tags),
    attributes: frozen(attributes),
    ...(documents && { documents: frozen(documents) }),
    ...(idempotency && { idempotency: frozen(idempotency) }),
  }
  return { ...texts, ...copies, inputs: unread, spec: null, driver }
}

function finishedRun({ id, driver, endedAt, image, inputs, spec, built }: RunRow): FinishedRun {
  return { run: id, driver: driver.name, at: endedAt!, image, inputs, spec, built: built! }
}

/** The backend with a door: nothing passes after `close`, and who waits for what was written is woken. */
export interface Gate extends Pick<Backend, 'read' | 'changes' | 'now'> {
  recall(): Backend['recall']
  /** durable, and perhaps there is work now */
  write<T>(work: (tx: Transaction) => T): Promise<T>
  writeQuietly<T>(work: (tx: Transaction) => T, durable: boolean): Promise<T>
  close(): Promise<void>
}

function createGate(backend: Backend): Gate {
  const { changes } = backend
  let closing: Promise<void> | undefined
  const now = (): number => backend.now()
  function enter(): void {
    if (closing !== undefined) throw new BuildError('closed', 'The store was closed.')
  }
  async function transact<T>(work: (tx: Transaction) => T, durable: boolean, topics: readonly string[]): Promise<T> {
    enter()
    const touched = new Set<string>()
    const result = await backend.write(
      (rows) => {
        touched.clear()
        return work({ rows, now: now(), touched })
      },
      { durable },
    )
    changes.announce([...touched, ...topics])
    return result
  }
  return {
    now,
    changes,
    read: async (work) => {
      enter()
      return await backend.read(work)
    },
    recall() {
      enter()
      return backend.recall
    },
    write: (work) => transact(work, true, ['queue']),
    writeQuietly: (work, durable) => transact(work, durable, []),
    close: () => {
      changes.close()
      return (closing ??= Promise.resolve(backend[Symbol.asyncDispose]()))
    },
  }
}
