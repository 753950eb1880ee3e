import type { Built, Digest } from '../driver/driver.ts'
import type { Json } from '../failure/error.ts'
import type { Accept, BuildEvent, BuildRecord, Idempotency, Inputs, KeptEvent, Outcome, Registration, Reuse, State } from './records.ts'

type Signal = { readonly signal?: AbortSignal }

/**
 * Records, and the queue of Runs, in one transaction domain. The tenant comes first in every call or is inside the
 * lease: nothing can be asked across tenants. Nothing assumes one process. Throws `store_unavailable`, `store_corrupt`.
 */
export interface Store extends AsyncDisposable {
  readonly queue: Queue
  /**
   * What `accept` would answer an idempotency key with now: the Build of the same request. Only a look, so that a repeat needs
   * nothing made ready; `accept` decides. Throws `idempotency_mismatch`.
   */
  answered(tenant: string, idempotency: Idempotency): Promise<BuildRecord | undefined>
  /** succeeded Runs of a Key that are still kept, newest first */
  finished(tenant: string, key: Digest): Promise<readonly FinishedRun[]>
  /**
   * The idempotency row, the Build, and its Run (the hit, the one in flight of the same Key, or a new one) in one durable commit.
   * The same idempotency key and request again answers with the first record. Throws `idempotency_mismatch`,
   * `document_exists`, `queue_full`.
   */
  accept(tenant: string, build: Accept): Promise<{ readonly record: BuildRecord; readonly reuse: Reuse; readonly repeated: boolean }>
  /**
   * A Build that is succeeded at once, on a Run of its own that nobody claims and no request hits (driver `none`, no `built`), in
   * one durable commit. Throws `idempotency_mismatch`, `document_exists`.
   */
  register(tenant: string, image: Registration): Promise<{ readonly record: BuildRecord; readonly repeated: boolean }>
  get(tenant: string, id: string): Promise<BuildRecord | undefined>
  /** Throws `invalid_argument` for a cursor that is no Build of the tenant, and for bounds that are none. */
  list(tenant: string, query: ListQuery): Promise<readonly BuildRecord[]>
  count(tenant: string, filter: BuildFilter): Promise<number>
  /** Runs of all tenants that wait or are worked on */
  load(): Promise<Load>
  /** Resolves when a write would be kept now; rejects with what is in its way. */
  writable(): Promise<void>
  /**
   * Takes the Build off its Run: cancelled at once when the Run is queued or others share it, else `cancelling` until
   * the worker has stopped. Idempotent; a final Build is answered as it is. Throws `not_found`.
   */
  cancel(tenant: string, id: string): Promise<BuildRecord>
  /**
   * The numbered events of a Build from any process, those with seq > `after`. Ends after the final state; with
   * `follow: false` where the kept events end. Throws `not_found`.
   */
  events(tenant: string, id: string, options: Signal & { readonly after: number; readonly follow: boolean }): AsyncIterable<BuildEvent>
  /** Removes a final Build, and its Run with the last one. Throws `not_found`, and `invalid_argument` for a Build that is not final. */
  remove(tenant: string, id: string): Promise<void>
  /** Removes what the rules say is over, of all tenants, and answers with the blobs that are still named by something. */
  prune(rules: PruneRules): Promise<{ readonly removed: number; readonly held: ReadonlyMap<string, ReadonlySet<Digest>> }>
  /** documents of adapters and of the engine, newest version only; `after` is a name */
  read(
    tenant: string,
    kind: string,
    query: { readonly name?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly StoredDocument[]>
  /** compare-and-set; false when the version is not the expected one. `null` removes */
  write(tenant: string, kind: string, name: string, value: Json, expect: number | 'new'): Promise<boolean>
}

export interface FinishedRun {
  readonly run: string
  readonly driver: string
  /** when it ended, ms since the epoch */
  readonly at: number
  readonly image: string
  /** of the Build that started it */
  readonly inputs: Inputs
  /** what was accepted for it, `Accept.spec` */
  readonly spec: Json
  readonly built: Built
}

export interface StoredDocument {
  readonly name: string
  /** from 1 */
  readonly version: number
  readonly value: Json
}

export interface BuildFilter {
  readonly name?: string
  readonly state?: State
  /** attributes with exactly these values, all of them; up to 10 */
  readonly where?: Readonly<Record<string, string>>
}

export interface ListQuery extends BuildFilter {
  /**
   * default `accepted`, the store's own order, which is also the order of what is equal otherwise. Texts go by their bytes;
   * Builds without the attribute come last, whatever the order
   */
  readonly sort?: ListSort
  /** default `desc`: the newest, the highest first */
  readonly order?: 'asc' | 'desc'
  /** ids of Builds: those behind `after`, or those directly in front of `before`; in the list's own order both */
  readonly after?: string
  readonly before?: string
  /** how many are passed over first, counted from where the page would begin (with `before` alone: end); default 0 */
  readonly offset?: number
  /** 1 to 10,000 */
  readonly limit: number
}

export type ListSort = 'accepted' | 'name' | 'state' | { readonly attribute: string }

export interface Load {
  readonly queued: number
  readonly building: number
}

export interface PruneRules {
  /** final Builds older than this many ms go with their records; default 90 days */
  readonly records: number
  /** log events of final Builds older than this go; default 30 days */
  readonly logs: number
  /** contexts of succeeded Builds are let go after this; default 24 h */
  readonly contexts: number
  /** contexts of other final Builds; default 72 h */
  readonly failedContexts: number
}

/** Leases of Runs, on the store's clock. Every write with a lease is refused once its attempt is not the newest. */
export interface Queue {
  /** how long a lease lasts without `renew`: 30 s, unless the store was opened with another */
  readonly leaseMs: number
  /**
   * Waits for a Run and takes it: raises the attempt, lease of 30 s. Tenants with the fewest running come first, then
   * age. On the way it ends Runs that waited longer than `queueMs` (expired, `queue_expired`) and those whose lease ran
   * out at the last of `attempts` (failed, `worker_lost`). Rejects with the signal's reason.
   */
  claim(worker: string, options: Signal & ClaimRules): Promise<Lease>
  /** Every third of `leaseMs`. `lost`: stop at once, another attempt exists */
  renew(lease: Lease): Promise<'keep' | 'cancel' | 'lost'>
  /** Events of this attempt in order, the first one numbered `firstSeq`; the same firstSeq again counts once. False: lease lost, nothing stored. */
  append(lease: Lease, firstSeq: number, events: readonly { readonly at: number; readonly event: KeptEvent }[]): Promise<boolean>
  /** Fixes the winning result of the Run; the lease stays for moving tags. A later claim gets it as `lease.built`. False: lost. */
  commit(lease: Lease, built: Built): Promise<boolean>
  /** The Builds that share the Run now. Builds join until `commit`: ask again after it. */
  sharers(lease: Lease): Promise<Lease['builds']>
  /** Ends the Run and every Build that shares it, in one commit. False: lost. */
  settle(lease: Lease, outcome: Outcome): Promise<boolean>
  /** Gives the Run back: `drain` does not count the attempt, `retry` does. */
  release(lease: Lease, why: 'drain' | 'retry'): Promise<void>
  /** Whether this attempt holds a lease that has not run out; for `Driver.reap`. */
  alive(run: string, attempt: number): Promise<boolean>
}

export interface ClaimRules {
  /** drivers this worker has; Runs of others are left to others */
  readonly drivers: readonly string[]
  /** running Runs a tenant may have */
  readonly perTenant: number
  /** attempts in all */
  readonly attempts: number
  /** longest wait in the queue */
  readonly queueMs: number
}

export interface Lease {
  readonly tenant: string
  readonly run: string
  /** from 1 */
  readonly attempt: number
  /** attempts that count: those handed back by a drain do not */
  readonly tries: number
  /** the seq of the next event */
  readonly nextSeq: number
  readonly spec: Json
  /** the Builds that share the Run now: where tags have to be moved */
  readonly builds: readonly { readonly image: string; readonly tags: readonly string[] }[]
  /** an earlier attempt has won and did not get to settle: move the tags and settle, do not build */
  readonly built?: Built
}

export const leaseMs = 30_000
export const renewMs = 10_000
