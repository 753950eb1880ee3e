import { docker } from '@kiln/driver-docker'
import { isBuildError } from '@kiln/core'
import { testJob } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { ask, build, containers, engines, factsOf, run } from './docker-engine.ts'

const { host, all } = await engines()
const owner = 'docker-build-test'
const python = 'FROM python:3.11-slim\n'
const node = 'FROM node:24-slim\n'

describe('what goes into a build', () => {
  test('arguments, target, labels and the files, but not our own Dockerfile', async () => {
    await using driver = docker({ host, owner })
    const dockerfile = `${python}ARG WHO\nCOPY . /app\nRUN ls -A /app && echo "I am $WHO"\nFROM scratch AS never\nCOPY missing /\n`
    const parts = {
      dockerfile: dockerfile.replace('slim\n', 'slim AS wanted\n'),
      target: 'wanted',
      args: { WHO: 'kiln "quoted" $HOME' },
      labels: { 'a.b': 'c d\n"e"' },
      cache: 'refresh' as const,
    }
    const ran = await run(driver, testJob(parts))
    expect(ran.error).toBeUndefined()
    expect(ran.lines).toEqual(['hello.txt', 'I am kiln "quoted" $HOME'])
    const { Config } = JSON.parse((await ask(host, `/images/${ran.built!.digest}/json`)).body) as {
      Config: { Labels: Record<string, string> }
    }
    expect(Config.Labels).toMatchObject({ 'a.b': 'c d\n"e"', 'kiln.tenant': 'suite', 'kiln.owner': owner })
    await driver.reap(async () => false, {})
    expect(await driver.images!.resolve(ran.built!.ref, {})).toBeUndefined()
  })

  test('the base is answered with the digest of its registry, the builder by name', async () => {
    const ran = await build({ host, owner }, { dockerfile: `ARG V=3.11-slim\nFROM python:$V AS a\nFROM a\nFROM python:\${V}\n` })
    expect(Object.keys(ran.built?.bases ?? {})).toEqual(['python:3.11-slim'])
    expect(ran.built?.bases['python:3.11-slim']).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(ran.built?.builder).toMatch(/^Docker Engine \d+\.\d+.* \(classic builder\)$/)
  })

  test('an unchanged layer comes from the cache, for another run too', async () => {
    await using driver = docker({ host, owner })
    const dockerfile = `${python}RUN echo ${crypto.randomUUID()}\n`
    const finished = (ran: Awaited<ReturnType<typeof run>>): unknown =>
      ran.events.find((event) => event.type === 'step-finished' && event.step === '2')
    expect(finished(await run(driver, testJob({ dockerfile })))).toMatchObject({ cached: false })
    expect(finished(await run(driver, testJob({ dockerfile })))).toMatchObject({ cached: true })
    expect(finished(await run(driver, testJob({ dockerfile, cache: 'refresh' })))).toMatchObject({ cached: false })
    await driver.reap(async () => false, {})
  })

  test('standard output and error are told apart, colours and overwritten text are gone', async () => {
    const { events } = await build(
      { host, owner },
      {
        dockerfile: `${python}RUN echo out; echo err >&2; printf '\\033[32mgreen\\033[0m\\n10%%\\r100%%\\r\\n'; printf 'no end'\n`,
        cache: 'refresh',
      },
    )
    const logs = events.flatMap((event) => (event.type === 'log' && event.step === '2' ? [`${event.stream} ${event.text}`] : []))
    expect(logs.toSorted()).toEqual(['err err', 'out 100%', 'out green', 'out no end', 'out out'])
  })
})

describe('limits', () => {
  const dockerfile = `${python}RUN cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || true\n`

  test('of the driver bound a step', async () => {
    const { lines } = await build({ host, owner, limits: { memory: 300 * 2 ** 20, cpus: 0.5 } }, { dockerfile, cache: 'refresh' })
    expect(lines.slice(-2).map((line) => line.split(' ')[0])).toEqual([String(300 * 2 ** 20), '50000'])
  })

  test('of the job win, and have a default', async () => {
    const job = await build(
      { host, owner, limits: { memory: 300 * 2 ** 20 } },
      { dockerfile, cache: 'refresh', limits: { memory: 200 * 2 ** 20, cpus: 1 } },
    )
    expect(job.lines.slice(-2).map((line) => line.split(' ')[0])).toEqual([String(200 * 2 ** 20), '100000'])
    const { lines } = await build({ host, owner }, { dockerfile, cache: 'refresh' })
    expect(lines.slice(-2).map((line) => line.split(' ')[0])).toEqual([String(2 * 2 ** 30), '200000'])
  })

  test('a step that needs more memory is killed', async () => {
    const facts = factsOf(
      await build(
        { host, owner, limits: { memory: 64 * 2 ** 20 } },
        { dockerfile: `${python}RUN python3 -c "x = bytearray(400 * 2 ** 20)"\n`, cache: 'refresh' },
      ),
    )
    expect(facts.exitCode).toBe(137)
  })

  test('no network where none is given', async () => {
    const facts = factsOf(
      await build(
        { host, owner, limits: { network: 'none' } },
        { dockerfile: `${python}RUN python3 -c "import socket; socket.create_connection(('127.0.0.1', 5000), 2)"\n`, cache: 'refresh' },
      ),
    )
    expect(facts.exitCode).toBe(1)
  })
})

