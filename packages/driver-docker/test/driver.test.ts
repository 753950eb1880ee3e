import { isBuildError, StepFailure, type Driver } from '@kiln/core'
import { testJob, type JobParts } from '@kiln/testkit/driver'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClient } from '../src/client.ts'
import { docker } from '../src/docker.ts'
import { engineVersion, fakeEngine, json, stream } from './fake-engine.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kiln-driver-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true })
})

const silent = (): { signal: AbortSignal; emit(): void } => ({ signal: new AbortController().signal, emit: () => undefined })

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => 'no error',
    (reason: unknown) => reason,
  )
  return isBuildError(error) ? error.code : error instanceof StepFailure ? error.facts : error
}

async function outcome(driver: Driver, parts: Partial<JobParts> = {}): Promise<unknown> {
  return codeOf(driver.build(testJob({ dockerfile: 'FROM x\n', ...parts }), silent()))
}

describe('what is sent', () => {
  test('is the context with our Dockerfile, and the parameters of the job', async () => {
    await using engine = await fakeEngine()
    await using driver = docker({ host: engine.host, limits: { memory: 2 ** 28, cpus: 1.5, network: 'none' }, owner: 'me' })
    const job = testJob({
      dockerfile: 'FROM x\n',
      run: 'r',
      args: { __proto__x: '1', A: '' },
      labels: { l: 'v' },
      pull: true,
      cache: 'refresh',
      target: 't',
      platforms: ['linux/arm64'],
    })
    await driver.build(job, silent())
    const { query, headers, body } = engine.asked.find(({ path }) => path === '/build')!
    const { buildargs, labels, ...rest } = Object.fromEntries(query)
    expect(rest).toEqual({
      version: '1',
      t: 'localhost/kiln/suite/app:attempt-r-1',
      dockerfile: 'Dockerfile.kiln',
      target: 't',
      platform: 'linux/arm64',
      nocache: '1',
      pull: '1',
      rm: '1',
      forcerm: '1',
      networkmode: 'none',
      memory: '268435456',
      memswap: '268435456',
      cpuperiod: '100000',
      cpuquota: '150000',
      extrahosts: '1.72.6d65.kiln.invalid:127.0.0.1',
    })
    expect(JSON.parse(buildargs!)).toEqual({ __proto__x: '1', A: '' })
    expect(JSON.parse(labels!)).toEqual({
      l: 'v',
      'kiln.owner': 'me',
      'kiln.run': 'r',
      'kiln.attempt': '1',
      'kiln.tenant': 'suite',
      'kiln.ref': rest['t'],
    })
    expect(headers['content-type']).toBe('application/x-tar')
    expect(body).toBe(4 * 1024 + 1024 - 1024)
  })

  test('has the logins for the base images, padded as the engine wants them', async () => {
    await using engine = await fakeEngine()
    await using driver = docker({ host: engine.host })
    const job = testJob({
      dockerfile: 'FROM python\nFROM ghcr.io/a/b\nFROM r.io/none\nFROM INVALID\n',
      credential: async (host) => (host === 'r.io' ? undefined : { username: host === 'ghcr.io' ? '<token>' : 'me', secret: '??>>ÿÿ' }),
    })
    await driver.build(job, silent())
    const header = engine.asked.find(({ path }) => path === '/build')!.headers['x-registry-config'] as string
    expect(header).toMatch(/^[A-Za-z0-9_-]+=*$/)
    expect(header.length % 4).toBe(0)
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      'https://index.docker.io/v1/': { username: 'me', password: '??>>ÿÿ' },
      'ghcr.io': { identitytoken: '??>>ÿÿ' },
    })
  })
})

