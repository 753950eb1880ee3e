import { factsOf, type ErrorCode, type FailureClass } from './codes.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Why something did not work, as plain data: what a failed Build's record and every API answer carry. */
export interface Failure {
  readonly code: ErrorCode
  /** What was wrong and where, in one line of at most 500 characters; never a secret. */
  readonly message: string
  readonly hint: string
  readonly retryable: boolean
  /** Facts by code: file, line, candidates, step, exitCode, logTail, fix. */
  readonly data: { readonly [key: string]: Json }
}

export interface FailureDetails {
  readonly hint?: string
  readonly retryable?: boolean
  readonly data?: { readonly [key: string]: Json | undefined }
  readonly cause?: unknown
}

const brand = Symbol.for('kiln.BuildError')

/** The one error Kiln throws for trouble that has a code. Recognise it with `isBuildError`, not `instanceof`. */
export class BuildError extends Error implements Failure {
  readonly code: ErrorCode
  readonly hint: string
  readonly retryable: boolean
  readonly data: { readonly [key: string]: Json }

  constructor(code: ErrorCode, message: string, details: FailureDetails = {}) {
    super(oneLine(message), details.cause === undefined ? undefined : { cause: details.cause })
    Object.defineProperty(this, brand, { value: true })
    this.name = 'BuildError'
    this.code = code
    this.hint = details.hint ?? factsOf(code).hint
    this.retryable = details.retryable ?? factsOf(code).retryable
    this.data = withoutUndefined(details.data ?? {})
  }
}

/** True for a BuildError of any copy of this package in the process. */
export function isBuildError(value: unknown): value is BuildError {
  return typeof value === 'object' && value !== null && brand in value
}

/** The plain-data form of any thrown value; what is not a BuildError becomes `internal`. */
export function toFailure(error: unknown): Failure {
  if (isBuildError(error))
    return { code: error.code, message: error.message, hint: error.hint, retryable: error.retryable, data: error.data }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`
  return toFailure(new BuildError('internal', message, { cause: error }))
}

/** A Failure as plain data, with the code's own hint and retryability unless told otherwise. */
export function failure(code: ErrorCode, message: string, details?: FailureDetails): Failure {
  return toFailure(new BuildError(code, message, details))
}

/** The class of a code: who has to act. */
export function classOf(code: ErrorCode): FailureClass {
  return factsOf(code).class
}

/** A stranger's name or text made safe to show: control and direction characters escaped, cut at `max` characters. */
export function shown(text: string, max = 100): string {
  // cut first: escaping only makes longer, and a stranger's text may be megabytes of what is escaped
  const safe = text.slice(0, max + 1).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
  return safe.length <= max ? safe : `${safe.slice(0, max)}…`
}

function oneLine(message: string): string {
  const flat = message.replace(/\s*[\r\n]+\s*/g, ' ')
  return flat.length <= 500 ? flat : `${flat.slice(0, 499)}…`
}

function withoutUndefined(data: { readonly [key: string]: Json | undefined }): { readonly [key: string]: Json } {
  return Object.fromEntries(Object.entries(data).filter((pair): pair is [string, Json] => pair[1] !== undefined))
}
