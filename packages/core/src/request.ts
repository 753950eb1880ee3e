import type { Output, Platform } from './driver/driver.ts'
import { BuildError, shown } from './failure/error.ts'
import { checkName } from './image.ts'
import type { Lock } from './lock/lock.ts'
import type { Plan } from './plan/plan.ts'
import type { Config } from './plan/config.ts'
import type { Source } from './source/source.ts'
import type { NewDocument } from './store/records.ts'

/** One wish for an image. */
export interface BuildRequest {
  /** the last path part of the image: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, up to 63 */
  readonly name: string
  /**
   * Opened by the caller and still the caller's to dispose; everything needed of it is durable when `build` resolves. As a function
   * it is opened only when it is needed, and disposed by the engine.
   */
  readonly source: Source | (() => Promise<Source>)
  /**
   * Names the source's bytes and every option of this request but tags, attributes, documents and idempotency key. What this engine
   * has accepted under the same tenant, name and fingerprint is looked up at once, without the source; up to 1,024 characters.
   */
  readonly fingerprint?: string
  /**
   * A Config over detection (the default: an empty one), an edited plan, or a Dockerfile of the source. With a Config, a
   * source that cannot be planned but has a `Dockerfile` at its root is built with that, and a notice says so.
   */
  readonly how?:
    | { readonly config: Config }
    | { readonly plan: Plan; readonly lock?: Lock }
    | { readonly dockerfile: string; readonly target?: string }
  /** build arguments; visible in the image's history, so never for secrets */
  readonly args?: Readonly<Record<string, string>>
  /** id: reference for the engine's `secret` provider, never a value */
  readonly secrets?: Readonly<Record<string, string>>
  /** default: the builder's own */
  readonly platforms?: readonly Platform[]
  readonly labels?: Readonly<Record<string, string>>
  /** builds of different partitions (regions) never share a Run */
  readonly partition?: string
  /** further tags of the same repository, pointed to the image after success or hit; not those of Kiln's own form */
  readonly tags?: readonly string[]
  /** free facts of the caller, kept with the record, not in the Key */
  readonly attributes?: Readonly<Record<string, string>>
  /**
   * Written as new in the same commit as the Build: `document_exists`, and no Build, when one is there. Not part of what an
   * idempotency key stands for; a repeat writes none.
   */
  readonly documents?: readonly NewDocument[]
  /** default: `push` when the engine has a registry, else `load` */
  readonly output?: Exclude<Output['kind'], 'archive'>
  /** `use` an earlier Run (default); `refresh`: run again, without the builder's cache; `only`: a hit or an error */
  readonly cache?: 'use' | 'refresh' | 'only'
  /** ms; an earlier Run older than this is not used */
  readonly maxAge?: number
  /** look for newer base images; an earlier Run is not used */
  readonly pull?: boolean
  /** `fast` takes xxh64's word for unchanged files: only for one user's own machine */
  readonly verify?: 'trusted' | 'fast'
  /** the name of the driver to take; default: the first that can */
  readonly driver?: string
  /** 1 to 255 printable characters; kept 24 h */
  readonly idempotencyKey?: string
  /** ms; default the engine's */
  readonly runMs?: number
}

/** A request whose source is open. */
export type OpenRequest = Omit<BuildRequest, 'source'> & { readonly source: Source }

const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
/** tags Kiln gives itself: a Key's, an attempt's */
const ownTag = /^(?:[0-9a-f]{16}|attempt-.*)$/
const platform = /^linux\/[a-z0-9]+(\/v[0-9]+)?$/
const argument = /^[A-Za-z_][A-Za-z0-9_]*$/
const forbiddenArguments = new Set(['BUILDKIT_SYNTAX', 'DOCKER_HOST', 'DOCKER_CONFIG', 'BUILDKIT_HOST'])

/** Refuses what can be seen to be wrong before any work. */
export function checkRequest(request: Omit<BuildRequest, 'source'>): void {
  checkName(request.name)
  for (const name of request.tags ?? []) if (!tag.test(name) || ownTag.test(name)) refuse('invalid_reference', 'tag', name)
  if (new Set(request.platforms).size !== (request.platforms?.length ?? 0))
    throw new BuildError('invalid_argument', 'A platform is named twice.')
  checkTimes({ runMs: request.runMs, maxAge: request.maxAge })
  for (const name of request.platforms ?? []) if (!platform.test(name)) refuse('invalid_argument', 'platform', name)
  for (const [name, value] of Object.entries(request.args ?? {})) {
    if (!argument.test(name) || forbiddenArguments.has(name)) refuse('invalid_argument', 'build argument', name)
    if (value.includes('\0') || value.length > 32_768) refuse('invalid_argument', 'value of build argument', name)
  }
  if (Object.keys(request.args ?? {}).length > 100) throw new BuildError('invalid_argument', 'More than 100 build arguments.')
  for (const name of Object.keys(request.secrets ?? {})) if (!tag.test(name)) refuse('invalid_argument', 'secret id', name)
  for (const name of Object.keys(request.labels ?? {}))
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/.test(name)) refuse('invalid_argument', 'label', name)
  if (request.idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(request.idempotencyKey))
    refuse('invalid_argument', 'idempotency key', request.idempotencyKey)
  if (request.fingerprint !== undefined && !(request.fingerprint.length > 0 && request.fingerprint.length <= 1024))
    refuse('invalid_argument', 'fingerprint', request.fingerprint)
}

/** Throws `empty_source`. */
export function checkSource(source: Source): void {
  if (source.entries.length === 0) throw new BuildError('empty_source', 'The source has no files.')
}

/** Throws `invalid_argument` for what is no time in ms that a timer takes. */
export function checkTimes(times: Readonly<Record<string, number | undefined>>): void {
  for (const [name, ms] of Object.entries(times))
    if (ms !== undefined && !(ms >= 0 && ms <= 2 ** 31 - 1))
      throw new BuildError('invalid_argument', `${name} is ${ms}: a time is 0 to ${2 ** 31 - 1} ms.`)
}

function refuse(code: 'invalid_reference' | 'invalid_argument', what: string, value: string): never {
  throw new BuildError(code, `The ${what} "${shown(value)}" is not allowed.`)
}