describe('builds that fail', () => {
  test.each([
    ['pip', `${python}RUN pip install nosuchpkg-kiln-0000==9.9\n`, 1, /No matching distribution found for nosuchpkg-kiln-0000==9.9/],
    ['npm', `${node}WORKDIR /app\nRUN npm install nosuchpkg-kiln-0000@9.9.9\n`, 1, /npm (?:error|ERR!) (?:code )?E404/],
    [
      'apt',
      `${python}RUN apt-get update >/dev/null && apt-get install -y nosuchpkg-kiln\n`,
      100,
      /Unable to locate package nosuchpkg-kiln/,
    ],
    ['sh', `${python}\n\nRUN nosuchcommand\n`, 127, /nosuchcommand: not found/],
    ['python', `${python}RUN python3 -c "import nosuchmodule"\n`, 1, /No module named 'nosuchmodule'/],
  ])('%s: exit code, step, line and last words', async (_tool, dockerfile, exitCode, said) => {
    const ran = await build({ host, owner }, { dockerfile, cache: 'refresh' })
    const line = dockerfile.split('\n').findIndex((text) => text.startsWith('RUN')) + 1
    expect(factsOf(ran)).toMatchObject({ line, exitCode, title: dockerfile.split('\n')[line - 1] })
    expect(ran.lines.join('\n')).toMatch(said)
    expect(ran.events.at(-1)).toMatchObject({ type: 'step-finished', cached: false, exitCode })
  })

  test('a file that is not there', async () => {
    expect(factsOf(await build({ host, owner }, { dockerfile: `${python}COPY nosuchfile /app/\n` }))).toMatchObject({
      line: 2,
      message: expect.stringContaining('nosuchfile') as string,
    })
  })

  test('a command that is not there', async () => {
    expect(factsOf(await build({ host, owner }, { dockerfile: `${python}RUN ["nosuchcommand"]\n` }))).toMatchObject({
      line: 2,
      message: expect.stringContaining('executable file not found') as string,
    })
  })

  test.each(Object.entries(all))(
    'a Dockerfile that cannot be read, its own: invalid_dockerfile with the line (%s)',
    async (_name, engine) => {
      for (const needs of [[], ['buildkit']]) {
        const { error } = await build({ host: engine, owner }, { dockerfile: `${python}RUNN x\n`, own: true, needs })
        expect(isBuildError(error) && error.code).toBe('invalid_dockerfile')
        expect((error as Error).message).toMatch(/^Dockerfile, line 2: unknown instruction: RUNN/)
        expect(error).toMatchObject({ data: { file: 'Dockerfile', line: 2 } })
      }
    },
  )

  test('none of them leaves a container', async () => {
    const before = await containers(host)
    await build({ host, owner }, { dockerfile: `${python}RUN exit 1\n`, cache: 'refresh' })
    const mine = [...(await containers(host))].filter((id) => !before.has(id))
    const hosts = await Promise.all(mine.map(async (id) => (await ask(host, `/containers/${id}/json`)).body))
    expect(hosts.filter((body) => body.includes(Buffer.from(owner).toString('hex')))).toEqual([])
  })
})

describe('Dockerfiles for BuildKit', () => {
  test.each(Object.entries(all))('cache mounts work on %s, limits that cannot be held are said', async (_name, engine) => {
    const dockerfile = `${python}# a comment\nRUN --mount=type=cache,target=/c echo "to stderr" >&2; echo word >> /c/f; \\\n  cat /c/f | tail -n 1\n`
    const ran = await build(
      { host: engine, owner },
      { dockerfile, needs: ['buildkit'], own: true, cache: 'refresh', limits: { memory: 2 ** 28 } },
    )
    expect(ran.error).toBeUndefined()
    expect(ran.built?.builder).toMatch(/\(BuildKit\)$/)
    expect(ran.built?.bases['python:3.11-slim']).toMatch(/^sha256:[0-9a-f]{64}$/)
    const started = ran.events.find((event) => event.type === 'step-started' && event.title.includes('RUN --mount'))
    expect(started).toMatchObject({ line: 3 })
    const logs = ran.events.flatMap((event) =>
      event.type === 'log' && event.step === started?.step ? [`${event.stream} ${event.text}`] : [],
    )
    expect(logs.toSorted()).toEqual(['err to stderr', 'out word'])
    expect(ran.events.some((event) => event.type === 'notice' && event.notice.code === 'limits_not_applied')).toBe(true)
  })

  test('a failing step has its facts there too', async () => {
    const ran = await build(
      { host, owner },
      { dockerfile: `${python}RUN --mount=type=tmpfs,target=/t echo last words; exit 9\n`, needs: ['buildkit'], own: true },
    )
    expect(factsOf(ran)).toMatchObject({ line: 2, exitCode: 9 })
    expect(ran.lines).toContain('last words')
  })

  test('a failing base among several is told, not the cancelled ones', async () => {
    const dockerfile = 'FROM python:3.11-slim AS a\nRUN sleep 30\nFROM nosuchbase-kiln:9\nCOPY --from=a / /\n'
    expect(factsOf(await build({ host, owner }, { dockerfile, needs: ['buildkit'], own: true })).message).toMatch(/nosuchbase-kiln/)
  })

  test('secrets are refused: the API has none', async () => {
    const { error } = await build(
      { host, owner },
      { dockerfile: `${python}RUN --mount=type=secret,id=a cat /run/secrets/a\n`, needs: ['buildkit', 'secrets'], own: true },
    )
    expect(isBuildError(error) && error.code).toBe('needs_unmet')
  })
})
