// What may go wrong between two steps of accept and run: a worker that dies or sleeps, a store or registry in trouble, a caller that leaves.
import { setImmediate as turn } from 'node:timers/promises'
import {
  createEngine,
  files,
  memoryBlobs,
  memoryStore,
  type Blobs,
  type Built,
  type Driver,
  type EngineOptions,
  type Store,
} from '@kiln/core'
import { fakeDriver, twoSteps } from '@kiln/testkit/driver'
import { expect, test } from 'vitest'
import { createRedactor } from '../../src/driver/redact.ts'
import { BuildError } from '../../src/failure/error.ts'

const rules = { drivers: ['fake'], perTenant: 2, attempts: 3, queueMs: 1e9 }
const winner: Built = { digest: `sha256:${'1'.repeat(64)}`, digestKind: 'manifest', ref: 'x', bases: {}, builder: 'b' }

function engineOf(driver: Driver, options: Partial<EngineOptions> = {}) {
  const engine = createEngine({ drivers: [driver], ...options, timeouts: { retry: 10, ...options.timeouts } })
  return { engine, kiln: engine.for('acme') }
}

function source(text = 'print("hello")\n') {
  return files({ 'agent.py': text })
}

test('a hit points its tags to the earlier image', async () => {
  const driver = fakeDriver()
  const { engine, kiln } = engineOf(driver)
  await using _ = engine
  const first = await (await kiln.build({ name: 'a', source: await source() })).result()
  expect((await kiln.build({ name: 'a', source: await source(), tags: ['v2'] })).reuse).toBe('hit')
  expect(driver.stored.get('localhost/kiln/acme/a:v2')).toBe(first.built!.digest)
})

test('a hit counts only while its name still stands for what was built', async () => {
  const driver = fakeDriver()
  const { engine, kiln } = engineOf(driver)
  await using _ = engine
  const first = await (await kiln.build({ name: 'a', source: await source() })).result()
  driver.stored.set(first.image, `sha256:${'9'.repeat(64)}`)
  const second = await kiln.build({ name: 'a', source: await source() })
  expect(second.reuse).toBe('none')
  await second.result()
})

test('a run that goes between look-up and accept is run again, from the source at hand', async () => {
  const store = memoryStore()
  const blobs = memoryBlobs({ now: () => 0 })
  let between: (() => Promise<void>) | undefined
  const finished: Store['finished'] = async (tenant, key) => {
    const found = await store.finished(tenant, key)
    await between?.()
    return found
  }
  const { engine, kiln } = engineOf(fakeDriver(), { store: { ...store, finished }, blobs })
  await using _ = engine
  const first = await (await kiln.build({ name: 'a', source: await source() })).result()
  between = async () => {
    between = undefined
    await store.remove('acme', first.id)
    await blobs.prune(new Map(), { olderThanMs: 0 })
  }
  expect(await (await kiln.build({ name: 'a', source: await source() })).result()).toMatchObject({ state: 'succeeded', reuse: 'none' })
})

test('a request for another output does not join', async () => {
  const gate = Promise.withResolvers<void>()
  const driver = fakeDriver({ build: async (job, io) => gate.promise.then(() => twoSteps(job, io)) })
  const yes: typeof fetch = async () => new Response(null, { status: 202 })
  const { engine, kiln } = engineOf(driver, { fetch: yes, registry: 'reg.example' })
  await using _ = engine
  await kiln.build({ name: 'a', source: await source() })
  expect((await kiln.build({ name: 'a', source: await source(), output: 'load' })).reuse).toBe('none')
  gate.resolve()
})

test.each(['its last attempt', 'a cancel'])('a committed winner is finished by the next claim, after %s too', async (after) => {
  let time = 1000
  const store = memoryStore({ now: () => time, lease: 100 })
  const { engine, kiln } = engineOf(fakeDriver(), { store, blobs: memoryBlobs(), worker: false })
  await using _ = engine
  const build = await kiln.build({ name: 'a', source: await source() })
  const lease = await store.queue.claim('w', { ...rules, attempts: 1 })
  expect(await store.queue.commit(lease, winner)).toBe(true)
  if (after === 'a cancel') await build.cancel()
  time += 1000
  const next = await store.queue.claim('w2', { ...rules, attempts: 1, signal: AbortSignal.timeout(2000) })
  expect(next.built).toEqual(winner)
  expect(await store.queue.alive(lease.run, lease.attempt)).toBe(true)
  expect(await store.get('acme', build.record.id)).toMatchObject({ state: 'building' })
})

test('who finishes for another takes the reference of the winner away', async () => {
  let time = 1000
  const store = memoryStore({ now: () => time, lease: 1000 })
  const [blobs, driver] = [memoryBlobs(), fakeDriver()]
  const first = createEngine({ drivers: [driver], store, blobs, worker: false })
  const build = await first.for('acme').build({ name: 'a', source: await source() })
  const lease = await store.queue.claim('w', rules)
  const ref = `localhost/kiln/acme/a:attempt-${lease.run}-1`
  driver.stored.set(ref, winner.digest)
  await store.queue.commit(lease, { ...winner, ref })
  time += 5000
  await using _ = createEngine({ drivers: [driver], store, blobs })
  await expect.poll(() => [...driver.stored.keys()], { timeout: 5000 }).toEqual([build.record.image])
})

