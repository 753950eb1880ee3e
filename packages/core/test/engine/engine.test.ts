import { describe, expect, test } from 'vitest'
import { createEngine, files, type BuildEvent, type BuildRecord, type Driver, type EngineOptions } from '@kiln/core'
import { byAttempt, chattering, deaf, failing, fakeDriver, flooding, gated, hanging, scripted, throwing } from '@kiln/testkit/driver'
import { BuildError } from '../../src/failure/error.ts'

const agent = { 'agent.py': 'print("hello")\n', 'requirements.txt': 'requests\n' }

function kilnOf(driver: Driver, options: Partial<EngineOptions> = {}) {
  const engine = createEngine({ drivers: [driver], ...options, timeouts: { retry: 10, ...options.timeouts } })
  return { engine, kiln: engine.for('acme') }
}

async function source(more: Record<string, string> = {}) {
  return files({ ...agent, ...more })
}

async function all(events: AsyncIterable<BuildEvent>): Promise<BuildEvent[]> {
  const found: BuildEvent[] = []
  for await (const event of events) found.push(event)
  return found
}

describe('a build', () => {
  test('runs once, is tagged after success, and its events are numbered to a final state', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const build = await kiln.build({ name: 'agent', source: await source(), tags: ['latest'] })
    expect(build.reuse).toBe('none')
    expect(build.record.image).toMatch(/^localhost\/kiln\/acme\/agent:[0-9a-f]{16}$/)
    const end = await build.result()
    expect(end).toMatchObject({ state: 'succeeded', attempt: 1, driver: { name: driver.name } })
    expect(await driver.images.resolve(build.record.image, {})).toBe(end.built!.digest)
    expect(await driver.images.resolve('localhost/kiln/acme/agent:latest', {})).toBe(end.built!.digest)
    const events = await all(build.events())
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, at) => at))
    expect(events[0]).toMatchObject({ type: 'state', state: 'queued' })
    expect(events.at(-1)).toMatchObject({ type: 'state', state: 'succeeded' })
    expect(await all(build.events({ after: events.length - 2 }))).toHaveLength(1)
  })

  test('of the same source is a hit and the driver is not asked to build', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const first = await (await kiln.build({ name: 'agent', source: await source() })).result()
    const second = await kiln.build({ name: 'agent', source: await source() })
    expect(second.reuse).toBe('hit')
    expect(second.record).toMatchObject({ state: 'succeeded', run: first.run, built: { digest: first.built!.digest } })
    expect(second.record.id).not.toBe(first.id)
    expect(second.record.driver).toEqual({ name: driver.name, why: 'an earlier run of the same inputs' })
    expect(driver.jobs).toHaveLength(1)
  })

  test('of a changed source is a miss that names the file', async () => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await using _ = engine
    await (await kiln.build({ name: 'agent', source: await source() })).result()
    const next = await kiln.build({ name: 'agent', source: await source({ 'agent.py': 'print("bye")\n' }), args: { A: 'secret-value' } })
    const why = await next.explainMiss()
    expect(why.files).toMatchObject({ changed: ['agent.py'], added: [], removed: [] })
    expect(why.inputs.map(({ name }) => name)).toEqual(expect.arrayContaining(['tree', 'argument A']))
    expect(JSON.stringify(why)).not.toContain('secret-value')
  })

  test('of another tenant never shares a run or an image', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const mine = await (await kiln.build({ name: 'agent', source: await source() })).result()
    const theirs = await engine.for('other').build({ name: 'agent', source: await source() })
    expect(theirs.reuse).toBe('none')
    expect(theirs.record.image).not.toBe(mine.image)
    expect(await engine.for('other').get(mine.id)).toBeUndefined()
    await theirs.result()
  })

  test('whose image is gone is run again', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const first = await (await kiln.build({ name: 'agent', source: await source() })).result()
    await driver.images.untag(first.image, {})
    const again = await kiln.build({ name: 'agent', source: await source() })
    expect(again.reuse).toBe('none')
    expect(again.record.driver.why).toContain('gone')
    await again.result()
    expect(driver.jobs).toHaveLength(2)
  })

  test('keeps plan, recipe and listing by digest', async () => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await using _ = engine
    const build = await kiln.build({ name: 'agent', source: await source() })
    expect(JSON.parse((await build.stored('plan'))!)).toMatchObject({ language: 'python', entrypoint: 'agent.py' })
    expect((JSON.parse((await build.stored('recipe'))!) as { text: string }).text).toContain('FROM python:3.11-slim')
    await build.result()
  })
})

