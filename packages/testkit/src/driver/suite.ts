import { BuildError, isBuildError, StepFailure, type Built, type Driver, type Job, type StepEvent, type StopReason } from '@kiln/core'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { testJob, type JobParts } from './job.ts'

/** The few functions of a test runner that the suite needs: vitest's or node:test's. */
export interface Runner {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void>): void
}

export interface DriverSuite {
  /** for the title */
  readonly name: string
  readonly runner: Runner
  create(): Driver | Promise<Driver>
  /** the same driver, pointed to where nothing answers */
  unreachable?(): Driver | Promise<Driver>
  /** an image with a shell that FROM can name; default `debian:bookworm-slim` */
  readonly base?: string
  /** laid over every job */
  readonly job?: Partial<JobParts>
  /** how long a cancelled build may take to settle, ms; default 15,000 */
  readonly stopMs?: number
  /** cases that do not hold for this driver, each with the reason */
  readonly skip?: Readonly<Partial<Record<DriverCase, string>>>
}

export type DriverCase = keyof typeof cases

interface Bench {
  readonly suite: DriverSuite
  readonly driver: Driver
  readonly base: string
  readonly stopMs: number
  readonly job: (parts: JobParts) => Job
}

interface Ran {
  readonly built?: Built
  readonly error?: unknown
  readonly events: readonly StepEvent[]
}

/** What every driver has to hold, as tests of the given runner: one driver per case, disposed after it. */
export function driverSuite(suite: DriverSuite): void {
  suite.runner.describe(`driver ${suite.name}`, () => {
    for (const [name, body] of Object.entries(cases) as [DriverCase, (bench: Bench) => Promise<void>][]) {
      const reason = suite.skip?.[name]
      if (reason === undefined) suite.runner.test(name, () => withBench(suite, body))
    }
  })
}

async function withBench(suite: DriverSuite, body: (bench: Bench) => Promise<void>): Promise<void> {
  const driver = await suite.create()
  const base = suite.base ?? 'debian:bookworm-slim'
  try {
    await body({ suite, driver, base, stopMs: suite.stopMs ?? 15_000, job: (parts) => testJob({ ...suite.job, ...parts }) })
  } finally {
    await driver.reap(async () => false, {})
    await driver[Symbol.asyncDispose]()
  }
}

