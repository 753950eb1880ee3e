import { failure, isBuildError, toFailure, type Failure } from '../failure/error.ts'
import { reasonOf } from '../failure/reason.ts'
import { createLogBounds, type LogLimits } from './bounds.ts'
import { StepFailure, type Built, type Driver, type Job, type StepEvent, type StopReason } from './driver.ts'
import { createRedactor, type Redactor } from './redact.ts'

export interface Supervision {
  /** aborted with a StopReason as reason */
  readonly signal: AbortSignal
  readonly runMs: number
  readonly silenceMs: number
  /** how long a stopped driver may take to clean up before it is given up; a detached one gets 3 s at most: somebody waits to leave */
  readonly stopMs: number
  readonly logs: LogLimits
  emit(event: StepEvent): void
}

export type Attempt =
  | { readonly kind: 'built'; readonly built: Built }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'stopped'; readonly reason: StopReason }

/**
 * One attempt with the guarantees every driver would else have to give itself: one answer, nothing after it, bounded
 * time, silence and log, redacted text, and a stop that ends even when the driver does not.
 */
export async function supervise(driver: Driver, job: Job, how: Supervision): Promise<Attempt> {
  const redactor = createRedactor()
  const bounds = createLogBounds(how.logs)
  const stop = new AbortController()
  const onStop = (): void => stop.abort(how.signal.reason)
  if (how.signal.aborted) return { kind: 'stopped', reason: how.signal.reason as StopReason }
  how.signal.addEventListener('abort', onStop, { once: true })
  const deadline = setTimeout(() => stop.abort('timeout' satisfies StopReason), how.runMs)
  const silence = setTimeout(() => stop.abort('silence' satisfies StopReason), how.silenceMs)
  let open = true
  const emit = (event: StepEvent): void => {
    if (!open) return
    silence.refresh()
    const kept = bounds.keep(redacted(event, redactor))
    if (kept) how.emit(kept)
  }
  try {
    const built = await bounded(driver.build(withRedaction(job, redactor), { signal: stop.signal, emit }), stop.signal, how.stopMs)
    return stop.signal.aborted ? { kind: 'stopped', reason: stop.signal.reason as StopReason } : checked(built, job)
  } catch (error) {
    if (stop.signal.aborted) return { kind: 'stopped', reason: stop.signal.reason as StopReason }
    return { kind: 'failed', failure: redactedFailure(explain(error, bounds.tail, job), redactor) }
  } finally {
    open = false
    clearTimeout(deadline)
    clearTimeout(silence)
    how.signal.removeEventListener('abort', onStop)
  }
}

/** ms; what a driver could not take away in this time is found by `reap` */
const detachMs = 3000

/** The driver's answer; once stopped, at most `stopMs` more. */
async function bounded<T>(work: Promise<T>, signal: AbortSignal, stopMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const givenUp = new Promise<never>((_, reject) => {
    onAbort = () => {
      const ms = signal.reason === ('detach' satisfies StopReason) ? Math.min(stopMs, detachMs) : stopMs
      timer = setTimeout(() => reject(new Error('the driver did not stop in time')), ms)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, givenUp])
  } finally {
    clearTimeout(timer)
    if (onAbort) signal.removeEventListener('abort', onAbort)
    work.catch(() => undefined) // given up: its late rejection is nobody's any more
  }
}

function checked(built: Built, job: Job): Attempt {
  if (/^sha256:[0-9a-f]{64}$/.test(built.digest)) return { kind: 'built', built }
  return { kind: 'failed', failure: failure('driver_failed', `The driver answered without a digest for run ${job.run}.`) }
}

function explain(error: unknown, tail: (step: string | undefined) => readonly string[], job: Job): Failure {
  if (error instanceof StepFailure) return reasonOf(error.facts, tail(error.facts.step), { recipe: job.recipe })
  if (isBuildError(error)) return toFailure(error)
  const said = error instanceof Error ? error.message : String(error)
  return failure('driver_failed', `The driver failed: ${said}`, { cause: error })
}

function withRedaction(job: Job, redactor: Redactor): Job {
  return {
    ...job,
    secret: async (id) => {
      const value = await job.secret(id)
      redactor.add(value)
      return value
    },
    credential: async (host, scope) => {
      const credential = await job.credential(host, scope)
      if (credential) redactor.add(credential.secret)
      return credential
    },
  }
}

function redacted(event: StepEvent, redactor: Redactor): StepEvent {
  switch (event.type) {
    case 'log':
      return { ...event, text: redactor.text(event.text) }
    case 'step-started':
      return { ...event, title: redactor.text(event.title) }
    case 'notice':
      return { ...event, notice: { ...event.notice, message: redactor.text(event.notice.message) } }
    case 'step-finished':
    case 'progress':
      return event
  }
}

function redactedFailure(found: Failure, redactor: Redactor): Failure {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return redactor.text(value)
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item)]))
    return value
  }
  return clean(found) as Failure
}