describe('joining', () => {
  test('two equal builds share one run; one of them may leave', async () => {
    const gate = gated()
    const driver = fakeDriver({ build: gate.build })
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const one = await kiln.build({ name: 'agent', source: await source() })
    const two = await kiln.build({ name: 'agent', source: await source() })
    expect(two.reuse).toBe('joined')
    expect(one.record.driver.why).toContain('no earlier build has these inputs')
    expect(two.record.driver).toEqual({ name: driver.name, why: 'a build of the same inputs was in flight' })
    await gate.waiting
    expect(await two.cancel()).toMatchObject({ state: 'cancelled' })
    gate.open()
    expect(await one.result()).toMatchObject({ state: 'succeeded' })
    expect(await two.result()).toMatchObject({ state: 'cancelled' })
    expect(driver.jobs).toHaveLength(1)
  })

  test('equal builds at the same moment run once, however fast the driver is', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const asked = Array.from({ length: 60 }, async () => kiln.build({ name: 'agent', source: await source() }))
    const ends = await Promise.all(asked.map(async (build) => (await build).result()))
    expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(['succeeded']))
    expect(new Set(ends.map(({ run }) => run)).size).toBe(1)
    expect(driver.jobs).toHaveLength(1)
  })

  test('the last one off cancels the run', async () => {
    const driver = fakeDriver({ build: hanging })
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const one = await kiln.build({ name: 'agent', source: await source() })
    const two = await kiln.build({ name: 'agent', source: await source() })
    await expect.poll(() => driver.jobs.length).toBe(1)
    await one.cancel()
    await two.cancel()
    expect(await one.result()).toMatchObject({ state: 'cancelled' })
    expect(await two.result()).toMatchObject({ state: 'cancelled' })
    expect(await driver.images.resolve(one.record.image, {})).toBeUndefined()
  })
})

