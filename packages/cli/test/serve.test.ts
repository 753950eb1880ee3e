import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeDriver } from '@kiln/testkit/driver'
import * as v from 'valibot'
import { afterAll, describe, expect, test } from 'vitest'
import { outputs } from '../schema/output.ts'
import { readRegions } from '../src/serve/regions.ts'
import { fakeCli, type FakeCli } from './fake-io.ts'

const scratch = mkdtempSync(join(tmpdir(), 'kiln-serve-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function serving(
  cli: FakeCli,
  ...words: readonly string[]
): Promise<{ url: string; out: () => string; err: () => string; ended: ReturnType<FakeCli['run']> }> {
  const ended = cli.run('serve', '--port', '0', '--data', scratch, ...words)
  const { out, err } = cli
  await expect.poll(() => out.text(), { timeout: 10_000 }).toContain('127.0.0.1')
  return { url: /http:\/\/127\.0\.0\.1:\d+/.exec(out.text())![0], out: () => out.text(), err: () => err.text(), ended }
}

describe('kiln serve', () => {
  test('--json is one line; a key made meanwhile is good, and ends within a second', async () => {
    const cli = fakeCli()
    const { url, out, ended } = await serving(cli, '--json')
    expect(v.parse(outputs.serve, JSON.parse(out()))).toMatchObject({ url, driver: 'fake' })
    expect(out().trimEnd().split('\n')).toHaveLength(1)
    const made = v.parse(outputs['keys create'], JSON.parse((await cli.run('keys', 'create', '--tenant', 'acme', '--json')).out))
    const status = async (key: string): Promise<number> =>
      (await fetch(`${url}/kiln/v1/builds`, { headers: { authorization: `Bearer ${key}` } })).status
    expect([await status(made.key), await status('kiln_x')]).toEqual([200, 401])
    const admin = (await cli.run('keys', 'create', '--tenant', 'acme', '--scope', 'admin')).out.trim()
    const keys = await fetch(`${url}/kiln/v1/keys`, { headers: { authorization: `Bearer ${admin}` } })
    expect(await keys.json()).toMatchObject({ keys: [{ id: made.id }, { scopes: ['admin'] }] })
    expect(await cli.run('keys', 'revoke', made.id, '--json')).toMatchObject({ code: 0 })
    await expect.poll(() => status(made.key), { timeout: 5000 }).toBe(401)
    cli.interrupt()
    expect(await ended).toMatchObject({ code: 0 })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  test('says what builds, where images go and how to make the first key; logs are JSON lines', async () => {
    const cli = fakeCli({ driver: fakeDriver({ can: { isolation: 'shared-daemon' } }) })
    const { out, err, ended } = await serving(cli, '--registry', 'localhost:5000/x')
    expect(out()).toMatch(/driver {2}fake \(fake 1\.0\)\n {2}images {2}pushed to localhost:5000\/x\n/)
    expect(out()).toContain(`kiln keys create --tenant NAME --data ${scratch}`)
    expect(out()).toContain(`process ${process.pid}:`)
    expect(out()).toContain('warning Builds of all tenants share one daemon')
    cli.interrupt()
    await ended
    expect(
      err()
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['draining', 'stopped'])
  })

  test('builds are bounded whatever the driver, and what it cannot hold is said', async () => {
    const driver = fakeDriver()
    const cli = fakeCli({ driver })
    const { url, out, ended } = await serving(cli, '--cpus', '1.5')
    expect(out()).toContain('limits  a step: 2g of memory, 1.5 processors; a build: 30m; builds at once: 2\n')
    expect(out()).not.toContain('metadata')
    const key = (await cli.run('keys', 'create', '--tenant', 'acme')).out.trim()
    const body = JSON.stringify({ name: 'web', source: { files: { Dockerfile: 'FROM scratch\nCOPY . .\n' } }, dockerfile: 'Dockerfile' })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    await fetch(`${url}/kiln/v1/builds`, { method: 'POST', headers, body })
    await expect.poll(() => driver.jobs[0]?.limits).toEqual({ memory: 2 * 2 ** 30, cpus: 1.5 })
    cli.interrupt()
    await ended
    const weak = fakeCli({ driver: fakeDriver({ can: { limits: ['cpus'], isolation: 'shared-daemon' } }) })
    const second = await serving(weak)
    expect(second.out()).toContain('not held by this driver: memory')
    expect(second.out()).toContain('it may reach a metadata address: see docs/security.md')
    weak.interrupt()
    await second.ended
  })

  test('a driver that shares nothing is no warning; --json tells it in the log', async () => {
    const alone = fakeCli()
    const first = await serving(alone)
    expect(first.out()).not.toContain('warning')
    expect(first.out()).toContain('kept in the builder')
    alone.interrupt()
    await first.ended
    const shared = fakeCli({ driver: fakeDriver({ can: { isolation: 'shared-daemon' } }) })
    const second = await serving(shared, '--json')
    expect(JSON.parse(second.err())).toMatchObject({ level: 40, msg: expect.stringContaining('share one daemon') })
    shared.interrupt()
    await second.ended
  })

  test('addresses begin with --public-url, and /metrics is for this machine', async () => {
    const cli = fakeCli()
    const { url, ended } = await serving(cli, '--public-url', 'https://kiln.example.com', '--base-path', '/b')
    const document = (await (await fetch(`${url}/b/openapi/native.json`)).json()) as { servers: { url: string }[] }
    expect(document.servers[0]!.url).toBe('https://kiln.example.com/b')
    expect((await fetch(`${url}/b/metrics`)).status).toBe(200)
    cli.interrupt()
    await ended
    const other = fakeCli()
    const quiet = await serving(other, '--no-metrics')
    expect((await fetch(`${quiet.url}/metrics`)).status).toBe(404)
    other.interrupt()
    await quiet.ended
  })

  test('the start lines say what the address alone does not', async () => {
    const cli = fakeCli()
    const { out, ended } = await serving(cli, '--host', '127.0.0.1', '--base-path', '/b', '--public-url', 'https://kiln.example.com')
    expect(out()).toMatch(/^kiln serves at http:\/\/127\.0\.0\.1:\d+, below \/b, known as https:\/\/kiln\.example\.com\n/)
    cli.interrupt()
    await ended
  })

  test('a second signal leaves at once', async () => {
    const cli = fakeCli()
    const { ended } = await serving(cli)
    cli.interrupt()
    cli.interrupt()
    await ended
    expect(cli.exits).toEqual([130])
  })

  test.each([
    [['--port', '70000'], 'no port 70000'],
    [['--port', 'x'], '--port'],
    [['--memory', '2x'], '--memory'],
    [['--cpus', '0'], '--cpus'],
    [['--concurrency', '0'], '--concurrency'],
    [['--timeout', 'soon'], '--timeout'],
    [['--timeout', '0'], '--timeout: at least'],
    [['--registry', 'https://ghcr.io/me'], 'is not host/path'],
    [['--registry', 'ghcr.io/Me'], 'is not host/path'],
    [['--public-url', 'kiln.example'], 'public URL'],
    [['--host', '203.0.113.1'], 'Cannot listen'],
    [['--regions', '/not/there'], '--regions'],
  ])('%j is refused', async (words, said) => {
    const answer = await fakeCli().run('serve', '--port', '0', '--data', scratch, ...words)
    expect(answer).toMatchObject({ code: 2, out: '' })
    expect(answer.err).toContain(said)
  })
})

describe('kiln keys', () => {
  test('the key alone is on standard output', async () => {
    const cli = fakeCli()
    const { out, err } = await cli.run('keys', 'create', '--tenant', 'acme', '--scope', 'read,admin', '--expires', '90d', '--name', 'ci')
    expect(out).toMatch(/^kiln_[0-9a-f]{16}_[0-9a-f]{64}\n$/)
    expect(err).toContain('read, admin')
    const rotated = v.parse(outputs['keys rotate'], JSON.parse((await cli.run('keys', 'rotate', out.slice(5, 21), '--json')).out))
    expect(rotated.key).not.toBe(out.trimEnd())
    const listed = await cli.run('keys', 'ls', '--json')
    expect(v.parse(outputs['keys ls'], JSON.parse(listed.out)).keys).toMatchObject([{ id: rotated.id, tenant: 'acme', name: 'ci' }])
    expect(listed.out).not.toContain(rotated.key.slice(22))
    expect((await cli.run('keys', 'ls')).out).toMatch(
      /ID +TENANT +SCOPES +STATE +AGE +NAME\n[0-9a-f]{16} {2}acme +read,admin +(89|90)d left +0s +ci\n$/,
    )
    expect((await cli.run('keys', 'ls', '--tenant', 'other')).out).toBe('')
    expect(v.is(outputs['keys revoke'], JSON.parse((await cli.run('keys', 'revoke', rotated.id, '--json')).out))).toBe(true)
  })

  test.each([
    [['create'], '--tenant'],
    [['create', '--tenant', '_kiln'], '_kiln'],
    [['create', '--tenant', 'a', '--scope', 'root'], 'root'],
    [['revoke', 'nope'], 'There is no key'],
    [['rotate', '../x'], 'There is no key'],
  ])('%j is refused', async (words, said) => {
    const answer = await fakeCli().run('keys', ...words)
    expect(answer).toMatchObject({ code: 2, out: '' })
    expect(answer.err).toContain(said)
  })
})

describe('--regions', () => {
  const read = (value: unknown): object => {
    writeFileSync(join(scratch, 'regions.json'), JSON.stringify(value))
    return readRegions({ cwd: scratch } as never, 'regions.json')
  }
  test('names codes, and what they are called', () => {
    expect(read({ default: 'a', all: [{ code: 'a' }, { code: 'b', displayName: 'Bee', enabled: false }] })).toEqual({
      default: 'a',
      all: [
        { code: 'a', displayName: 'a', enabled: true },
        { code: 'b', displayName: 'Bee', enabled: false },
      ],
    })
  })
  test.each([
    null,
    [],
    {},
    { default: 'a', all: [] },
    { default: 'b', all: [{ code: 'a' }] },
    { default: 'a', all: [{ code: 'a', enabled: false }] },
    { default: 'a', all: [{ code: 'a' }, { code: 'a' }] },
    { default: 'A', all: [{ code: 'A' }] },
  ])('%j is refused', (value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })
})