describe('answers of an engine', () => {
  test.each<[string, readonly object[], unknown]>([
    ['a full disk', [{ errorDetail: { message: 'write /x: no space left on device' } }], 'disk_full'],
    ['an engine that gives up', [{ errorDetail: { message: 'unexpected EOF' } }], 'driver_lost'],
    ['an end without a result', [{ stream: 'Step 1/1 : FROM x' }], 'driver_lost'],
    ['nothing', [], 'driver_lost'],
    [
      'a command that only speaks of trouble',
      [{ errorDetail: { code: 1, message: "The command '/bin/sh -c echo no space left on device' returned a non-zero code: 1" } }],
      { exitCode: 1, message: "The command '/bin/sh -c echo no space left on device' returned a non-zero code: 1" },
    ],
    [
      'a failed step',
      [{ stream: 'Step 1/1 : FROM x' }, { errorDetail: { code: 3, message: 'no' } }],
      { step: '1', title: 'FROM x', line: 1, exitCode: 3, message: 'no' },
    ],
  ])('%s', async (_what, messages, expected) => {
    await using engine = await fakeEngine({ 'POST /build': (response) => stream(response, messages) })
    await using driver = docker({ host: engine.host })
    expect(await outcome(driver)).toEqual(expected)
  })

  test.each<[number, string, unknown]>([
    [400, 'dockerfile parse error line 7: unknown instruction: X', 'invalid_dockerfile'],
    [400, 'the Dockerfile (Dockerfile) cannot be empty', 'invalid_dockerfile'],
    [400, 'invalid reference format', { message: 'invalid reference format' }],
    [500, 'write /tmp/x: no space left on device', 'disk_full'],
    [500, 'boom', 'driver_failed'],
    [403, 'authorization denied by plugin', 'driver_failed'],
  ])('HTTP %d %s', async (status, message, expected) => {
    await using engine = await fakeEngine({ 'POST /build': (response) => json(response, status, { message }) })
    await using driver = docker({ host: engine.host })
    expect(await outcome(driver)).toEqual(expected)
  })

  test('a refusal before the context is sent is heard, however large the context', async () => {
    await using engine = await fakeEngine({
      early: () => undefined,
      'POST /build': (response) => json(response, 400, { message: 'invalid platform' }),
    })
    await using driver = docker({ host: engine.host })
    let sent = 0
    const job = testJob({ dockerfile: 'FROM x\n' })
    const tar = async function* (): AsyncGenerator<Uint8Array> {
      for (; sent < 64 << 20; sent += 65_536) yield new Uint8Array(65_536)
    }
    expect(await codeOf(driver.build({ ...job, context: { ...job.context, tar } }, silent()))).toEqual({ message: 'invalid platform' })
    expect(sent).toBe(0)
  })

  test.each([
    ['no JSON', 'hello\n', /not its protocol/],
    ['JSON that is no message', '[1]\n', /not its protocol/],
    ['a line without an end', 'x'.repeat(9 << 20), /longer than/],
  ])('%s is driver_failed', async (_what, body, said) => {
    await using engine = await fakeEngine({ 'POST /build': (response) => response.writeHead(200).end(body) })
    await using driver = docker({ host: engine.host })
    const build = driver.build(testJob({ dockerfile: 'FROM x\n' }), silent())
    await expect(build).rejects.toMatchObject({ code: 'driver_failed' })
    await expect(build).rejects.toThrow(said)
  })

  test('a connection that breaks is driver_lost, before and within the answer', async () => {
    await using early = await fakeEngine({ 'POST /build': (response) => response.destroy() })
    await using driver = docker({ host: early.host })
    expect(await outcome(driver)).toBe('driver_lost')
    await using late = await fakeEngine({
      'POST /build': (response) => (
        response.writeHead(200).write('{"stream":"Step 1/1 : FROM x"}\n'),
        setImmediate(() => response.destroy())
      ),
    })
    await using other = docker({ host: late.host })
    expect(await outcome(other)).toBe('driver_lost')
  })

  test('a step killed by an engine that is gone is driver_lost, by one that is there a failure', async () => {
    const killed = [{ stream: 'Step 1/1 : FROM x' }, { errorDetail: { code: 137, message: 'killed' } }]
    await using there = await fakeEngine({ 'POST /build': (response) => stream(response, killed) })
    await using driver = docker({ host: there.host })
    expect(await outcome(driver)).toMatchObject({ exitCode: 137 })
    let alive = true
    const version = (response: Parameters<typeof json>[0]): void => (alive ? json(response, 200, engineVersion) : void response.destroy())
    await using gone = await fakeEngine({
      'GET /version': version,
      'POST /build': (response) => ((alive = false), stream(response, killed)),
    })
    await using other = docker({ host: gone.host })
    expect(await outcome(other)).toBe('driver_lost')
  })
})