describe('failures and limits', () => {
  test('a failed run is an answer, has its reason, and is never a hit', async () => {
    const lines = ['ERROR: No matching distribution found for nosuchpkg']
    const driver = fakeDriver({
      build: failing(
        { step: '4', title: 'RUN pip install --no-cache-dir -r requirements.txt', exitCode: 1, message: 'returned a non-zero code: 1' },
        lines,
      ),
    })
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    const build = await kiln.build({ name: 'agent', source: await source() })
    const end = await build.result()
    expect(end).toMatchObject({
      state: 'failed',
      error: { code: 'step_failed', message: 'pip install failed: no matching distribution found for nosuchpkg' },
    })
    await expect(build.image()).rejects.toMatchObject({ code: 'step_failed' })
    expect((await kiln.build({ name: 'agent', source: await source() })).reuse).toBe('none')
  })

  test.each([
    ['timed_out', { run: 100 }],
    ['silent', { silence: 100 }],
  ] as const)('%s', async (code, timeouts) => {
    const { engine, kiln } = kilnOf(fakeDriver({ build: hanging }), { timeouts })
    await using _ = engine
    const end = await (await kiln.build({ name: 'agent', source: await source() })).result()
    expect(end).toMatchObject({ state: 'timed_out', error: { code } })
  })

  test('a driver that does not stop is given up', async () => {
    const never = deaf()
    const { engine, kiln } = kilnOf(fakeDriver({ build: never.build }), { timeouts: { run: 50, stop: 50 } })
    await using _ = engine
    expect(await (await kiln.build({ name: 'agent', source: await source() })).result()).toMatchObject({ state: 'timed_out' })
    never.release()
  })

  test('nobody takes it in time: expired', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver, { worker: false, timeouts: { queue: 1 } })
    await using _ = engine
    const build = await kiln.build({ name: 'agent', source: await source() })
    expect(build.record.state).toBe('queued')
    expect(await build.cancel()).toMatchObject({ state: 'cancelled' })
  })

  test('trouble of the driver is tried again, at most three times in all', async () => {
    const lost = throwing(new BuildError('driver_lost', 'gone'))
    const driver = fakeDriver({ build: byAttempt(lost, scripted([])) })
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    expect(await (await kiln.build({ name: 'agent', source: await source() })).result()).toMatchObject({ state: 'succeeded', attempt: 2 })
    const worse = kilnOf(fakeDriver({ build: lost }))
    await using __ = worse.engine
    expect(await (await worse.kiln.build({ name: 'agent', source: await source() })).result()).toMatchObject({
      state: 'failed',
      attempt: 3,
      error: { code: 'driver_lost' },
    })
  })

  test.each([['a string'], [undefined], [new TypeError('x')]])(
    'a driver that throws %s fails the build, not the process',
    async (value) => {
      const { engine, kiln } = kilnOf(fakeDriver({ build: throwing(value) }))
      await using _ = engine
      expect(await (await kiln.build({ name: 'agent', source: await source() })).result()).toMatchObject({
        state: 'failed',
        error: { code: 'driver_failed' },
      })
    },
  )

  test('events after the end are not heard, and the log is cut with a marker', async () => {
    const chatty = kilnOf(fakeDriver({ build: chattering() }))
    await using _ = chatty.engine
    const one = await chatty.kiln.build({ name: 'agent', source: await source() })
    await one.result()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(JSON.stringify(await all(one.events({ follow: false })))).not.toContain('after the end')
    const flood = kilnOf(fakeDriver({ build: flooding(2000, 100) }), { logs: { build: 50_000, line: 64 } })
    await using __ = flood.engine
    const two = await flood.kiln.build({ name: 'agent', source: await source() })
    await two.result()
    const events = await all(two.events({ follow: false }))
    expect(events.filter(({ type }) => type === 'notice')).toHaveLength(1)
    const bytes = events.reduce((sum, event) => sum + (event.type === 'log' ? Buffer.byteLength(event.text) + 1 : 0), 0)
    expect(bytes).toBeLessThanOrEqual(50_000)
    expect(events.length).toBeGreaterThan(300)
  })

  test('secrets are resolved when the run is claimed and never seen in events or errors', async () => {
    const token = 'hunter2-very-secret'
    const driver = fakeDriver({
      build: async (job, io) => {
        const value = new TextDecoder().decode(await job.secret('TOKEN'))
        io.emit({ step: '1', type: 'step-started', title: `RUN curl ${value}` })
        io.emit({ step: '1', type: 'log', stream: 'out', text: `Authorization: ${Buffer.from(`x:${value}`).toString('base64')} ${value}` })
        throw new Error(`failed with ${value}`)
      },
    })
    const { engine, kiln } = kilnOf(driver, { secret: async () => new TextEncoder().encode(token) })
    await using _ = engine
    const build = await kiln
      .build({ name: 'agent', source: await source(), secrets: { TOKEN: 'vault://x' } })
      .catch((error: unknown) => error as BuildError)
    if (build instanceof Error) throw build
    const end = await build.result()
    const seen = JSON.stringify([end, await all(build.events())])
    expect(seen).toContain('[redacted]')
    expect(seen).not.toContain(token)
    expect(seen).not.toContain(Buffer.from(`x:${token}`).toString('base64').slice(4, -4))
  })
})

