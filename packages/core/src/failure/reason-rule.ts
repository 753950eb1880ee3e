import type { ErrorCode } from './codes.ts'
import type { Missing } from './missing.ts'
import type { Failed } from './reason-step.ts'

/** A line that tells why, and what it tells. Patterns are linear: log lines are a stranger's text. */
export interface Rule {
  readonly pattern: RegExp
  /** instructions it can be about; default any */
  readonly only?: readonly string[]
  /** undefined: the line was there and did not mean it after all */
  readonly found: (match: RegExpExecArray, where: Where) => Match
}

export interface StepRule {
  readonly pattern: RegExp
  readonly found: (match: RegExpExecArray, where: Where & { readonly at: number }) => Match | undefined
}

export interface Where {
  readonly lines: readonly string[]
  readonly failed: Failed
  readonly exitCode: number | undefined
}

export interface Match {
  readonly code: ErrorCode
  readonly reason: string
  /** what failed; default what the instruction ran */
  readonly tool?: string
  readonly verb?: string
  /** instead of `tool verb failed: reason` */
  readonly message?: string
  readonly hint?: string
  readonly retryable?: boolean
  /** 1-based line of the Dockerfile, where the text knows better than the facts */
  readonly line?: number
  readonly missing?: Missing
}
