import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { BuildError, type Probe } from '@kiln/core'
import { failing, fakeDriver, gated, hanging, scripted, throwing, type FakeBuild } from '@kiln/testkit/driver'
import { indexOf } from '@kiln/kiln'
import { openWanted } from '../src/build-request.ts'
import { outputs } from '../schema/output.ts'
import { fakeCli } from './fake-io.ts'
import { agent, folder } from './folder.ts'

const noPip = { step: '2', title: 'RUN pip install -r requirements.txt', line: 6, exitCode: 1, message: 'returned a non-zero code: 1' }
const pipSaid = ['Collecting nosuchpkg', 'ERROR: No matching distribution found for nosuchpkg']

describe('a build that works', () => {
  test('prints the image reference alone on standard output; the same again is a hit', async () => {
    const driver = fakeDriver()
    const cli = fakeCli({ driver })
    const home = folder(agent)
    const first = await cli.run('build', home)
    expect(first.code).toBe(0)
    expect(first.out).toMatch(/^localhost\/kiln\/local\/my-agent:[0-9a-f]{16}\n$/)
    expect(first.err).toMatch(/#1 FROM scratch\n#1 \d+\.\ds context of \d+ bytes\n#1 done \d/)
    const second = await cli.run('build', home)
    expect(second).toMatchObject({ code: 0, out: first.out, err: expect.stringContaining('from an earlier build') })
    expect(second.err).not.toContain('#1')
    expect(driver.jobs).toHaveLength(1)
  })

  test('--tenant builds for a tenant of a server: its image, its records, its earlier builds', async () => {
    const cli = fakeCli()
    const home = folder(agent)
    await cli.run('build', home)
    const { code, out, err } = await cli.run('build', home, '--tenant', 'acme')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^localhost\/kiln\/acme\/my-agent:[0-9a-f]{16}\n$/) })
    expect(err).not.toContain('from an earlier build')
    expect((await cli.run('build', home, '--tenant', 'acme')).err).toContain('from an earlier build')
    const kept = async (...of: readonly string[]) =>
      (JSON.parse((await cli.run('builds', 'ls', '--json', ...of)).out) as { builds: object[] }).builds
    expect([await kept(), await kept('--tenant', 'acme')]).toMatchObject([{ length: 1 }, { length: 2 }])
  })

  test('--tenant stands in what to type next', async () => {
    const cli = fakeCli({ driver: fakeDriver({ build: failing(noPip) }) })
    expect((await cli.run('build', folder(agent), '--tenant', 'acme')).err).toMatch(/kiln builds logs \S+ --tenant acme\n/)
  })

  test('after a change names the file that changed', async () => {
    const cli = fakeCli()
    const home = folder(agent)
    await cli.run('build', home)
    writeFileSync(join(home, 'agent.py'), `${agent['agent.py']}# more\n`)
    expect((await cli.run('build', home)).err).toMatch(/changed since [0-9a-f-]{36}: agent\.py\n/)
  })

  test('a large directory is hashed while it is listed, unless its index is there or it may have to be opened anew', async () => {
    const many = Object.fromEntries(Array.from({ length: 1600 }, (_, i) => [`data/${i % 40}/${i}.txt`, `${i}`]))
    const dataDir = folder({ 'index/none': '' }, 'data')
    const cli = fakeCli({ env: { KILN_DATA_DIR: dataDir }, engine: { index: indexOf(dataDir) } })
    const early = async (home: string, options: object = {}): Promise<string | undefined> => {
      const io = { env: { KILN_DATA_DIR: dataDir }, cwd: '/', stdin: { isTTY: true } } as never
      await using source = (await openWanted(io, home, { cache: true, ...options }, new AbortController().signal)).source
      return source.access.kind === 'directory' ? source.access.columns.early?.of : 'no directory'
    }
    const home = folder({ ...agent, ...many })
    expect([await early(home), await early(home, { plan: undefined, file: 'agent.py' })]).toEqual(['both', 'both'])
    expect(await early(folder({ ...agent, ...many, Dockerfile: 'FROM scratch' }))).toBeUndefined()
    expect((await cli.run('build', home)).code).toBe(0)
    expect(await early(home)).toBeUndefined()
  })

  test('--json is one document', async () => {
    const { code, out } = await fakeCli().run('build', folder(agent), '--json', '--name', 'other')
    expect(code).toBe(0)
    expect(v.parse(outputs.build, JSON.parse(out))).toMatchObject({
      build: { name: 'other', state: 'succeeded', built: { digest: expect.any(String) } },
      reuse: 'none',
    })
  })

  test('--progress json is one event per line and nothing else', async () => {
    const { code, out, err } = await fakeCli().run('build', folder(agent), '--progress', 'json')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => v.parse(outputs['build --progress json'], JSON.parse(line)) as { type: string; seq?: number })
    expect(lines.map(({ type }) => type)).toEqual([
      'accepted',
      'state',
      'state',
      'step-started',
      'log',
      'step-finished',
      'step-started',
      'log',
      'step-finished',
      'state',
      'result',
    ])
    expect(lines.flatMap(({ seq }) => seq ?? [])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('--progress quiet says nothing but the reference', async () => {
    expect(await fakeCli().run('build', folder(agent), '--progress', 'quiet')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^localhost\S+\n$/),
    })
  })

  test('flags reach the driver', async () => {
    const driver = fakeDriver()
    const cli = fakeCli({ driver, env: { FROM_ENV: 'e' } })
    const flags = [
      '--build-arg',
      'A=1',
      '--build-arg',
      'FROM_ENV',
      '--build-arg',
      'UNSET',
      '--label',
      'team=x',
      '--tag',
      'latest',
      '--tag',
      'v1',
      '--platform',
      'linux/arm64',
      '--secret',
      'token=env:FROM_ENV',
      '--pull',
    ]
    expect(await cli.run('build', folder(agent), ...flags)).toMatchObject({ code: 0 })
    const [job] = driver.jobs
    expect(job).toMatchObject({
      args: { A: '1', FROM_ENV: 'e' },
      labels: { team: 'x' },
      platforms: ['linux/arm64'],
      pull: true,
      tenant: 'local',
    })
    expect(job!.args).not.toHaveProperty('UNSET')
    expect(Buffer.from(await job!.secret('token')).toString()).toBe('e')
    expect([...driver.stored.keys()]).toEqual(
      expect.arrayContaining(['localhost/kiln/local/my-agent:latest', 'localhost/kiln/local/my-agent:v1']),
    )
  })

  test('--no-cache and --max-age 0s run again', async () => {
    const driver = fakeDriver()
    const cli = fakeCli({ driver })
    const home = folder(agent)
    await cli.run('build', home)
    await cli.run('build', home, '--no-cache')
    await new Promise((resolve) => setTimeout(resolve, 5))
    await cli.run('build', home, '--max-age', '0s')
    expect(driver.jobs.map(({ cache }) => cache)).toEqual(['use', 'refresh', 'use'])
  })

  test('a saved plan is built', async () => {
    const driver = fakeDriver()
    const cli = fakeCli({ driver })
    const home = folder(agent)
    const plan = JSON.parse((await cli.run('plan', home, '--json')).out) as { start: string[] }
    const file = join(folder({}, 'plans'), 'plan.json')
    writeFileSync(file, JSON.stringify({ ...plan, start: ['python', '-u', 'agent.py'] }))
    expect(await cli.run('build', home, '--plan', file)).toMatchObject({ code: 0 })
    expect(driver.jobs[0]!.recipe).toMatchObject({ text: expect.stringContaining('"-u"') })
    writeFileSync(file, '{ "version": 1')
    expect(await cli.run('build', home, '--plan', file)).toMatchObject({ code: 2, err: expect.stringContaining('invalid_plan') })
  })
})

