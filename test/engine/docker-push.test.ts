import { docker } from '@kiln/driver-docker'
import { isBuildError, type Credential } from '@kiln/core'
import { createRegistry } from '@kiln/registry'
import { testJob, type JobParts } from '@kiln/testkit/driver'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engines, factsOf, run, type Ran } from './docker-engine.ts'

const { host, all, registry } = await engines()
const owner = 'docker-push-test'
const login: Credential = { username: 'me', secret: 'pass word:ü' }
let guarded = ''
let guard: Server
const seen: string[] = []

/** A registry behind a login: what has no Basic proof of it is refused, the rest goes to the rig's. */
beforeAll(async () => {
  const good = `Basic ${Buffer.from(`${login.username}:${login.secret}`).toString('base64')}`
  guard = createServer((asked, answer) => {
    seen.push(`${asked.method} ${asked.headers.authorization === good}`)
    if (asked.headers.authorization !== good)
      return void answer
        .writeHead(401, { 'www-authenticate': 'Basic realm="test"' })
        .end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
    const { authorization: _, ...headers } = asked.headers
    const on = request(
      { host: '127.0.0.1', port: registry?.split(':')[1], method: asked.method, path: asked.url, headers: { ...headers, host: guarded } },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers)
        got.pipe(answer)
      },
    )
    on.on('error', () => answer.destroy())
    asked.pipe(on)
  })
  await new Promise<void>((resolve) => guard.listen(0, '127.0.0.1', resolve))
  guarded = `127.0.0.1:${(guard.address() as AddressInfo).port}`
})
afterAll(async () => {
  guard.closeAllConnections()
  await new Promise((resolve) => guard.close(resolve))
})

async function push(
  engine: string,
  where: string,
  more: Partial<JobParts> = {},
): Promise<Ran & { readonly ref: string; readonly left: string | undefined }> {
  await using driver = docker({ host: engine, owner })
  const run_ = `push-${crypto.randomUUID().slice(0, 8)}`
  const ref = `${where}/kiln-test/app:attempt-${run_}-1`
  const ran = await run(
    driver,
    testJob({ dockerfile: `FROM python:3.11-slim\nRUN echo ${run_}\n`, output: 'push', run: run_, ref, ...more }),
  )
  const left = await driver.images!.resolve(ref, {})
  await driver.reap(async () => false, {})
  return { ...ran, ref, left }
}

const byFetch = createRegistry({ fetch: (url, init) => fetch(url, init) })

describe.runIf(registry !== undefined)('a push', () => {
  test.each(Object.entries(all))('from %s is answered with the digest the registry has', async (_name, engine) => {
    for (const needs of [[], ['buildkit']]) {
      const { built, ref, left, events, error } = await push(engine, registry!, { needs, own: true })
      expect(error).toBeUndefined()
      expect(built).toMatchObject({ ref, digestKind: 'manifest' })
      expect((await byFetch.readBack(ref, built!.digest)).digest).toBe(built!.digest)
      expect(left).toBeUndefined()
      const good = ref.replace(/:attempt-.*$/, ':good')
      await byFetch.tag(ref, good)
      expect(await byFetch.resolve(good)).toMatchObject({ digest: built!.digest })
      expect(events.filter((event) => event.step === 'push').map(({ type }) => type)).toEqual(
        expect.arrayContaining(['step-started', 'log', 'step-finished']),
      )
    }
  })

  test('with the login of the job goes through a registry that asks for one', async () => {
    const asked: string[] = []
    const { built, error } = await push(host, guarded, { credential: async (where, scope) => (asked.push(`${where} ${scope}`), login) })
    expect(error).toBeUndefined()
    expect(built?.digest).toMatch(/^sha256:/)
    expect(asked).toEqual(['docker.io pull', `${guarded} push`])
  })

  test.each([
    ['no login', undefined],
    ['a wrong login', { username: 'me', secret: 'wrong-secret' }],
  ])('with %s is denied, without the secret in the message, and leaves no reference', async (_what, credential) => {
    const { error, left } = await push(host, guarded, { credential: async (where) => (where === guarded ? credential : undefined) })
    expect(isBuildError(error) && error.code).toBe('registry_denied')
    expect(String(error)).not.toContain('wrong-secret')
    expect(left).toBeUndefined()
  })

  test('to a registry that is not there is registry_unreachable', async () => {
    const { error } = await push(host, '127.0.0.1:1')
    expect(isBuildError(error) && error.code).toBe('registry_unreachable')
  })

  test('a base image behind a login is pulled with it, and not without', async () => {
    const asked = seen.length
    const base = (await push(host, registry!)).ref.replace(registry!, guarded)
    const dockerfile = `FROM ${base}\n`
    const without = await push(host, registry!, { dockerfile })
    expect(factsOf(without)).toMatchObject({ line: 1, title: `FROM ${base}` })
    const { error } = await push(host, registry!, {
      dockerfile,
      credential: async (where, scope) => (where === guarded && scope === 'pull' ? login : undefined),
    })
    expect(error).toBeUndefined()
    expect(seen.slice(asked).some((line) => line.endsWith('true'))).toBe(true)
  })

  test('may be asked for before', async () => {
    await byFetch.canPush(`${registry}/kiln-test/app`)
    await expect(byFetch.canPush(`${guarded}/kiln-test/app`)).rejects.toMatchObject({ kind: 'denied' })
    const known = createRegistry({ fetch: (url, init) => fetch(url, init), credential: async () => login })
    await known.canPush(`${guarded}/kiln-test/app`)
  })
})
