import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createRegistry, type Registry, type RegistryOptions } from '../src/index.ts'
import { fakeRegistry, withTokens, type Handler } from './fake-registry.ts'

const login = { username: 'me', secret: 'pass:word' }
const manifest = '{ "schemaVersion": 2,  "layers": [] }\n'

function client(more: Partial<RegistryOptions> = {}): Registry {
  return createRegistry({ fetch: (url, init) => fetch(url, init), retryMs: 1, credential: async () => login, ...more })
}

function always(status: number, headers: Record<string, string> = {}, body = ''): Handler {
  return (_request, response) => {
    response.writeHead(status, headers).end(body)
    return true
  }
}

describe('a registry without logins', () => {
  test('resolves, and knows what is not there', async () => {
    await using fake = await fakeRegistry()
    const digest = fake.put('team/app', '1', manifest)
    const found = { digest, mediaType: 'application/vnd.oci.image.manifest.v1+json', size: manifest.length }
    expect(await client().resolve(`${fake.host}/team/app:1`)).toEqual(found)
    expect(await client().resolve(`${fake.host}/team/app@${digest}`)).toEqual(found)
    expect(await client().resolve(`${fake.host}/team/app:2`)).toBeUndefined()
    expect(fake.asked.every(({ method }) => method === 'HEAD')).toBe(true)
  })

  test('resolves by GET where HEAD says too little', async () => {
    await using fake = await fakeRegistry((request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end()
      return request.method === 'HEAD'
    })
    const digest = fake.put('app', '1', manifest)
    expect((await client().resolve(`${fake.host}/app:1`))?.digest).toBe(digest)
  })

  test('tags byte by byte, inside the repository only', async () => {
    await using fake = await fakeRegistry()
    const digest = fake.put('team/app', 'try', manifest, 'application/vnd.docker.distribution.manifest.v2+json')
    expect((await client().tag(`${fake.host}/team/app:try`, `${fake.host}/team/app:good`)).digest).toBe(digest)
    expect(fake.manifests.get('team/app:good')).toEqual(fake.manifests.get('team/app:try'))
    await expect(client().tag(`${fake.host}/team/app:try`, `${fake.host}/team/other:good`)).rejects.toMatchObject({
      kind: 'invalid_reference',
    })
    await expect(client().tag(`${fake.host}/team/app:gone`, `${fake.host}/team/app:good`)).rejects.toMatchObject({ kind: 'failed' })
    expect(await client().untag(`${fake.host}/team/app:try`)).toBe(true)
    expect(await client().untag(`${fake.host}/team/app:try`)).toBe(false)
    expect(fake.manifests.has('team/app:good')).toBe(true)
  })

  test('reads back what was pushed', async () => {
    await using fake = await fakeRegistry()
    const digest = fake.put('app', '1', manifest)
    expect((await client().readBack(`${fake.host}/app:1`, digest)).digest).toBe(digest)
    await expect(client().readBack(`${fake.host}/app:1`, `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ kind: 'unverified' })
    await expect(client().readBack(`${fake.host}/app:2`, digest)).rejects.toMatchObject({ kind: 'unverified' })
  })

  test('does not believe a digest that the bytes do not have', async () => {
    await using fake = await fakeRegistry()
    const other = `sha256:${createHash('sha256').update('other').digest('hex')}`
    fake.manifests.set(`app:${other}`, { type: 'application/vnd.oci.image.manifest.v1+json', body: Buffer.from(manifest) })
    await expect(client().readBack(`${fake.host}/app@${other}`, other)).rejects.toMatchObject({ kind: 'unverified' })
  })

  test('asks whether a push is let in, and gives the upload up', async () => {
    await using fake = await fakeRegistry()
    await client().canPush(`${fake.host}/team/app:1`)
    expect(fake.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /v2/team/app/blobs/uploads/',
      'DELETE /v2/team/app/blobs/uploads/up-1?state=x',
    ])
  })
})

describe('logins', () => {
  test('gets one token per repository and scope, made for what is asked', async () => {
    await using fake = await fakeRegistry(withTokens(login))
    const digest = fake.put('team/app', '1', manifest)
    const registry = client()
    expect((await registry.resolve(`${fake.host}/team/app:1`))?.digest).toBe(digest)
    await registry.resolve(`${fake.host}/team/app:1`)
    await registry.canPush(`${fake.host}/team/app:1`)
    const tokens = fake.asked
      .filter(({ url }) => url.startsWith('/token'))
      .map(({ url }) => new URL(url, 'http://x').searchParams.get('scope'))
    expect(tokens).toEqual(['repository:team/app:pull', 'repository:team/app:pull,push'])
  })

  test('asks for a new token when the old one is over or refused', async () => {
    await using fake = await fakeRegistry(withTokens(login, { seconds: 60 }))
    fake.put('app', '1', manifest)
    let now = 1_000_000
    const registry = client({ now: () => now })
    for (const step of [0, 40_000, 11_000]) {
      now += step
      await registry.resolve(`${fake.host}/app:1`)
    }
    expect(fake.asked.filter(({ url }) => url.startsWith('/token'))).toHaveLength(2)
  })

  test('refreshes an identity token by POST', async () => {
    await using fake = await fakeRegistry(withTokens(login))
    fake.put('app', '1', manifest)
    await client({ credential: async () => ({ username: '<token>', secret: 'pass:word' }) })
      .resolve(`${fake.host}/app:1`)
      .catch(() => undefined)
    const form = new URLSearchParams(fake.asked.find(({ method }) => method === 'POST')?.body)
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'pass:word',
      scope: 'repository:app:pull',
      service: 'fake',
    })
  })

  test('a wrong login is denied, and never shown', async () => {
    await using fake = await fakeRegistry(withTokens(login))
    const denied = client({ credential: async () => ({ username: 'me', secret: 'wrong-secret' }) }).canPush(`${fake.host}/app`)
    await expect(denied).rejects.toMatchObject({ kind: 'denied' })
    await expect(denied).rejects.not.toThrow(/wrong-secret/)
  })

  test('Basic is answered with the login; without one it is denied', async () => {
    const good = `Basic ${Buffer.from('me:pass:word').toString('base64')}`
    await using fake = await fakeRegistry((_request, response, asked) => {
      if (asked.authorization !== good) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      return asked.authorization !== good
    })
    fake.put('app', '1', manifest)
    expect(await client().resolve(`${fake.host}/app:1`)).toBeDefined()
    await expect(client({ credential: async () => undefined }).resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'denied' })
  })

  test.each([
    'http://auth.example.com/token',
    'http://169.254.169.254/token',
    'ftp://127.0.0.1/x',
    'https://user:pw@example.com/',
    'file:///etc/passwd',
  ])('does not send a login to %s', async (realm) => {
    await using fake = await fakeRegistry(withTokens(login, { realm: () => realm }))
    const called: string[] = []
    const registry = client({ fetch: (url, init) => (called.push(new URL(url).host), fetch(url, init)) })
    await expect(registry.resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'failed' })
    expect(new Set(called)).toEqual(new Set([fake.host]))
  })
})

describe('hostile and broken registries', () => {
  test('a refused push carries the words of the registry, made safe', async () => {
    await using fake = await fakeRegistry(always(403, {}, '{"errors":[{"code":"DENIED","message":"no\\u001b[31m rights"}]}'))
    const asked = client().canPush(`${fake.host}/app`)
    await expect(asked).rejects.toMatchObject({ kind: 'denied', status: 403 })
    await expect(asked).rejects.toThrow('DENIED: no\\u{1b}[31m rights')
  })

  test('repeats after 429 and 5xx, then says unreachable', async () => {
    let left = 2
    await using fake = await fakeRegistry((_request, response) => {
      if (left-- > 0) response.writeHead(left === 1 ? 429 : 503, { 'retry-after': '0' }).end()
      return left >= 0
    })
    fake.put('app', '1', manifest)
    expect(await client().resolve(`${fake.host}/app:1`)).toBeDefined()
    await using dead = await fakeRegistry(always(502))
    await expect(client().readBack(`${dead.host}/app:1`, 'x')).rejects.toMatchObject({ kind: 'unreachable', status: 502 })
    expect(dead.asked).toHaveLength(4)
  })

  test('nothing listens: unreachable', async () => {
    const fake = await fakeRegistry()
    await fake[Symbol.asyncDispose]()
    await expect(client().resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'unreachable' })
  })

  test('says nothing: unreachable after the time limit', async () => {
    await using fake = await fakeRegistry(() => true)
    await expect(client({ timeoutMs: 20 }).resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'unreachable' })
  })

  test('an endless manifest is cut off', async () => {
    await using fake = await fakeRegistry((request, response) => {
      if (request.method === 'HEAD') return response.writeHead(200).end() !== undefined
      const more = (): void => void (response.destroyed || (response.write('x'.repeat(65_536)), setImmediate(more)))
      more()
      return true
    })
    await expect(client().resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'failed' })
  })

  test('a redirect to another host gets no login, one to the same host does', async () => {
    await using other = await fakeRegistry()
    const digest = other.put('app', '1', manifest)
    const good = `Basic ${Buffer.from('me:pass:word').toString('base64')}`
    await using fake = await fakeRegistry((request, response, asked) => {
      if (asked.authorization !== good) response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
      else if (!request.url!.includes('again')) response.writeHead(302, { location: '/v2/app/manifests/again' }).end()
      else response.writeHead(307, { location: `http://${other.host}/v2/app/manifests/1` }).end()
      return true
    })
    expect((await client().resolve(`${fake.host}/app:1`))?.digest).toBe(digest)
    expect(other.asked.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(fake.asked.at(-1)).toMatchObject({ url: '/v2/app/manifests/again', authorization: good })
  })

  test.each(['http://example.com/', 'file:///etc/passwd', 'http://10.0.0.1/x', 'gopher://x/'])(
    'does not follow a redirect to %s',
    async (location) => {
      await using fake = await fakeRegistry(always(302, { location }))
      await expect(client().resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'failed' })
      expect(fake.asked).toHaveLength(1)
    },
  )

  test('a redirect loop ends', async () => {
    await using fake = await fakeRegistry(always(302, { location: '/v2/again' }))
    await expect(client().resolve(`${fake.host}/app:1`)).rejects.toMatchObject({ kind: 'failed' })
    expect(fake.asked).toHaveLength(6)
  })

  test('a cancelled call rejects with its reason, also between repeats', async () => {
    await using fake = await fakeRegistry(always(503, { 'retry-after': '9' }))
    const stop = new AbortController()
    const asked = client().resolve(`${fake.host}/app:1`, { signal: stop.signal })
    await expect.poll(() => fake.asked.length).toBe(1)
    stop.abort('enough')
    await expect(asked).rejects.toBe('enough')
  })

  test('speaks https to every host that is not of this machine', async () => {
    const urls: string[] = []
    const registry = client({ fetch: async (url) => (urls.push(url), new Response(null, { status: 404 })) })
    for (const ref of ['python', 'ghcr.io/a/b:1', '10.0.0.1:5000/a', '127.0.0.1.evil.com/a', 'localhost:5000/a', '[::1]:5000/a'])
      await registry.resolve(ref)
    expect(urls).toEqual([
      'https://registry-1.docker.io/v2/library/python/manifests/latest',
      'https://ghcr.io/v2/a/b/manifests/1',
      'https://10.0.0.1:5000/v2/a/manifests/latest',
      'https://127.0.0.1.evil.com/v2/a/manifests/latest',
      'http://localhost:5000/v2/a/manifests/latest',
      'http://[::1]:5000/v2/a/manifests/latest',
    ])
  })
})