describe('what answers', () => {
  test.each([
    ['an old engine', { ...engineVersion, ApiVersion: '1.39', Version: '18.9' }, 'driver_unsupported'],
    ['Windows', { ...engineVersion, Os: 'windows' }, 'driver_unsupported'],
    ['something else', { hello: 1 }, 'driver_unsupported'],
  ])('%s', async (_what, version, code) => {
    await using engine = await fakeEngine({ 'GET /version': (response) => json(response, 200, version) })
    await using driver = docker({ host: engine.host })
    expect(await driver.probe({})).toMatchObject({ ready: false, code })
    expect(await outcome(driver)).toBe(code)
  })

  test('Podman: no BuildKit', async () => {
    await using engine = await fakeEngine({
      'GET /version': (response) => json(response, 200, { ...engineVersion, Components: [{ Name: 'Podman Engine' }] }),
    })
    await using driver = docker({ host: engine.host })
    expect(await driver.probe({})).toMatchObject({ ready: true, can: { recipes: ['classic'], needs: ['exec', 'network'] } })
    expect(await outcome(driver, { needs: ['buildkit'] })).toBe('dockerfile_needs_buildkit')
  })

  const since25 = ['checksum', 'keep-git-dir', 'start-interval']

  test.each([
    ['20.10.24', '1.41', ['exec', 'network', 'buildkit']],
    ['23.0.0', '1.42', ['exec', 'network', 'buildkit', 'heredoc', 'link']],
    ['25.0.1', '1.44', ['exec', 'network', 'buildkit', 'heredoc', 'link', ...since25]],
    ['28.2.2', '1.50', ['exec', 'network', 'buildkit', 'heredoc', 'link', ...since25, 'symbolic-chmod']],
    ['28.5.2+dfsg4', '1.51', ['exec', 'network', 'buildkit', 'heredoc', 'link', ...since25, 'symbolic-chmod', 'unpack', 'exclude']],
    ['29.0.3', '1.52', ['exec', 'network', 'buildkit', 'heredoc', 'link', ...since25, 'symbolic-chmod', 'unpack', 'exclude']],
    ['29.1.0', '1.52', ['exec', 'network', 'buildkit', 'heredoc', 'link', ...since25, 'symbolic-chmod', 'unpack', 'exclude', 'parents']],
    ['dev', '1.53', ['exec', 'network', 'buildkit', 'heredoc', 'link', ...since25, 'symbolic-chmod', 'unpack', 'exclude', 'parents']],
  ])('Engine %s', async (Version, ApiVersion, needs) => {
    await using engine = await fakeEngine({
      'GET /version': (response) => json(response, 200, { ...engineVersion, Version, ApiVersion }),
    })
    await using driver = docker({ host: engine.host })
    expect(await driver.probe({})).toMatchObject({ ready: true, can: { needs } })
  })

  test('the containerd image store, and a kernel without limits', async () => {
    await using engine = await fakeEngine({
      'GET /info': (response) =>
        json(response, 200, { DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']], MemoryLimit: false }),
    })
    await using driver = docker({ host: engine.host })
    expect(await driver.probe({})).toMatchObject({
      ready: true,
      can: { limits: ['cpus'], isolation: 'shared-daemon' },
      facts: { imageStore: 'containerd', warning: expect.stringContaining('cannot limit') as string },
    })
  })

  test('nothing: a hint by cause', async () => {
    for (const [host, hint] of [
      ['unix:///none/docker.sock', /Start Docker/],
      ['tcp://127.0.0.1:1', /Start Docker/],
      ['tcp://no-such-host.invalid', /host name/],
    ] as const) {
      await using driver = docker({ host })
      const probe = await driver.probe({})
      expect(probe).toMatchObject({ ready: false, code: 'driver_unreachable', hint: expect.stringMatching(hint) as string })
      expect(await outcome(driver)).toBe('driver_unreachable')
    }
  })

  test('nobody who speaks HTTP, and one who never answers', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined))
    const rude = createServer((socket) => socket.on('error', () => undefined).end('\u0015\u0003\u0001'))
    await Promise.all([
      new Promise<void>((done) => mute.listen(join(directory, 'mute'), done)),
      new Promise<void>((done) => rude.listen(join(directory, 'rude'), done)),
    ])
    const quick = createClient({ kind: 'unix', path: join(directory, 'mute') }, { callMs: 50 })
    expect(await codeOf(quick.call('GET', '/version'))).toBe('driver_unreachable')
    quick.close()
    await using driver = docker({ host: `unix://${join(directory, 'rude')}` })
    expect(await driver.probe({})).toMatchObject({ ready: false, code: 'driver_unreachable' })
    mute.close()
    rude.close()
  })

  test('a kept connection that breaks when it is used again is made anew', async () => {
    const used = new WeakSet<object>()
    await using engine = await fakeEngine({
      'GET /version': (response, _asked, { socket }) => (used.add(socket), json(response, 200, engineVersion)),
      'GET /info': (response, _asked, { socket }) => (used.has(socket) ? void socket.destroy() : json(response, 200, {})),
    })
    await using driver = docker({ host: engine.host })
    expect(await driver.probe({})).toMatchObject({ ready: true })
    expect(engine.asked.map(({ path }) => path)).toEqual(['/version', '/info', '/info'])
  })

  test('leaves no connection behind', async () => {
    await using engine = await fakeEngine()
    const driver = docker({ host: engine.host })
    await driver.build(testJob({ dockerfile: 'FROM x\n' }), silent())
    await driver[Symbol.asyncDispose]()
    await expect.poll(() => engine.connections()).toBe(0)
  })
})