const cases = {
  'probe says what it can do': async ({ driver }: Bench): Promise<void> => {
    const probe = await driver.probe({})
    assert.ok(probe.ready, probe.ready ? '' : probe.message)
    assert.ok(probe.can.recipes.length > 0 && probe.can.outputs.length > 0, 'a driver can do something')
    assert.notEqual(probe.version, '')
  },

  'a build that works ends with an image under the reference of the attempt': async ({ driver, base, job }: Bench): Promise<void> => {
    const one = job({ dockerfile: `FROM ${base}\nCOPY . /app\nRUN echo built\n` })
    const { built } = await succeed(driver, one)
    assert.match(built.digest, /^sha256:[0-9a-f]{64}$/)
    assert.equal(built.ref, refOf(one))
    assert.notEqual(built.builder, '')
    if (driver.images && one.output.kind === 'load') assert.equal(await driver.images.resolve(built.ref, {}), built.digest)
  },

  'events come in order, and every step ends once': async ({ driver, base, job }: Bench): Promise<void> => {
    const marker = `marker-${crypto.randomUUID()}`
    const { events } = await succeed(driver, job({ dockerfile: `FROM ${base}\nRUN echo ${marker}\n` }))
    checkOrder(events)
    const said = events.find((event) => event.type === 'log' && event.text === marker)
    const step = events.find((event) => event.type === 'step-started' && event.step === said?.step)
    assert.ok(step?.type === 'step-started' && step.title.includes('RUN echo'), 'the output of a step carries the step')
  },

  'a step that fails is a StepFailure with its facts': async ({ driver, base, job }: Bench): Promise<void> => {
    const one = job({ dockerfile: `FROM ${base}\n\nRUN exit 7\nRUN echo never\n` })
    const { error, events } = await fail(driver, one)
    assert.ok(error instanceof StepFailure, `a StepFailure, not ${String(error)}`)
    assert.equal(error.facts.exitCode, 7)
    assert.equal(error.facts.line, 3)
    assert.match(error.facts.title ?? '', /RUN exit 7/)
    assert.ok(!events.some((event) => event.type === 'step-started' && event.title.includes('never')), 'nothing runs after the failure')
    checkOrder(events)
    await absent(driver, one)
  },

  'a base that is not there is a StepFailure of its FROM': async ({ driver, job }: Bench): Promise<void> => {
    const one = job({ dockerfile: 'FROM missing-from-every-registry:0\n' })
    const { error } = await fail(driver, one)
    assert.ok(error instanceof StepFailure, `a StepFailure, not ${String(error)}`)
    assert.match(`${error.facts.title} ${error.facts.message}`, /missing-from-every-registry/)
    await absent(driver, one)
  },

  'a cancelled build settles in time and leaves nothing': async ({ driver, base, job, stopMs }: Bench): Promise<void> => {
    const one = job({ dockerfile: `FROM ${base}\nRUN sleep 600\n`, cache: 'refresh' })
    const stop = new AbortController()
    let asked = 0
    const late = setTimeout(() => stop.abort('timeout' satisfies StopReason), 4 * stopMs)
    const { error, events } = await fail(driver, one, stop.signal, (event) => {
      if (event.type !== 'step-started' || !event.title.includes('sleep 600')) return
      asked = Date.now()
      stop.abort('cancel' satisfies StopReason)
    })
    clearTimeout(late)
    assert.ok(asked > 0, `the step was cancelled, not ${String(error)}`)
    assert.ok(Date.now() - asked < stopMs, `it settled within ${stopMs} ms`)
    checkOrder(events)
    await absent(driver, one)
  },

  'a build cancelled before it began does not begin': async ({ driver, base, job }: Bench): Promise<void> => {
    const one = job({ dockerfile: `FROM ${base}\nRUN echo never\n` })
    const { events } = await fail(driver, one, AbortSignal.abort('cancel' satisfies StopReason))
    assert.ok(!events.some((event) => event.type === 'log'), 'no step was run')
    await absent(driver, one)
  },

  'it is silent once it has settled': async ({ driver, base, job }: Bench): Promise<void> => {
    const events: StepEvent[] = []
    const one = job({ dockerfile: `FROM ${base}\nRUN exit 1\n` })
    await assert.rejects(driver.build(one, { signal: new AbortController().signal, emit: (event) => void events.push(event) }))
    const before = events.length
    await sleep(100)
    assert.equal(events.length, before, 'no event after the end')
  },

  'a context that breaks ends the build with its own error': async ({ driver, base, job }: Bench): Promise<void> => {
    const broken = new BuildError('source_changed', 'The file changed while it was read.')
    const one = job({ dockerfile: `FROM ${base}\nCOPY . /app\n`, broken })
    const { error } = await fail(driver, one)
    assert.equal(error, broken)
    await absent(driver, one)
  },

  'two builds at once do not mix': async ({ driver, base, job }: Bench): Promise<void> => {
    const runs = ['one', 'two'].map(async (word) => ({
      word,
      ...(await succeed(driver, job({ dockerfile: `FROM ${base}\nRUN echo I am ${word}\n`, cache: 'refresh' }))),
    }))
    for (const { word, events } of await Promise.all(runs)) {
      const lines = events.flatMap((event) => (event.type === 'log' && event.text.startsWith('I am') ? [event.text] : []))
      assert.deepEqual(lines, [`I am ${word}`])
    }
  },

  'references are set and removed, again and again': async ({ driver, base, job }: Bench): Promise<void> => {
    if (driver.images === undefined) return
    const { images } = driver
    const { built } = await succeed(driver, job({ dockerfile: `FROM ${base}\nCOPY . /app\n` }))
    const as = `localhost/kiln/suite/app:tag-${crypto.randomUUID().slice(0, 8)}`
    for (const again of [1, 2]) {
      await images.tag(built.ref, as, {})
      assert.equal(await images.resolve(as, {}), built.digest, `tagged, time ${again}`)
    }
    await images.untag(built.ref, {})
    assert.equal(await images.resolve(as, {}), built.digest, 'the other reference stays')
    for (const again of [1, 2]) {
      await images.untag(as, {})
      assert.equal(await images.resolve(as, {}), undefined, `untagged, time ${again}`)
    }
    await assert.rejects(images.tag(as, built.ref, {}), 'what is not there cannot be tagged')
  },

  'reap takes what lost attempts left, and nothing else': async ({ driver, base, job }: Bench): Promise<void> => {
    if (driver.images === undefined) return
    const [lost, held] = [job({ dockerfile: `FROM ${base}\nCOPY . /lost\n` }), job({ dockerfile: `FROM ${base}\nCOPY . /held\n` })]
    for (const one of [lost, held]) await succeed(driver, one)
    await driver.reap(async (id, attempt) => id === held.run && attempt === held.attempt, {})
    await absent(driver, lost)
    assert.notEqual(await driver.images.resolve(refOf(held), {}), undefined, 'an attempt that is alive is left alone')
  },

  'no builder is a code, not a crash': async ({ suite, base, job }: Bench): Promise<void> => {
    const driver = await suite.unreachable?.()
    if (driver === undefined) return
    const probe = await driver.probe({})
    assert.ok(!probe.ready && probe.code === 'driver_unreachable' && probe.hint !== '', 'the probe says driver_unreachable with a hint')
    const { error } = await fail(driver, job({ dockerfile: `FROM ${base}\n` }))
    assert.ok(isBuildError(error) && error.code === 'driver_unreachable', `driver_unreachable, not ${String(error)}`)
    await driver[Symbol.asyncDispose]()
  },
}