describe('the request', () => {
  test.each<[string, object, string]>([
    ['a bad name', { name: 'My Agent' }, 'invalid_name'],
    ['a bad tag', { tags: ['a b'] }, 'invalid_reference'],
    ['a bad argument', { args: { 'A=B': '' } }, 'invalid_argument'],
    ['a frontend as argument', { args: { BUILDKIT_SYNTAX: 'evil/x' } }, 'invalid_argument'],
    ['an unknown driver', { driver: 'nope' }, 'invalid_argument'],
    ['a platform', { platforms: ['windows/amd64'] }, 'invalid_argument'],
  ])('%s is refused and nothing is kept', async (_title, wrong, code) => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await using _ = engine
    await expect(kiln.build({ name: 'agent', source: await source(), ...wrong })).rejects.toMatchObject({ code })
    expect(await kiln.list({ limit: 10 })).toEqual([])
  })

  test('a source that cannot be planned is refused with how to go on, or built with its own Dockerfile', async () => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await using _ = engine
    await expect(kiln.build({ name: 'a', source: await files({ 'notes.txt': 'x' }) })).rejects.toMatchObject({ code: 'nothing_detected' })
    const own = await kiln.build({ name: 'a', source: await files({ 'notes.txt': 'x', Dockerfile: 'FROM scratch\nCOPY . /\n' }) })
    expect(own.notices.map(({ code }) => code)).toContain('dockerfile_used')
    expect(await own.result()).toMatchObject({ state: 'succeeded' })
  })

  test('cache: refresh runs again, only never runs', async () => {
    const driver = fakeDriver()
    const { engine, kiln } = kilnOf(driver)
    await using _ = engine
    await expect(kiln.build({ name: 'agent', source: await source(), cache: 'only' })).rejects.toMatchObject({ code: 'not_found' })
    await (await kiln.build({ name: 'agent', source: await source() })).result()
    expect((await kiln.build({ name: 'agent', source: await source(), cache: 'only' })).reuse).toBe('hit')
    const fresh = await kiln.build({ name: 'agent', source: await source(), cache: 'refresh' })
    expect(fresh.reuse).toBe('none')
    await fresh.result()
    expect(driver.jobs.map(({ cache }) => cache)).toEqual(['use', 'refresh'])
  })

  test('an image that was only loaded is no answer for a push', async () => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await using _ = engine
    await (await kiln.build({ name: 'agent', source: await source() })).result()
    const pushed = kiln.build({ name: 'agent', source: await source(), output: 'push', cache: 'only' })
    await expect(pushed).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('output load') })
  })

  test('an idempotency key is answered, and another request refused, when no driver can build any more', async () => {
    const driver = fakeDriver()
    const gone = { ready: false, code: 'driver_unreachable', message: 'gone', hint: '' } as const
    let [ready, clock] = [true, Date.now()]
    const away: Driver = { ...driver, probe: async (options) => (ready ? await driver.probe(options) : gone) }
    const { engine, kiln } = kilnOf(away, { now: () => clock })
    await using _ = engine
    const one = await kiln.build({ name: 'agent', source: await source(), cache: 'refresh', idempotencyKey: 'k1' })
    await one.result()
    ready = false
    clock += 60_000 // no probe is remembered for so long
    await expect(kiln.build({ name: 'agent', source: await source({ 'a.txt': '' }) })).rejects.toMatchObject({ code: 'driver_unreachable' })
    const two = await kiln.build({ name: 'agent', source: await source(), cache: 'refresh', idempotencyKey: 'k1' })
    expect(two.record.id).toBe(one.record.id)
    const other = kiln.build({ name: 'other', source: await source(), idempotencyKey: 'k1' })
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' })
  })

  test('the same idempotency key answers with the first build, another request is refused', async () => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await using _ = engine
    const one = await kiln.build({ name: 'agent', source: await source(), idempotencyKey: 'k1' })
    const two = await kiln.build({ name: 'agent', source: await source(), idempotencyKey: 'k1' })
    expect(two.record.id).toBe(one.record.id)
    await expect(kiln.build({ name: 'other', source: await source(), idempotencyKey: 'k1' })).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    await one.result()
  })

  test('untrusted sources are kept from drivers that share a daemon', async () => {
    const fake = fakeDriver()
    const probe: Driver['probe'] = async (options) => {
      const answer = await fake.probe(options)
      return answer.ready ? { ...answer, can: { ...answer.can, isolation: 'shared-daemon' } } : answer
    }
    const { engine, kiln } = kilnOf({ ...fake, probe }, { untrusted: true })
    await using _ = engine
    await expect(kiln.build({ name: 'agent', source: await source() })).rejects.toMatchObject({ code: 'driver_refused' })
  })
})