describe('a cancel', () => {
  test('waits until the container is gone, and helps where it does not go', async () => {
    let left = 3
    const removed: string[] = []
    await using engine = await fakeEngine({
      'POST /build': (response) =>
        void response
          .writeHead(200)
          .write('{"stream":"Step 1/1 : RUN x"}\n{"stream":" ---> Running in 0123456789ab\\n"}\n{"stream":"begun\\n"}\n'),
      'GET /containers/*': (response) => (left-- > 0 ? json(response, 200, {}) : json(response, 404, {})),
      'DELETE /containers/*': (response, { path }) => (removed.push(path), json(response, 204, '')),
    })
    await using driver = docker({ host: engine.host })
    const stop = new AbortController()
    const build = driver.build(testJob({ dockerfile: 'RUN x\n' }), {
      signal: stop.signal,
      emit: (event) => event.type === 'log' && stop.abort('cancel'),
    })
    await expect(build).rejects.toBe('cancel')
    expect(left).toBe(-1)
    expect(removed).toEqual([])
  })

  test('asks BuildKit to stop and reads its answer to the end', async () => {
    const answers: { end(): void }[] = []
    await using engine = await fakeEngine({
      'POST /build': (response) => (response.writeHead(200).write('{"id":"moby.buildkit.trace","aux":""}\n'), void answers.push(response)),
      'POST /build/cancel': (response) => (json(response, 200, ''), answers[0]!.end()),
    })
    await using driver = docker({ host: engine.host })
    const stop = new AbortController()
    const build = driver.build(testJob({ dockerfile: 'FROM x\n', needs: ['buildkit'] }), { signal: stop.signal, emit: () => undefined })
    await expect.poll(() => answers.length).toBe(1)
    stop.abort('cancel')
    await expect(build).rejects.toBe('cancel')
    const [built, cancelled] = ['/build', '/build/cancel'].map((path) => engine.asked.find((one) => one.path === path)!)
    expect(cancelled!.query.get('id')).toBe(built!.query.get('buildid'))
  })
})

