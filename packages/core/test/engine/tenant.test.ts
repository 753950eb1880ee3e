import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createEngine, files, memoryBlobs, memoryStore, type BuildRequest, type EngineOptions, type Source } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'

const agent = { 'agent.py': 'print("hello")\n', 'requirements.txt': 'requests\n' }

function kilnOf(options: Partial<EngineOptions> = {}) {
  const driver = fakeDriver()
  const engine = createEngine({ drivers: [driver], timeouts: { retry: 10 }, ...options })
  return { driver, engine, kiln: engine.for('acme') }
}

/** A source that counts how often it was opened and disposed. */
function lazy(of: Record<string, string> = agent) {
  const seen = { opened: 0, disposed: 0 }
  const open = async (): Promise<Source> => {
    seen.opened += 1
    const source = await files(of)
    const dispose = source[Symbol.asyncDispose].bind(source)
    const counted = async (): Promise<void> => {
      seen.disposed += 1
      await dispose()
    }
    return Object.defineProperty(source, Symbol.asyncDispose, { value: counted })
  }
  return { seen, open }
}

describe('a source as a function', () => {
  test('is opened once and disposed, also when the build is refused', async () => {
    const { engine, kiln } = kilnOf()
    await using _ = engine
    const { seen, open } = lazy()
    await kiln.build({ name: 'agent', source: open })
    expect(seen).toEqual({ opened: 1, disposed: 1 })
    await expect(kiln.build({ name: 'agent', source: open, cache: 'only', args: { A: '1' } })).rejects.toMatchObject({ code: 'not_found' })
    expect(seen).toEqual({ opened: 2, disposed: 2 })
    await expect(kiln.build({ name: 'Agent!', source: open })).rejects.toMatchObject({ code: 'invalid_name' })
    expect(seen.opened).toBe(2)
    await expect(kiln.build({ name: 'agent', source: lazy({}).open })).rejects.toMatchObject({ code: 'empty_source' })
  })
})

