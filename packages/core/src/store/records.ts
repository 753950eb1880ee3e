import type { Built, Digest, StepEvent } from '../driver/driver.ts'
import type { Failure, Json } from '../failure/error.ts'

/** queued -> building -> a final state; building -> queued when a lease is lost or handed back. Nothing leaves a final state. */
export type State = 'queued' | 'building' | FinalState
export type FinalState = 'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'expired'
export const finalStates: readonly FinalState[] = ['succeeded', 'failed', 'cancelled', 'timed_out', 'expired']
export function isFinal(state: State): state is FinalState {
  return state !== 'queued' && state !== 'building'
}

/** How a Build got its Run: its own, one in flight, or a finished one. */
export type Reuse = 'none' | 'joined' | 'hit'

/** One accepted request of a tenant, as the store knows it. Times are ms since the epoch on the store's clock. */
export interface BuildRecord {
  readonly id: string
  readonly run: string
  readonly name: string
  readonly key: Digest
  /** the image URI, known before the run */
  readonly image: string
  /** further references that are pointed to the image after success or hit */
  readonly tags: readonly string[]
  readonly state: State
  /** a cancel was asked and is not yet done */
  readonly cancelling: boolean
  readonly reuse: Reuse
  /** of the Run; 0 before the first claim */
  readonly attempt: number
  readonly attributes: Readonly<Record<string, string>>
  readonly driver: { readonly name: string; readonly why: string }
  readonly inputs: Inputs
  readonly built?: Built
  readonly error?: Failure
  readonly acceptedAt: number
  readonly startedAt?: number
  readonly endedAt?: number
}

/**
 * What went into the Key, kept with the Build so that a miss can be explained and the inputs shown: digests and names,
 * never values of arguments or secrets. The three blobs are held until the Build is pruned.
 */
export interface Inputs {
  /** digest of the tree's listing, which is a blob too: the sorted `path NUL mode NUL sha256` lines */
  readonly tree: Digest
  /** the packed context, absent when nothing had to be packed (a hit) */
  readonly context?: Digest
  /** the plan as JSON, where there is one */
  readonly plan?: Digest
  /** the recipe as JSON: the Dockerfile and its generated files */
  readonly recipe: Digest
  /** every framed input of the Key by name, with a digest of its value */
  readonly parts: Readonly<Record<string, string>>
}

/** A numbered, kept event of a Build. `seq` rises from 0 without gaps; 0 is `state: queued`, the last one a final state. */
export type BuildEvent = {
  readonly seq: number
  /** ms since the epoch, of the worker */
  readonly at: number
  readonly attempt: number
} & (KeptEvent | { readonly type: 'state'; readonly state: State; readonly error?: Failure })

/** What a worker appends: everything but progress. */
export type KeptEvent = Exclude<StepEvent, { type: 'progress' }>

/** What `accept` stores. `spec` is all a worker needs to carry the Run out, as JSON without secrets. */
export interface Accept {
  readonly name: string
  readonly key: Digest
  readonly image: string
  readonly tags: readonly string[]
  readonly driver: { readonly name: string; readonly why: string }
  readonly attributes: Readonly<Record<string, string>>
  readonly inputs: Inputs
  readonly spec: Json
  /** a finished Run to answer with: the Build is succeeded at once, its driver and inputs are the Run's. `not_found`, and nothing stored, when it is gone */
  readonly hit?: string
  /** do not join a Run in flight */
  readonly fresh?: boolean
  /**
   * The newest succeeded Run of this Key that the look-up has seen, '' for none. `lookup_stale`, and nothing stored, where
   * another one has succeeded since, or has its winner and only waits to be settled: it is the answer.
   */
  readonly seen?: string
  readonly idempotency?: Idempotency
  /** written as new in the same commit; `document_exists`, and nothing stored, when one is there. A repeat writes none */
  readonly documents?: readonly NewDocument[]
  /** caps of waiting Runs; `queue_full`, and nothing stored, where a new Run would be one too many. A hit or join makes none */
  readonly queue?: QueueCaps
}

export interface NewDocument {
  readonly kind: string
  readonly name: string
  readonly value: Json
}

/** Runs that may wait at once. */
export interface QueueCaps {
  readonly perTenant: number
  readonly total: number
}

/** What `register` stores: an image that somebody else has made. */
export type Registration = Pick<Accept, 'name' | 'key' | 'image' | 'tags' | 'attributes' | 'inputs' | 'idempotency' | 'documents'>

export interface Idempotency {
  readonly key: string
  /** digest of the request; another one under the same key is refused */
  readonly request: Digest
}

/** How a Run ended. */
export type Outcome =
  | { readonly state: 'succeeded'; readonly built: Built }
  | { readonly state: 'failed' | 'cancelled' | 'timed_out' | 'expired'; readonly error: Failure }
