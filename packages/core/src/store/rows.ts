import type { Built, Digest } from '../driver/driver.ts'
import type { Failure, Json } from '../failure/error.ts'
import type { Changes } from './changes.ts'
import type { BuildEvent, Inputs, Reuse, State } from './records.ts'
import type { BuildFilter, ListSort, Load, StoredDocument } from './store.ts'

/**
 * What a store with synchronous transactions has to keep. The meaning of it all is written once, in `backed.ts` and the files
 * it names; a backend only reads and writes rows. Rows are replaced whole, never changed in place.
 */
export interface Backend extends AsyncDisposable {
  /** ms since the epoch, one clock for all who share the data */
  now(): number
  /** `work` sees one state of the data. */
  read<T>(work: (rows: Rows) => T): Promise<T>
  /** What is remembered, where that needs no transaction; else undefined, whatever the reason. */
  readonly recall?: {
    /** a final Build that is still there */
    build(tenant: string, id: string): Shared | undefined
    /** as `Rows.finished`, a moment ago */
    finished(tenant: string, key: Digest, limit: number): readonly RunRow[] | undefined
  }
  /**
   * `work` is one transaction: when it throws nothing of it is kept. It may be called again when it, or one that shares its commit, could not be committed.
   * `durable`: survives a power cut once resolved; without, only the death of the process.
   */
  write<T>(work: (rows: Rows) => T, options: { readonly durable: boolean }): Promise<T>
  /** wakes those who wait, also for what other processes write */
  readonly changes: Changes
}

export interface RunRow {
  readonly tenant: string
  readonly id: string
  /** rises with every Run the store takes in */
  readonly order: number
  readonly key: Digest
  readonly image: string
  readonly driver: { readonly name: string; readonly why: string }
  /** of the Build that made the Run: in use as long as the Run is, even when that Build has gone */
  readonly inputs: Inputs
  readonly spec: Json
  readonly state: State
  readonly cancelling: boolean
  readonly attempt: number
  /** attempts handed back by `drain`: raised, but not counted */
  readonly drained: number
  /** how many events are kept, which is the seq of the newest */
  readonly events: number
  /** the same at the last claim: what the attempt appends is numbered above */
  readonly base: number
  /** the kept events were pruned */
  readonly logsGone: boolean
  readonly lease?: { readonly worker: string; readonly until: number }
  /** when it was last put in the queue */
  readonly queuedAt: number
  /** the first claim */
  readonly startedAt?: number
  readonly endedAt?: number
  /** the winning result, from `commit` on */
  readonly built?: Built
  readonly error?: Failure
}

export interface BuildRow {
  readonly tenant: string
  readonly id: string
  /** rises with every Build the store takes in */
  readonly order: number
  readonly run: string
  readonly name: string
  readonly key: Digest
  readonly image: string
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  readonly inputs: Inputs
  readonly reuse: Reuse
  readonly acceptedAt: number
  /** cancelled off a Run that went on without it: what of the Run it saw */
  readonly off?: { readonly at: number; readonly events: number; readonly attempt: number }
}

export interface AnsweredRow {
  readonly build: string
  readonly request: Digest
  readonly at: number
}

/** A Build with its Run. */
export interface Shared {
  readonly build: BuildRow
  readonly run: RunRow
}

/** Where a page of a list begins or ends: a Build, by what the list is sorted by. */
export interface Cursor {
  readonly order: number
  /** the text it is sorted by; absent where the list goes by acceptance, or the Build has no such attribute */
  readonly value?: string
}

export interface RowQuery {
  readonly filter: BuildFilter
  readonly sort: ListSort
  readonly order: 'asc' | 'desc'
  readonly limit: number
  readonly offset: number
  readonly after?: Cursor
  readonly before?: Cursor
}

export interface Rows {
  build(tenant: string, id: string): Shared | undefined
  /** all Builds of a Run in the order of their acceptance, those cancelled off it too */
  buildsOf(tenant: string, run: string): readonly BuildRow[]
  /** the same for records only: of a final Build it may be a copy that was read before, as long as the Build is there */
  shown(tenant: string, id: string): Shared | undefined
  /** as `Store.list` says; for records only */
  list(tenant: string, query: RowQuery): readonly Shared[]
  count(tenant: string, filter: BuildFilter): number
  /** of all tenants, oldest first, those with a higher order than `after` */
  scan(after: number, limit: number): readonly Shared[]
  addBuild(row: Omit<BuildRow, 'order'>): BuildRow
  putBuild(row: BuildRow): void
  dropBuild(row: BuildRow): void

  run(tenant: string, id: string): RunRow | undefined
  /** by its id alone: for `Queue.alive` */
  runOfAnyone(id: string): RunRow | undefined
  addRun(row: Omit<RunRow, 'order'>): RunRow
  putRun(row: RunRow): void
  /** with its events */
  dropRun(row: RunRow): void
  /** the newest Run of a Key that is queued or building and not `cancelling` */
  joinable(tenant: string, key: Digest): RunRow | undefined
  /** succeeded ones that built something, newest first */
  finished(tenant: string, key: Digest, limit: number): readonly RunRow[]
  /** building with a lease that is over; queued before `queuedBefore`; queued with `attempts` counted attempts behind it */
  overdue(what: {
    readonly now: number
    readonly queuedBefore: number
    readonly attempts: number
    readonly limit: number
  }): readonly RunRow[]
  /** the queued Run to take: its tenant has the fewest building ones, and fewer than `perTenant`; then the lowest order */
  next(drivers: readonly string[], perTenant: number): RunRow | undefined
  /** of one tenant, or of all */
  load(tenant?: string): Load

  addEvents(run: RunRow, events: readonly BuildEvent[]): void
  /** those with `after` < seq <= `last`, at least one if there is one; about `limit` */
  events(run: RunRow, after: number, last: number, limit: number): readonly BuildEvent[]
  dropEvents(run: RunRow): void

  answered(tenant: string, key: string): AnsweredRow | undefined
  answer(tenant: string, key: string, row: AnsweredRow): void
  /** those written before `at` */
  dropAnswered(before: number): void

  document(tenant: string, kind: string, name: string): StoredDocument | undefined
  /** by the bytes of their names */
  documents(tenant: string, kind: string, after: string | undefined, limit: number): readonly StoredDocument[]
  putDocument(tenant: string, kind: string, document: StoredDocument): void
  dropDocument(tenant: string, kind: string, name: string): void
}

/** What the functions of a transaction work with. */
export interface Transaction {
  readonly rows: Rows
  readonly now: number
  /** ids of Runs that were changed; those who follow them are woken after the commit */
  readonly touched: Set<string>
}
