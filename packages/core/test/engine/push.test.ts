// Pushed images: asked for permission first, read back after, tagged when won; against a registry of a few lines.
import { createHash } from 'node:crypto'
import { createEngine, files, type Digest } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'

interface FakeRegistry {
  readonly fetch: typeof fetch
  readonly manifests: Map<string, string>
  deny: boolean
  lose: boolean
  refuse: boolean
}

function fakeRegistry(): FakeRegistry {
  const state: FakeRegistry = {
    manifests: new Map(),
    deny: false,
    lose: false,
    refuse: false,
    fetch: async (input, init) => answer(state, new URL(input instanceof Request ? input.url : input), init ?? {}),
  }
  return state
}

async function answer(state: FakeRegistry, url: URL, init: RequestInit): Promise<Response> {
  const [, path, tag] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? []
  if (tag === undefined) return new Response(null, { status: state.deny ? 403 : 202, headers: { location: `${url.href}x` } })
  const name = `${path}:${tag}`
  if (init.method === 'PUT' && state.refuse) return new Response('{}', { status: 400 })
  if (init.method === 'PUT') {
    state.manifests.set(name, await new Response(init.body).text())
    return new Response(null, { status: 201 })
  }
  if (init.method === 'DELETE') return new Response(null, { status: state.manifests.delete(name) ? 202 : 404 })
  const body = state.lose ? undefined : state.manifests.get(name)
  if (body === undefined) return new Response('{}', { status: 404 })
  const headers = {
    'content-type': 'application/vnd.oci.image.manifest.v1+json',
    'docker-content-digest': digestOf(body),
    'content-length': String(body.length),
  }
  return new Response(init.method === 'HEAD' ? null : body, { headers })
}

function digestOf(body: string): Digest {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function setUp() {
  const registry = fakeRegistry()
  const driver = fakeDriver({
    build: async (job) => {
      const ref = 'ref' in job.output ? job.output.ref : ''
      const body = JSON.stringify({ schemaVersion: 2, run: job.run })
      registry.manifests.set(ref.slice(ref.indexOf('/') + 1), body)
      return { digest: digestOf(body), digestKind: 'manifest', ref, bases: {}, builder: 'fake' }
    },
  })
  const engine = createEngine({ drivers: [driver], registry: '127.0.0.1:5000', fetch: registry.fetch, timeouts: { retry: 1 } })
  const build = async (more: object = {}) =>
    (await engine.for('acme').build({ name: 'agent', source: await files({ 'agent.py': 'print(1)\n' }), ...more })).result()
  return { registry, driver, engine, build }
}

describe('a pushed build', () => {
  test('has its tags after success, and the attempt has none', async () => {
    const { registry, engine, build } = setUp()
    await using _ = engine
    const end = await build({ tags: ['latest'] })
    expect(end.error).toBeUndefined()
    expect(end.image).toMatch(/^127\.0\.0\.1:5000\/acme\/agent:[0-9a-f]{16}$/)
    const tag = end.image.slice(end.image.indexOf('/') + 1)
    await expect.poll(() => [...registry.manifests.keys()].toSorted()).toEqual([tag, 'acme/agent:latest'].toSorted())
    expect(digestOf(registry.manifests.get(tag)!)).toBe(end.built!.digest)
    expect(await build()).toMatchObject({ reuse: 'hit' })
    registry.manifests.clear()
    expect(await build()).toMatchObject({ reuse: 'none', state: 'succeeded' })
  })

  test('is refused before the driver is asked when the registry says no', async () => {
    const { registry, driver, engine, build } = setUp()
    await using _ = engine
    registry.deny = true
    expect(await build()).toMatchObject({ state: 'failed', error: { code: 'registry_denied' } })
    expect(driver.jobs).toHaveLength(0)
    expect(registry.manifests.size).toBe(0)
  })

  test('whose tag the registry does not take has failed', async () => {
    const { registry, engine, build } = setUp()
    await using _ = engine
    registry.refuse = true
    expect(await build()).toMatchObject({ state: 'failed', error: { code: 'registry_failed' }, attempt: 1 })
  })

  test('that cannot be read back has not succeeded', async () => {
    const { registry, engine, build } = setUp()
    await using _ = engine
    registry.lose = true
    expect(await build()).toMatchObject({ state: 'failed', error: { code: 'push_unverified' }, attempt: 3 })
  })
})