describe('the engine', () => {
  test('takes nothing once it is disposed', async () => {
    const { engine, kiln } = kilnOf(fakeDriver())
    await engine[Symbol.asyncDispose]()
    await expect(kiln.build({ name: 'agent', source: await source() })).rejects.toMatchObject({ code: 'closed' })
    await expect(engine.prune()).rejects.toMatchObject({ code: 'closed' })
  })

  test('prunes what is over and keeps what is in use', async () => {
    const gate = gated()
    const { engine, kiln } = kilnOf(fakeDriver({ build: byAttempt(gate.build) }), { now: () => Date.now() })
    await using _ = engine
    const running = await kiln.build({ name: 'agent', source: await source() })
    await gate.waiting
    expect(await engine.prune({ rules: { records: 0, logs: 0, contexts: 0, failedContexts: 0 } })).toMatchObject({ builds: 0 })
    gate.open()
    expect(await running.result()).toMatchObject({ state: 'succeeded' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await engine.prune({ rules: { records: 1 } })).toMatchObject({ builds: 1 })
    expect(await kiln.get(running.record.id)).toBeUndefined()
  })
})

describe('the worker', () => {
  test('a drained engine ends what runs; a disposed one hands it back for another engine', async () => {
    const shared = await import('../../src/store/memory.ts').then(({ memoryStore }) => memoryStore())
    const blobs = await import('../../src/store/memory-blobs.ts').then(({ memoryBlobs }) => memoryBlobs())
    const keep = { ...shared, async [Symbol.asyncDispose]() {} }
    const first = fakeDriver({ build: hanging })
    const one = createEngine({ drivers: [first], store: keep, blobs })
    const build = await one.for('acme').build({ name: 'agent', source: await source() })
    await expect.poll(() => first.jobs.length).toBe(1)
    await one[Symbol.asyncDispose]()
    const record = await keep.get('acme', build.record.id)
    expect(record).toMatchObject({ state: 'queued' })
    await using two = createEngine({ drivers: [fakeDriver()], store: keep, blobs })
    const ended: BuildRecord = await (await two.for('acme').get(build.record.id))!.result()
    expect(ended).toMatchObject({ state: 'succeeded' })
  })
})

test('a driver that does not answer is told as not ready, and the others are asked', async () => {
  const [hung, good] = [fakeDriver(), fakeDriver()]
  const never: Driver = {
    ...hung,
    name: 'hung',
    probe: (asked) => new Promise((_, reject) => asked.signal!.addEventListener('abort', () => reject(asked.signal!.reason as Error))),
  }
  const heedless: Driver = { ...fakeDriver(), name: 'heedless', probe: () => new Promise(() => undefined) }
  const engine = createEngine({ drivers: [never, heedless, good], worker: false })
  const probes = await engine.probe({ signal: AbortSignal.timeout(20) })
  expect(probes.map(({ driver, probe }) => [driver, probe.ready])).toEqual([
    ['hung', false],
    ['heedless', false],
    [good.name, true],
  ])
  await engine[Symbol.asyncDispose]()
})