test('an attempt that slept between commit and settle leaves the winner for the next one', async () => {
  let time = 1000
  const store = memoryStore({ now: () => time, lease: 1000 })
  const driver = fakeDriver()
  const asleep = Promise.withResolvers<string | undefined>()
  const settle: Store['queue']['settle'] = async (lease, outcome) => {
    time += 5000
    asleep.resolve((await store.queue.claim('w2', rules)).built?.ref)
    return store.queue.settle(lease, outcome)
  }
  const { engine, kiln } = engineOf(driver, { store: { ...store, queue: { ...store.queue, settle } }, blobs: memoryBlobs() })
  await kiln.build({ name: 'a', source: await source() })
  const ref = await asleep.promise
  await engine[Symbol.asyncDispose]()
  expect(driver.stored.has(ref!)).toBe(true)
})

test('a store that does not answer renewals counts as lost: the run is never worked on twice', async () => {
  const store = memoryStore({ lease: 150 })
  const waits = (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const driver = fakeDriver({ build: async (_job, { signal }) => waits(signal) })
  const renew = () => new Promise<never>(() => {})
  const { engine, kiln } = engineOf(driver, { store: { ...store, queue: { ...store.queue, renew } } })
  await using _ = engine
  await kiln.build({ name: 'a', source: await source() })
  let most = 0
  for (let n = 0; n < 30; n++) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    most = Math.max(most, driver.running.size)
  }
  expect(most).toBe(1)
})

test('a store in trouble is not asked again at once', async () => {
  const store = memoryStore()
  let asked = 0
  const claim = async () => {
    asked += 1
    throw new BuildError('store_unavailable', 'x')
  }
  const { engine } = engineOf(fakeDriver(), { store: { ...store, queue: { ...store.queue, claim } } })
  await using _ = engine
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(asked).toBeLessThan(10)
})

test('attempts handed back by a drain do not count', async () => {
  const store = memoryStore()
  const blobs = memoryBlobs()
  let lost = false
  const driver = fakeDriver({
    build: async (job, io) => {
      if (lost) return twoSteps(job, io)
      lost = true
      throw new BuildError('driver_lost', 'gone')
    },
  })
  const first = createEngine({ drivers: [driver], store, blobs, worker: false })
  const build = await first.for('acme').build({ name: 'a', source: await source() })
  for (let n = 0; n < 2; n++) await store.queue.release(await store.queue.claim('w', rules), 'drain')
  await using _ = createEngine({ drivers: [driver], store, blobs, timeouts: { retry: 10 } })
  expect(await build.result()).toMatchObject({ state: 'succeeded', attempt: 4 })
})

test('a driver that does not stop holds up no drain whose time is over, and its run is another’s', { timeout: 10_000 }, async () => {
  const store = memoryStore()
  const driver = fakeDriver({ build: () => new Promise<never>(() => {}) })
  const untag = () => new Promise<never>(() => {})
  const stuck = { ...driver, images: { ...driver.images, untag } }
  const { engine, kiln } = engineOf(stuck, { store, timeouts: { stop: 60_000 } })
  const build = await kiln.build({ name: 'a', source: await source() })
  await expect.poll(() => driver.running.size).toBe(1)
  await engine.drain({ signal: AbortSignal.abort() })
  expect(await store.get('acme', build.record.id)).toMatchObject({ state: 'queued' })
})

test('tags that cannot be moved leave the image name where it was', async () => {
  const driver = fakeDriver()
  const tag: typeof driver.images.tag = async (ref, as, options) => {
    if (as.endsWith(':v1')) throw new BuildError('registry_unreachable', 'busy')
    return driver.images.tag(ref, as, options)
  }
  const { engine, kiln } = engineOf({ ...driver, images: { ...driver.images, tag } })
  await using _ = engine
  const end = await (await kiln.build({ name: 'a', source: await source(), tags: ['v1'] })).result()
  expect(end).toMatchObject({ state: 'failed', attempt: 3, error: { code: 'registry_unreachable' } })
  expect(driver.stored.has(end.image)).toBe(false)
  expect(driver.jobs).toHaveLength(1)
})

test('a listener that throws harms nobody', async () => {
  const driver = fakeDriver({
    build: async (job, io) => {
      io.emit({ step: '1', type: 'progress', done: 1, unit: 'steps' })
      return twoSteps(job, io)
    },
  })
  const { engine, kiln } = engineOf(driver)
  await using _ = engine
  const build = await kiln.build({ name: 'a', source: await source() })
  const states: string[] = []
  const fails = (): never => {
    throw new Error('a bug of the listener')
  }
  build.on('progress', fails).on('step-started', fails)
  build.on('state', ({ state }) => states.push(state))
  expect(await build.result()).toMatchObject({ state: 'succeeded' })
  await expect.poll(() => states.at(-1)).toBe('succeeded')
})