describe('a fingerprint', () => {
  test('goes straight to the look-up: a repeat is a hit with its own attributes, and opens nothing', async () => {
    const { driver, engine, kiln } = kilnOf()
    await using _ = engine
    const { seen, open } = lazy()
    const request: BuildRequest = { name: 'agent', source: open, fingerprint: 'f', attributes: { n: '1' } }
    const first = await (await kiln.build(request)).result()
    const again = await kiln.build({ ...request, attributes: { n: '2' }, tags: ['v2'] })
    expect(again.record).toMatchObject({ reuse: 'hit', run: first.run, key: first.key, attributes: { n: '2' }, inputs: first.inputs })
    expect(await driver.images.resolve('localhost/kiln/acme/agent:v2', {})).toBe(first.built!.digest)
    expect(seen.opened).toBe(1)
    expect(driver.jobs).toHaveLength(1)
  })

  test('says the same notices again', async () => {
    const { engine, kiln } = kilnOf()
    await using _ = engine
    const noticed = { Dockerfile: 'FROM scratch\nCOPY x /x\n', x: '' }
    const first = await kiln.build({ name: 'agent', source: lazy(noticed).open, fingerprint: 'f' })
    await first.result()
    const again = await kiln.build({ name: 'agent', source: lazy(noticed).open, fingerprint: 'f' })
    expect(first.notices.length).toBeGreaterThan(0)
    expect([again.reuse, again.notices]).toEqual(['hit', first.notices])
  })

  test('counts for its tenant and name alone, and a rule of reuse is asked', async () => {
    let allowed = true
    const { engine, kiln } = kilnOf({ reuse: () => allowed || 'not now' })
    await using _ = engine
    const { seen, open } = lazy()
    const request = { name: 'agent', source: open, fingerprint: 'f' }
    await (await kiln.build(request)).result()
    expect((await engine.for('other').build(request)).reuse).toBe('none')
    expect((await kiln.build({ ...request, name: 'other' })).reuse).toBe('none')
    expect(seen.opened).toBe(3)
    expect((await kiln.build({ ...request, cache: 'refresh' })).reuse).toBe('none')
    allowed = false
    expect((await kiln.build(request)).record).toMatchObject({ reuse: expect.not.stringMatching('hit') })
    expect(seen.opened).toBe(5)
  })

  test('of a repeat with its idempotency key answers with the first Build, with another request it is refused', async () => {
    const { engine, kiln } = kilnOf()
    await using _ = engine
    const { open } = lazy()
    const request = { name: 'agent', source: open, fingerprint: 'f', idempotencyKey: 'once' }
    const first = await kiln.build(request)
    await first.result()
    expect((await kiln.build(request)).record.id).toBe(first.record.id)
    await expect(kiln.build({ ...request, tags: ['v2'] })).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    await expect(kiln.build({ ...request, fingerprint: 'x'.repeat(1025) })).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

test('the image of an earlier Run is looked for once in `reuseCheckMs`', async () => {
  let now = 1e12
  const driver = fakeDriver()
  let asked = 0
  const images = {
    ...driver.images,
    resolve: async (...of: Parameters<typeof driver.images.resolve>) => ((asked += 1), driver.images.resolve(...of)),
  }
  const counting = { ...driver, images }
  await using engine = createEngine({ drivers: [counting], reuseCheckMs: 1000, now: () => now })
  const build = async () => engine.for('acme').build({ name: 'agent', source: await files(agent) })
  await (await build()).result()
  asked = 0
  expect([(await build()).reuse, (await build()).reuse, asked]).toEqual(['hit', 'hit', 1])
  now += 1000
  expect([(await build()).reuse, asked]).toEqual(['hit', 2])
})

describe('documents', () => {
  test('come with a Build or not at all, and are the tenant’s own', async () => {
    const { engine, kiln } = kilnOf()
    await using _ = engine
    const { open } = lazy()
    const documents = [{ kind: 'agent', name: 'a', value: { n: 1 } }]
    await (await kiln.build({ name: 'agent', source: open, documents })).result()
    expect(await kiln.documents.read('agent', { limit: 5 })).toEqual([{ name: 'a', version: 1, value: { n: 1 } }])
    // as a hit too
    await expect(kiln.build({ name: 'agent', source: open, documents })).rejects.toMatchObject({ code: 'document_exists' })
    expect(await kiln.count()).toBe(1)
    expect(await kiln.documents.write('agent', 'a', null, 1)).toBe(true)
    expect((await kiln.build({ name: 'agent', source: open, documents })).reuse).toBe('hit')
    expect(await engine.for('other').documents.read('agent', { limit: 5 })).toEqual([])
  })
})

test('a full queue refuses a new Run, names the cap, and can be tried again', async () => {
  await using engine = createEngine({ drivers: [fakeDriver()], worker: false, queue: { perTenant: 1, total: 10 } })
  const kiln = engine.for('acme')
  const first = await kiln.build({ name: 'one', source: await files(agent) })
  const refused = kiln.build({ name: 'two', source: await files(agent) })
  await expect(refused).rejects.toMatchObject({ code: 'queue_full', retryable: true, data: { of: 'tenant', cap: 1 } })
  expect((await kiln.build({ name: 'one', source: await files(agent) })).reuse).toBe('joined')
  expect(await engine.load()).toEqual({ queued: 1, building: 0 })
  await Promise.all((await kiln.list({ limit: 5 })).map(async ({ id }) => (await kiln.get(id))!.cancel()))
  expect((await first.result()).state).toBe('cancelled')
  expect((await kiln.build({ name: 'two', source: await files(agent) })).reuse).toBe('none')
})

describe('register', () => {
  test('makes a Build that is succeeded, without a driver, a digest or a context', async () => {
    const { driver, engine, kiln } = kilnOf()
    await using _ = engine
    const build = await kiln.register({ name: 'agent', image: 'example.com/theirs:1', attributes: { by: 'url' }, idempotencyKey: 'k' })
    expect(build.record).toMatchObject({ state: 'succeeded', image: 'example.com/theirs:1', driver: { name: 'none', why: 'registered' } })
    expect(build.record).not.toHaveProperty('built')
    expect((await build.result()).state).toBe('succeeded')
    await expect(build.image()).rejects.toMatchObject({ code: 'not_found' })
    expect([build.context(), await build.stored('recipe'), await build.stored('plan')]).toEqual([undefined, undefined, undefined])
    const again = await kiln.register({ name: 'agent', image: 'example.com/theirs:1', attributes: { by: 'url' }, idempotencyKey: 'k' })
    expect(again.record.id).toBe(build.record.id)
    expect(await kiln.list({ where: { by: 'url' }, limit: 5 })).toMatchObject([{ id: build.record.id }])
    expect(driver.jobs).toHaveLength(0)
    const built = await kiln.build({ name: 'agent', source: await files(agent) })
    expect((await built.explainMiss()).earlier).toBeUndefined()
  })

  test('refuses what is no name or reference', async () => {
    const { engine, kiln } = kilnOf()
    await using _ = engine
    await expect(kiln.register({ name: 'A', image: 'x' })).rejects.toMatchObject({ code: 'invalid_name' })
    for (const image of ['', 'a b', 'a\n', 'x'.repeat(513)])
      await expect(kiln.register({ name: 'a', image })).rejects.toMatchObject({ code: 'invalid_reference' })
    expect(await kiln.count()).toBe(0)
  })
})

test('the context of a Build can be read as a tar, until it is gone', async () => {
  const blobs = memoryBlobs()
  const { engine, kiln } = kilnOf({ blobs, store: memoryStore() })
  await using _ = engine
  const build = await kiln.build({ name: 'agent', source: await files(agent) })
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of build.context()!) {
    hash.update(chunk)
    size += chunk.length
  }
  expect(`sha256:${hash.digest('hex')}`).toBe(build.record.inputs.context)
  expect(size % 512).toBe(0)
  expect(await kiln.blobs.size(build.record.inputs.context!)).toBe(size)
  expect(await engine.for('other').blobs.size(build.record.inputs.context!)).toBeUndefined()
  await blobs.prune(new Map(), { olderThanMs: -1 })
  await expect(Array.fromAsync(build.context()!)).rejects.toMatchObject({ code: 'blob_missing' })
})

test('uploads are the tenant’s own, bounded and checked', async () => {
  const { engine, kiln } = kilnOf()
  await using _ = engine
  const digest = await kiln.uploads.put(new Uint8Array([1, 2, 3]), { max: 3, durable: false })
  expect(Buffer.concat(await Array.fromAsync(kiln.uploads.open(digest)))).toEqual(Buffer.from([1, 2, 3]))
  await expect(kiln.uploads.put(new Uint8Array(4), { max: 3 })).rejects.toMatchObject({ code: 'blob_too_large' })
  await expect(kiln.uploads.put(new Uint8Array(3), { max: 3, expect: digest })).rejects.toMatchObject({ code: 'blob_mismatch' })
  expect(await engine.for('other').uploads.size(digest)).toBeUndefined()
  // what Builds name is another place
  expect(await kiln.blobs.size(digest)).toBeUndefined()
  await kiln.uploads.remove(digest)
  await kiln.uploads.remove(digest)
  expect(await kiln.uploads.size(digest)).toBeUndefined()
})

test.each(['here', 'apart'] as const)('a plan made %s is that of a build, with the Config given', async (planning) => {
  const { engine, kiln } = kilnOf({ planning })
  await using _ = engine
  await using source = await files(agent)
  const build = await kiln.build({ name: 'agent', source })
  const planned = await kiln.plan(source)
  expect(planned).toMatchObject({ ok: true, plan: JSON.parse((await build.stored('plan'))!) })
  expect(await kiln.plan(source, { entrypoint: 'none.py' })).toMatchObject({ ok: false, code: 'entrypoint_not_found' })
  await expect(kiln.plan(source, {}, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
})