describe("a user's own Dockerfile", () => {
  const own = { ...agent, 'docker/Dockerfile.dev': 'FROM scratch AS one\nCOPY . /\nFROM one AS two\n' }

  test('is taken when asked, with its target', async () => {
    const driver = fakeDriver()
    expect(await fakeCli({ driver }).run('build', folder(own), '--file', './docker/Dockerfile.dev', '--target', 'one')).toMatchObject({
      code: 0,
    })
    expect(driver.jobs[0]!.recipe).toMatchObject({ path: 'docker/Dockerfile.dev', target: 'one', text: own['docker/Dockerfile.dev'] })
  })

  test('is taken when nothing can be planned, as it is given, and that is said', async () => {
    const driver = fakeDriver()
    const answer = await fakeCli({ driver }).run('build', folder({ Dockerfile: 'FROM scratch\nCOPY . /\n', '.env': 'A=1' }))
    expect(answer).toMatchObject({ code: 0, err: expect.stringContaining('[dockerfile_used]') })
    expect(JSON.parse((await fakeCli().run('build', folder({ Dockerfile: 'FROM scratch\n', x: '' }), '--json')).out)).toMatchObject({
      notices: [expect.objectContaining({ code: 'dockerfile_used' })],
    })
    const names: string[] = []
    for await (const chunk of driver.jobs[0]!.context.tar()) names.push(Buffer.from(chunk).toString('latin1'))
    expect(names.join('')).toContain('.env')
  })

  test('that is not there is exit code 3; a target without one is wrong usage', async () => {
    expect(await fakeCli().run('build', folder(agent), '--file', 'nope')).toMatchObject({
      code: 3,
      err: expect.stringContaining('dockerfile_not_found'),
    })
    for (const outside of ['../x', 'docker/../../x', '/etc/x'])
      expect(await fakeCli().run('build', folder(agent), '--file', outside)).toMatchObject({
        code: 3,
        err: expect.stringContaining(`--file: ${outside} is not inside the source. [dockerfile_not_found]`),
      })
    expect(await fakeCli().run('build', folder(agent), '--target', 'x')).toMatchObject({ code: 2 })
  })
})