test('a credential provider that never answers holds up neither cancel nor the end', async () => {
  const ask: typeof fetch = async () => new Response('', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } })
  const { engine, kiln } = engineOf(fakeDriver(), { fetch: ask, registry: 'reg.example', credential: () => new Promise<never>(() => {}) })
  const build = await kiln.build({ name: 'a', source: await source() })
  await expect.poll(async () => (await kiln.get(build.record.id))?.record.state).toBe('building')
  await build.cancel()
  expect(await build.result()).toMatchObject({ state: 'cancelled' })
  await engine[Symbol.asyncDispose]()
})

test('a secret inside another is hidden whole', () => {
  const redactor = createRedactor()
  redactor.add('pass')
  redactor.add('passw0rd-longer')
  expect(redactor.text('x passw0rd-longer y')).toBe('x [redacted] y')
})

test.each([
  ['an attempt’s tag', { tags: ['attempt-1'] }],
  ['a Key’s tag', { tags: ['0123456789abcdef'] }],
  ['a time no timer takes', { runMs: 30 * 24 * 3600_000 }],
  ['no number', { maxAge: Number.NaN }],
])('%s is refused', async (_title, wrong) => {
  const { engine, kiln } = engineOf(fakeDriver())
  await using _ = engine
  await expect(kiln.build({ name: 'a', source: await source(), ...wrong })).rejects.toThrow(BuildError)
})

test('an untrusted build does not start from another tenant’s image', async () => {
  const { engine, kiln } = engineOf(fakeDriver(), { untrusted: true, registry: 'reg.example/all', worker: false })
  await using _ = engine
  const from = (ref: string) => files({ Dockerfile: `FROM ${ref}\nCOPY . .\n` })
  const build = async (ref: string) => kiln.build({ name: 'a', source: await from(ref), how: { dockerfile: 'Dockerfile' } })
  await expect(build('reg.example/all/victim/agent:latest')).rejects.toMatchObject({ code: 'invalid_reference' })
  expect((await build('reg.example/all/acme/base:1')).reuse).toBe('none')
  expect((await build('debian:bookworm-slim')).reuse).toBe('none')
})

test('below the registry only a tenant’s own images and the shared bases are read, where sharedBases is given', async () => {
  const { engine, kiln } = engineOf(fakeDriver(), { registry: 'reg.example/all', sharedBases: ['reg.example/all/bases'], worker: false })
  await using _ = engine
  const build = async (ref: string) =>
    kiln.build({ name: 'a', source: await files({ Dockerfile: `FROM ${ref}\nCOPY . .\n` }), how: { dockerfile: 'Dockerfile' } })
  for (const ref of ['reg.example/all/victim/agent:latest', 'reg.example/all/bases-of-victim/agent:1', 'reg.example/all/basesx:1'])
    await expect(build(ref)).rejects.toMatchObject({ code: 'invalid_reference' })
  for (const ref of ['reg.example/all/bases/python:3', 'reg.example/all/bases:1', 'reg.example/all/acme/base:1', 'other.example/x:1'])
    expect((await build(ref)).reuse).toBe('none')
})

test('a push to nowhere is refused before anything is kept', async () => {
  const { engine, kiln } = engineOf(fakeDriver(), { worker: false })
  await using _ = engine
  await expect(kiln.build({ name: 'a', source: await source(), output: 'push' })).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(await kiln.list({ limit: 1 })).toEqual([])
})

test('what a Run needs is kept side by side: each file waits for the disk', async () => {
  const blobs = memoryBlobs()
  let [open, most] = [0, 0]
  const put: Blobs['put'] = async (...args) => {
    most = Math.max(most, (open += 1))
    await turn()
    return blobs.put(...args).finally(() => (open -= 1))
  }
  const { engine, kiln } = engineOf(fakeDriver(), { blobs: { ...blobs, put }, worker: false })
  await using _ = engine
  await kiln.build({ name: 'a', source: await source() })
  // context, listing, plan and recipe
  expect(most).toBe(4)
})

test('a build is refused when all that was being kept for it has come to its end', async () => {
  const blobs = memoryBlobs()
  const ended: string[] = []
  const put: Blobs['put'] = async (tenant, bytes, options) => {
    if (bytes instanceof Uint8Array) throw new BuildError('disk_full', 'no room')
    for (let i = 0; i < 5; i++) await turn()
    return blobs.put(tenant, bytes, options).finally(() => ended.push('context'))
  }
  const { engine, kiln } = engineOf(fakeDriver(), { blobs: { ...blobs, put }, worker: false })
  await using _ = engine
  await expect(kiln.build({ name: 'a', source: () => source() })).rejects.toMatchObject({ code: 'disk_full' })
  expect(ended).toEqual(['context'])
  expect(await kiln.count()).toBe(0)
})
