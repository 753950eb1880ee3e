import type { Notice } from '../detect/detection.ts'
import type { Dialect, Recipe } from '../dockerfile/recipe.ts'
import type { ErrorCode } from '../failure/codes.ts'
import type { Lock } from '../lock/lock.ts'

export type Digest = `sha256:${string}`
export type Platform = `linux/${string}`
export type Bytes = AsyncIterable<Uint8Array>

/** Where the image goes. The reference is this attempt's own; the engine moves the tag after the winning commit. */
export type Output = { readonly kind: 'push' | 'load'; readonly ref: string } | { readonly kind: 'archive'; readonly path: string }

export interface Credential {
  readonly username: string
  readonly secret: string
  /** ms since the epoch */
  readonly expires?: number
}

/** The packed source of a job, made anew by Kiln: no driver sees a stranger's archive. */
export interface Context {
  /** the tree digest */
  readonly digest: Digest
  /** a deterministic tar with the source, and `added` laid over it */
  tar(options?: { readonly signal?: AbortSignal; readonly added?: Readonly<Record<string, string>> }): Bytes
}

/** One attempt of one Run. */
export interface Job {
  readonly run: string
  /** from 1 */
  readonly attempt: number
  readonly tenant: string
  readonly recipe: Recipe
  readonly context: Context
  readonly platforms: readonly Platform[]
  readonly args: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** seconds, for timestamps in the image */
  readonly epoch: number
  readonly limits: Limits
  /** tenant and name: what may share a builder's cache */
  readonly cacheScope: string
  readonly cache: 'use' | 'refresh'
  /** look for newer base images */
  readonly pull: boolean
  readonly output: Output
  secret(id: string): Promise<Uint8Array>
  credential(host: string, scope: 'pull' | 'push'): Promise<Credential | undefined>
}

export interface Limits {
  /** bytes */
  readonly memory?: number
  readonly cpus?: number
}

export interface Capabilities {
  readonly recipes: readonly (Dialect | 'plan')[]
  /** what of `Recipe.needs` and of steps it can do: `exec`, `buildkit`, `secrets`, ... */
  readonly needs: readonly string[]
  readonly outputs: readonly Output['kind'][]
  readonly platforms: readonly Platform[] | 'any'
  readonly limits: readonly (keyof Limits)[]
  readonly isolation: 'shared-daemon' | 'container' | 'vm' | 'no-exec'
  /** a job of the same run that the backend still works on is attached to, not started twice */
  readonly attaches: boolean
  readonly reproducible: boolean
}

export type Probe =
  | {
      readonly ready: true
      readonly version: string
      readonly can: Capabilities
      /** facts for people, such as the image store */ readonly facts: Readonly<Record<string, string>>
    }
  | { readonly ready: false; readonly code: ErrorCode; readonly message: string; readonly hint: string }

/** What a driver answers for a build that worked: facts, nothing interpreted. */
export interface Built {
  readonly digest: Digest
  /** only `manifest` and `index` digests can be pulled as name@digest; `config` is an image id of a Docker Engine */
  readonly digestKind: 'manifest' | 'index' | 'config'
  readonly ref: string
  /** bytes of the image, where the driver knows */
  readonly size?: number
  /** base references and the digests they stood for */
  readonly bases: Readonly<Record<string, string>>
  /** name and version of the builder */
  readonly builder: string
  readonly lock?: Lock
}

/** What happens in a job. `step` is the driver's own id of the step, the same for all its events. */
export type StepEvent = { readonly step: string } & (
  | { readonly type: 'step-started'; readonly title: string; /** 1-based line of the Dockerfile */ readonly line?: number }
  | {
      readonly type: 'step-finished'
      readonly cached: boolean
      readonly exitCode?: number
      /** of a step that did not do its work; absent where it did, or where only `exitCode` tells */
      readonly outcome?: 'failed' | 'stopped'
    }
  /** whole lines without the line end, as bytes decoded; redacted and cut by the wrapper, not by the driver */
  | { readonly type: 'log'; readonly stream: 'out' | 'err'; readonly text: string }
  | { readonly type: 'notice'; readonly notice: Notice }
  /** shown, never numbered or kept */
  | { readonly type: 'progress'; readonly done: number; readonly total?: number; readonly unit: 'bytes' | 'steps' }
)

/**
 * Facts of a failed job, thrown by `build` as `StepFailure`; the reason is found in `failure/`.
 * Trouble of the driver itself (unreachable, lost, denied) is thrown as a BuildError.
 */
export interface StepFacts {
  readonly step?: string
  readonly title?: string
  /** 1-based line of the Dockerfile */
  readonly line?: number
  readonly exitCode?: number
  /** the builder's own words */
  readonly message: string
}

export class StepFailure extends Error {
  readonly facts: StepFacts
  constructor(facts: StepFacts) {
    super(facts.message)
    this.name = 'StepFailure'
    this.facts = facts
  }
}

/** Why the signal of a build was aborted; its `reason`. */
export type StopReason = 'cancel' | 'timeout' | 'silence' | 'detach'

/** Carries out one attempt of a Run. Idempotent by `job.run`. Guarantees (once-only, order, bounds, redaction) live in `supervise.ts`, not here. */
export interface Driver extends AsyncDisposable {
  readonly name: string
  probe(options: { readonly signal?: AbortSignal }): Promise<Probe>
  /**
   * Resolves with the image, or rejects: `StepFailure` for a build that failed, BuildError for trouble, anything
   * once `signal` is aborted. When it has settled nothing of the job runs any more, except after `detach`.
   */
  build(job: Job, io: { readonly signal: AbortSignal; emit(event: StepEvent): void }): Promise<Built>
  /** Removes what attempts left behind for which `alive` says false. */
  reap(alive: (run: string, attempt: number) => Promise<boolean>, options: { readonly signal?: AbortSignal }): Promise<void>
  /** The images of output `load`. */
  readonly images?: Images
}

export interface Images {
  /** the digest a reference stands for, or undefined when it is not there */
  resolve(ref: string, options: { readonly signal?: AbortSignal }): Promise<Digest | undefined>
  /** points `as` to the image of `ref` */
  tag(ref: string, as: string, options: { readonly signal?: AbortSignal }): Promise<void>
  /** removes a reference, not the image others still name; nothing when it is not there */
  untag(ref: string, options: { readonly signal?: AbortSignal }): Promise<void>
}