describe('other ways to an engine', () => {
  test('TLS, with the files of DOCKER_CERT_PATH; without them it is refused', async () => {
    const tls = certificates(directory)
    await using engine = await fakeEngine({}, tls)
    vi.stubEnv('DOCKER_TLS_VERIFY', '1')
    vi.stubEnv('DOCKER_CERT_PATH', directory)
    await using driver = docker({ host: engine.host })
    expect(await outcome(driver)).toBe('no error')
    vi.stubEnv('DOCKER_TLS_VERIFY', '')
    await using plain = docker({ host: engine.host })
    expect(await plain.probe({})).toMatchObject({
      ready: false,
      code: 'driver_unreachable',
      hint: expect.stringContaining('TLS') as string,
    })
    await using stranger = docker({ host: engine.host, tls: { cert: tls.cert, key: tls.key } })
    expect(await stranger.probe({})).toMatchObject({
      ready: false,
      code: 'driver_unreachable',
      hint: expect.stringContaining('TLS') as string,
    })
  })

  test('ssh: the remote end of `docker system dial-stdio`', async () => {
    await using engine = await fakeEngine()
    fakeSsh(
      directory,
      `printf '%s\\n' "$*" >> "${directory}/args"; exec ${process.execPath} -e 'const s = require("net").connect(process.argv[1]); process.stdin.pipe(s); s.pipe(process.stdout)' "${engine.host.slice(7)}"`,
    )
    await using driver = docker({ host: 'ssh://me@build-host:2222' })
    expect(await driver.probe({})).toMatchObject({ ready: true, facts: { address: 'ssh://me@build-host:2222' } })
    expect(await outcome(driver)).toBe('no error')
    expect(readFileSync(join(directory, 'args'), 'utf8').split('\n')[0]).toBe(
      '-T -o BatchMode=yes -o ConnectTimeout=10 -p 2222 -l me -- build-host docker system dial-stdio',
    )
    await driver[Symbol.asyncDispose]()
    await expect.poll(() => engine.connections()).toBe(0)
  })

  test('ssh that fails says why', async () => {
    fakeSsh(directory, 'echo "me@build-host: Permission denied (publickey)." >&2; exit 255')
    await using driver = docker({ host: 'ssh://me@build-host' })
    expect(await driver.probe({})).toMatchObject({
      ready: false,
      code: 'driver_unreachable',
      message: expect.stringContaining('Permission denied (publickey)') as string,
      hint: expect.stringContaining('without a password') as string,
    })
  })

  test('no ssh at all', async () => {
    vi.stubEnv('PATH', directory)
    await using driver = docker({ host: 'ssh://me@build-host' })
    expect(await driver.probe({})).toMatchObject({ ready: false, code: 'driver_unreachable' })
  })
})

function fakeSsh(where: string, script: string): void {
  writeFileSync(join(where, 'ssh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  vi.stubEnv('PATH', `${where}:${process.env['PATH']}`)
}

/** A certificate for localhost that is its own authority, as server and as client. */
function certificates(where: string): { readonly cert: string; readonly key: string; readonly ca: string } {
  const [cert, key] = [join(where, 'cert.pem'), join(where, 'key.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    ],
    { stdio: 'ignore' },
  )
  const text = readFileSync(cert, 'utf8')
  writeFileSync(join(where, 'ca.pem'), text)
  return { cert: text, key: readFileSync(key, 'utf8'), ca: text }
}