describe('a build that fails', () => {
  const cli = (): ReturnType<typeof fakeCli> => fakeCli({ driver: fakeDriver({ build: failing(noPip, pipSaid) }) })

  test('ends with what, where, the last lines, and the next command', async () => {
    const { code, out, err } = await cli().run('build', folder(agent))
    expect({ code, out }).toEqual({ code: 1, out: '' })
    const summary = err.slice(err.indexOf('failed: '))
    expect(summary).toMatch(/^failed: .*no matching distribution found for nosuchpkg \[step_failed\]\n/)
    expect(summary).toContain('RUN pip install -r requirements.txt, line 6 of the Dockerfile, exit code 1')
    expect(summary).toContain('  | ERROR: No matching distribution found for nosuchpkg')
    expect(summary).toMatch(/hint .+\n {2}log {4}kiln builds logs [0-9a-f-]{36}\n$/)
  })

  test.each(['quiet', 'tty'])('has the same summary in mode %s', async (mode) => {
    const { code, err } = await cli().run('build', folder(agent), '--progress', mode)
    expect(code).toBe(1)
    expect(err).toMatch(/failed: [^\n]*nosuchpkg[^\n]*\n(.*\n)*? {2}\| ERROR: No matching[^\n]*\n(.*\n)* {2}log {4}kiln builds logs \S+\n$/)
  })

  test('carries the same facts in JSON, with exit code 1', async () => {
    const { code, out } = await cli().run('build', folder(agent), '--json')
    expect(code).toBe(1)
    expect(v.parse(outputs.build, JSON.parse(out))).toMatchObject({
      build: { state: 'failed' },
      error: { code: 'step_failed', data: { exitCode: 1, logTail: expect.arrayContaining([pipSaid[1]]) } },
    })
  })
})