async function run(driver: Driver, job: Job, signal: AbortSignal, watch: (event: StepEvent) => void): Promise<Ran> {
  const events: StepEvent[] = []
  const emit = (event: StepEvent): void => {
    events.push(event)
    watch(event)
  }
  try {
    return { built: await driver.build(job, { signal, emit }), events }
  } catch (error) {
    return { error, events }
  }
}

async function succeed(driver: Driver, job: Job): Promise<{ readonly built: Built; readonly events: readonly StepEvent[] }> {
  const { built, error, events } = await run(driver, job, new AbortController().signal, () => undefined)
  if (built === undefined)
    throw new assert.AssertionError({
      message: `the build failed: ${String(error)}\n${events.map((event) => JSON.stringify(event)).join('\n')}`,
    })
  return { built, events }
}

async function fail(
  driver: Driver,
  job: Job,
  signal: AbortSignal = new AbortController().signal,
  watch: (event: StepEvent) => void = () => undefined,
): Promise<{ readonly error: unknown; readonly events: readonly StepEvent[] }> {
  const { built, error, events } = await run(driver, job, signal, watch)
  assert.equal(built, undefined, 'the build does not succeed')
  return { error, events }
}

async function absent(driver: Driver, job: Job): Promise<void> {
  if (job.output.kind !== 'load') return
  assert.equal(await driver.images?.resolve(refOf(job), {}), undefined, 'the reference of the attempt is not there')
}

/** Started once, then logs and progress, then finished once; nothing outside. */
function checkOrder(events: readonly StepEvent[]): void {
  const [open, done] = [new Set<string>(), new Set<string>()]
  for (const event of events) {
    const text = JSON.stringify(event)
    if (event.type === 'notice') continue
    if (event.type === 'step-started') {
      assert.ok(!open.has(event.step) && !done.has(event.step), `a step starts once: ${text}`)
      open.add(event.step)
      continue
    }
    assert.ok(open.has(event.step), `it belongs to a step that runs: ${text}`)
    if (event.type === 'log') assert.ok(!/[\r\n]/.test(event.text), `a log event is one line: ${text}`)
    if (event.type !== 'step-finished') continue
    open.delete(event.step)
    done.add(event.step)
  }
  assert.deepEqual([...open], [], 'every step that started has ended')
}

function refOf(job: Job): string {
  return job.output.kind === 'archive' ? job.output.path : job.output.ref
}
