import { StepFailure, type Built, type Job, type StepEvent, type StepFacts } from '@kiln/core'
import { finished, readContext, type FakeBuild, type FakeIo } from './fake.ts'

/** Emits the given events in order, then succeeds. */
export function scripted(events: readonly StepEvent[]): FakeBuild {
  return async (job, io) => {
    const tar = await readContext(job, io.signal)
    for (const event of events) io.emit(event)
    return finished(job, io, tar)
  }
}

/** Starts a step, logs the lines and fails in it. */
export function failing(facts: StepFacts, lines: readonly string[] = []): FakeBuild {
  return async (_job, { emit }) => {
    const step = facts.step ?? '1'
    emit({ step, type: 'step-started', title: facts.title ?? 'RUN false', ...(facts.line === undefined ? {} : { line: facts.line }) })
    for (const text of lines) emit({ step, type: 'log', stream: 'err', text })
    emit({ step, type: 'step-finished', cached: false, ...(facts.exitCode === undefined ? {} : { exitCode: facts.exitCode }) })
    throw new StepFailure(facts)
  }
}

/** Starts a step and waits without a word until the signal is aborted, then rejects with its reason. */
export const hanging: FakeBuild = async (_job, { signal, emit }) => {
  emit({ step: '1', type: 'step-started', title: 'RUN sleep infinity', line: 2 })
  return until(signal)
}

/** Never settles, whatever the signal says. `release` ends it with an error, so that a test can end. */
export function deaf(): { readonly build: FakeBuild; release(): void } {
  const gate = Promise.withResolvers<Built>()
  return {
    build: async (_job, { emit }) => {
      emit({ step: '1', type: 'step-started', title: 'RUN trap "" TERM', line: 2 })
      return gate.promise
    },
    release: () => gate.reject(new Error('released by the test')),
  }
}

/** Waits for `open()` in its one step, then succeeds; rejects when the signal is aborted before. */
export function gated(): { readonly build: FakeBuild; /** resolves once a build waits */ readonly waiting: Promise<void>; open(): void } {
  const gate = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  return {
    waiting: waiting.promise,
    open: gate.resolve,
    build: async (job, io) => {
      const tar = await readContext(job, io.signal)
      io.emit({ step: '1', type: 'step-started', title: 'RUN wait', line: 2 })
      waiting.resolve()
      await Promise.race([gate.promise, until(io.signal)])
      io.emit({ step: '1', type: 'step-finished', cached: false })
      return finished(job, io, tar)
    },
  }
}

/** Logs `lines` lines of `width` characters in one step, then succeeds. */
export function flooding(lines: number, width = 100): FakeBuild {
  return async (job, io) => {
    const tar = await readContext(job, io.signal)
    io.emit({ step: '1', type: 'step-started', title: 'RUN yes', line: 2 })
    for (let n = 0; n < lines; n++) {
      io.emit({ step: '1', type: 'log', stream: 'out', text: `${n} `.padEnd(width, 'x') })
      if (n % 1000 === 999) await breathe()
    }
    io.emit({ step: '1', type: 'step-finished', cached: false })
    return finished(job, io, tar)
  }
}

/** Rejects with a value of any kind: a string, undefined, an error. */
export function throwing(value: unknown): FakeBuild {
  return async () => {
    throw value
  }
}

/** Succeeds, and goes on emitting afterwards for `times` turns of the event loop. */
export function chattering(times = 20): FakeBuild {
  return async (job, io) => {
    const tar = await readContext(job, io.signal)
    const built = finished(job, io, tar)
    void chatter(io, times)
    return built
  }
}

/** One behaviour per attempt; the last one for all that follow. */
export function byAttempt(...behaviours: readonly [FakeBuild, ...FakeBuild[]]): FakeBuild {
  return (job, io) => (behaviours[job.attempt - 1] ?? behaviours.at(-1)!)(job, io)
}

/**
 * Reads the recipe's Dockerfile: a step per instruction, where `RUN exit N` fails, `RUN sleep N` waits, `RUN echo text` logs, and a
 * `FROM` that names an image beginning with `missing` fails as a missing base does. Nothing is executed.
 */
export const interpreted: FakeBuild = async (job, io) => {
  const tar = await readContext(job, io.signal)
  for (const { text, line, step } of instructions(job)) {
    io.emit({ step, type: 'step-started', title: text, line })
    const where = { step, title: text, line }
    const { exitCode, missing } = await perform(text, step, io).catch((reason: unknown) => {
      io.emit({ step, type: 'step-finished', cached: false })
      throw reason
    })
    io.emit({ step, type: 'step-finished', cached: false, ...(exitCode === undefined ? {} : { exitCode }) })
    if (missing) throw new StepFailure({ ...where, message: `${text.slice(5)} not found` })
    if (exitCode) throw new StepFailure({ ...where, exitCode, message: `${text} returned ${exitCode}` })
  }
  return finished(job, io, tar)
}

async function perform(text: string, step: string, io: FakeIo): Promise<{ readonly exitCode?: number; readonly missing?: boolean }> {
  const [, word, rest = ''] = /^(?:RUN )?(\S+) ?(.*)$/s.exec(text) ?? []
  if (word === 'FROM') return { missing: rest.startsWith('missing') }
  if (!text.startsWith('RUN ')) return {}
  if (word === 'exit') return { exitCode: Number(rest) }
  if (word === 'echo') io.emit({ step, type: 'log', stream: 'out', text: rest })
  if (word === 'sleep') await Promise.race([until(io.signal), new Promise((done) => setTimeout(done, Number(rest) * 1000).unref())])
  return { exitCode: 0 }
}

function instructions(job: Job): readonly { readonly text: string; readonly line: number; readonly step: string }[] {
  if (job.recipe.kind !== 'dockerfile') return [{ text: 'plan', line: 1, step: '1' }]
  return job.recipe.text
    .split('\n')
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
    .map((found, at) => ({ ...found, step: String(at + 1) }))
}

/** Rejects with the signal's reason once it is aborted. */
function until(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

async function chatter(io: FakeIo, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await breathe()
    io.emit({ step: 'late', type: 'log', stream: 'out', text: `after the end ${n}` })
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