describe('trouble', () => {
  test('no builder is exit code 4, with its hint', async () => {
    const probe = { ready: false, code: 'driver_unreachable', message: 'No Docker Engine answers.', hint: 'Start it.' } as const
    const answer = await fakeCli({ driver: fakeDriver({ probe }) }).run('build', folder(agent))
    expect(answer).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringMatching(/No Docker Engine answers.*\[driver_unreachable\]\n.*Start it\./),
    })
  })

  test('an unknown driver is exit code 2', async () => {
    expect(await fakeCli().run('build', folder(agent), '--driver', 'kniako')).toMatchObject({
      code: 2,
      err: expect.stringContaining('kniako'),
    })
  })

  test('an unknown driver is no answer from an earlier build either, and the one that was meant is named', async () => {
    const cli = fakeCli()
    const home = folder(agent)
    await cli.run('build', home)
    const answer = await cli.run('build', home, '--driver', 'faek')
    expect(answer).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/no driver "faek", did you mean fake\?.*\n.*one of: fake/),
    })
    expect(await cli.run('build', home, '--driver', 'fake')).toMatchObject({ code: 0 })
  })

  test('--push without a registry is exit code 2', async () => {
    expect(await fakeCli().run('build', folder(agent), '--push')).toMatchObject({ code: 2, err: expect.stringContaining('KILN_REGISTRY') })
  })

  test('--registry beside --repository is exit code 2, with the whole name', async () => {
    const answer = await fakeCli().run('build', folder(agent), '--registry', 'r.example/me/', '--repository', 'team/app', '--push')
    expect(answer).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--repository r.example/me/team/app') })
  })

  test('a registry that refuses is exit code 5', async () => {
    const build = throwing(new BuildError('registry_denied', 'The registry says no.'))
    expect(await fakeCli({ driver: fakeDriver({ build }) }).run('build', folder(agent))).toMatchObject({ code: 5 })
  })

  test('a build that is too long is exit code 6', async () => {
    const answer = await fakeCli({ driver: fakeDriver({ build: hanging }) }).run('build', folder(agent), '--timeout', '50ms')
    expect(answer).toMatchObject({ code: 6, err: expect.stringContaining('[timed_out]') })
  })

  test('a wrong duration or name is exit code 2', async () => {
    expect(await fakeCli().run('build', folder(agent), '--timeout', 'soon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--timeout'),
    })
    expect(await fakeCli().run('build', folder(agent), '--name', 'Not A Name')).toMatchObject({
      code: 2,
      err: expect.stringContaining('invalid_name'),
    })
  })
})

describe('Ctrl-C', () => {
  test('cancels the build, waits for it and ends with 130', async () => {
    const driver = fakeDriver({ build: hanging })
    const cli = fakeCli({ driver })
    const running = cli.run('build', folder(agent))
    await expect.poll(() => cli.err.text()).toContain('RUN sleep infinity')
    cli.interrupt()
    const { code, err } = await running
    expect(code).toBe(130)
    expect(err).toMatch(/cancelling .*\n(.*\n)*cancelled: /)
    expect(driver.running.size).toBe(0)
    expect(JSON.parse((await cli.run('builds', 'show', '--json')).out)).toMatchObject({ build: { state: 'cancelled' } })
  })

  test('a second time leaves at once', async () => {
    const gate = gated()
    const cli = fakeCli({ driver: fakeDriver({ build: gate.build }) })
    const running = cli.run('build', folder(agent))
    await gate.waiting
    cli.interrupt()
    cli.interrupt()
    expect(cli.exits).toEqual([130])
    await running
  })

  test('before the build is accepted leaves nothing', async () => {
    const cli = fakeCli({ interruptAtOnce: true })
    expect(await cli.run('build', folder(agent))).toMatchObject({ code: 130, out: '' })
    expect(JSON.parse((await cli.run('builds', 'ls', '--json')).out)).toMatchObject({ builds: [] })
  })
})

describe('what a stranger prints', () => {
  const evil = scripted([
    { step: '1', type: 'step-started', title: 'RUN \u001b[2Jevil', line: 1 },
    { step: '1', type: 'log', stream: 'out', text: '\u001b[31mred\u001b[0m\u001b]0;title\u0007\u001b[2J\u001b[8mhidden' },
    { step: '1', type: 'step-finished', cached: false },
  ])

  test('has no escape byte when piped', async () => {
    const { err } = await fakeCli({ driver: fakeDriver({ build: evil }) }).run('build', folder(agent))
    expect(err).toContain('redhidden')
    expect(err).not.toContain('\u001b')
  })

  test('keeps only colours in a coloured log', async () => {
    const cli = fakeCli({ driver: fakeDriver({ build: evil }), env: { FORCE_COLOR: '1' } })
    await cli.run('build', folder(agent))
    const { out } = await cli.run('builds', 'logs')
    expect(out).toContain('\u001b[31mred')
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/\u001b(?!\[[0-9;]*m)|\u0007|\u001b\[8m/)
  })
})

describe('--fix', () => {
  const lacking = { step: '2', title: 'RUN pip install -r requirements.txt', line: 6, exitCode: 1, message: 'returned a non-zero code: 1' }
  const noHeader = failing(lacking, ['x.c:1: fatal error: libpq-fe.h: No such file or directory'])
  const inTurn = (...builds: readonly Parameters<typeof fakeDriver>[0][]): ReturnType<typeof fakeDriver> => {
    let at = 0
    return fakeDriver({ build: (...words) => (builds[Math.min(at++, builds.length - 1)]?.build ?? scripted([]))(...words) })
  }

  test('is offered when a build fails', async () => {
    const { code, err } = await fakeCli({ driver: fakeDriver({ build: noHeader }) }).run('build', folder(agent))
    expect(code).toBe(1)
    expect(err).toContain('fix    kiln build --fix adds to kiln.json: {"systemPackages":{"add":["libpq5"]},"buildPackages":')
  })

  test('writes it, keeping what is there, and builds once more', async () => {
    const driver = inTurn({ build: noHeader }, {})
    const home = folder({ ...agent, 'kiln.json': '{\n  // ours\n  "port": 9000\n}\n' })
    const { code, out, err } = await fakeCli({ driver }).run('build', home, '--fix')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^localhost\/kiln\/local\/my-agent:/) })
    expect(err).toMatch(/failed: [^\n]*libpq-fe\.h|failed: [^\n]*pg_config/)
    expect(err).toMatch(/fix: wrote \S*kiln\.json: .*libpq-dev.*; building again\n/)
    expect(err).toMatch(/fix: \S*kiln\.json keeps it\n$/)
    expect(readFileSync(join(home, 'kiln.json'), 'utf8')).toBe(
      '{\n  // ours\n  "port": 9000,\n  "systemPackages": { "add": ["libpq5"] },\n  "buildPackages": { "add": ["gcc", "libc6-dev", "libpq-dev"] }\n}\n',
    )
    expect(driver.jobs).toHaveLength(2)
    expect(driver.jobs[1]!.recipe).toMatchObject({ text: expect.stringContaining('libpq-dev') })
  })

  test('is taken back where the same failure comes again', async () => {
    const driver = fakeDriver({ build: noHeader })
    const home = folder(agent)
    const { code, err } = await fakeCli({ driver }).run('build', home, '--fix')
    expect({ code, jobs: driver.jobs.length }).toEqual({ code: 1, jobs: 2 })
    expect(err).toMatch(/fix: it did not help, so \S*kiln\.json is as it was before\n$/)
    expect(existsSync(join(home, 'kiln.json'))).toBe(false)
  })

  test('is kept where another failure comes; there is no third build', async () => {
    const driver = inTurn({ build: noHeader }, { build: failing(lacking, ["error: command 'gcc' failed: No such file or directory"]) })
    const home = folder(agent)
    expect(await fakeCli({ driver }).run('build', home, '--fix')).toMatchObject({ code: 1, err: expect.stringMatching(/keeps it\n$/) })
    expect(driver.jobs).toHaveLength(2)
    expect(existsSync(join(home, 'kiln.json'))).toBe(true)
  })

  describe.each([['{\r\n  // ours\r\n  "port": 9000, "env": { "add": { "A": "[ 1 ]" } }\r\n}'], [undefined]])(
    'with %j as it was',
    (before) => {
      const home = (): string => folder(before === undefined ? agent : { ...agent, 'kiln.json': before })
      const own = (where: string): string | undefined => {
        const path = join(where, 'kiln.json')
        return existsSync(path) ? readFileSync(path, 'utf8') : undefined
      }

      test('is taken back where the second build is refused', async () => {
        const probes: Probe[] = [{ ready: false, code: 'driver_unreachable', message: 'No Docker Engine answers.', hint: 'Start it.' }]
        const driver = fakeDriver({
          build: (...words) => {
            Object.assign(driver, { probe: async () => probes[0]! })
            return noHeader(...words)
          },
        })
        const where = home()
        const { code, err } = await fakeCli({ driver }).run('build', where, '--fix')
        expect({ code, err }).toEqual({ code: 4, err: expect.stringMatching(/came to no end, so \S*kiln\.json is as it was before\n/) })
        expect(own(where)).toBe(before)
      })

      test.each([
        ['the registry refuses', throwing(new BuildError('registry_denied', 'The registry says no.')), 5],
        ['the base image is not there', throwing(new BuildError('base_image_missing', 'There is no such image.')), 1],
      ])('is taken back where %s', async (_, build, code) => {
        const where = home()
        const answer = await fakeCli({ driver: inTurn({ build: noHeader }, { build }) }).run('build', where, '--fix', '--json')
        expect([answer.code, JSON.parse(answer.out)]).toMatchObject([code, { fix: { kept: false } }])
        expect(own(where)).toBe(before)
      })

      test.each([1, 2])('is taken back after Ctrl-C, %i times', async (times) => {
        const gate = gated()
        const cli = fakeCli({ driver: inTurn({ build: noHeader }, { build: times === 1 ? hanging : gate.build }) })
        const where = home()
        const running = cli.run('build', where, '--fix')
        await expect.poll(() => cli.err.text()).toMatch(/building again\n[^]*#1/)
        expect(own(where)).not.toBe(before)
        for (let at = 0; at < times; at++) cli.interrupt()
        if (times === 2) expect([cli.exits, own(where)]).toEqual([[130], before])
        expect(await running).toMatchObject({
          code: 130,
          err: expect.stringMatching(/came to no end, so \S*kiln\.json is as it was before\n$/),
        })
        expect(own(where)).toBe(before)
      })
    },
  )

  test('leaves what somebody wrote during the second build', async () => {
    const home = folder(agent)
    const edited: FakeBuild = (...words) => {
      writeFileSync(join(home, 'kiln.json'), '{ "port": 1 }')
      return noHeader(...words)
    }
    const { err } = await fakeCli({ driver: inTurn({ build: noHeader }, { build: edited }) }).run('build', home, '--fix')
    expect(err).toMatch(/it did not help, but \S*kiln\.json was changed meanwhile, and stays as it is now\n$/)
    expect(readFileSync(join(home, 'kiln.json'), 'utf8')).toBe('{ "port": 1 }')
  })

  test('that the source contradicts is not kept', async () => {
    const build = failing(lacking, ["ERROR: Package 'x' requires a different Python: 3.11.4 not in '>=3.12'"])
    const home = folder({ ...agent, 'pyproject.toml': '[project]\nname = "x"\nrequires-python = "<3.12"\n' })
    const { code, err } = await fakeCli({ driver: fakeDriver({ build }) }).run('build', home, '--fix')
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('[conflicting_constraints]') })
    expect(existsSync(join(home, 'kiln.json'))).toBe(false)
  })

  test('--json says what was done', async () => {
    const driver = inTurn({ build: noHeader }, {})
    const { code, out } = await fakeCli({ driver }).run('build', folder(agent), '--fix', '--json')
    expect(code).toBe(0)
    expect(v.parse(outputs.build, JSON.parse(out))).toMatchObject({
      build: { state: 'succeeded' },
      fix: { kept: true, patch: { systemPackages: { add: ['libpq5'] } }, failed: { error: { code: 'step_failed' } } },
    })
  })

  test('a failure without a known fix is the end', async () => {
    const driver = fakeDriver({ build: failing(noPip, pipSaid) })
    expect(await fakeCli({ driver }).run('build', folder(agent), '--fix')).toMatchObject({ code: 1 })
    expect(driver.jobs).toHaveLength(1)
  })

  test.each([
    [['--file', 'Dockerfile'], 'not read with --file'],
    [['--plan', 'plan.json'], 'not read with --plan'],
  ])('%j is wrong usage', async (words, said) => {
    expect(await fakeCli().run('build', folder(agent), '--fix', ...words)).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  })

  test('an archive has no kiln.json to write', async () => {
    expect(await fakeCli({ stdin: new Uint8Array(1024) }).run('build', '-', '--fix')).toMatchObject({
      code: 2,
      err: expect.stringContaining('SOURCE has to be a directory'),
    })
  })
})
