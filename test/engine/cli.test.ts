import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker } from '@kiln/driver-docker'
import { afterAll, describe, expect, test } from 'vitest'
import { containers, engines } from './docker-engine.ts'

const { host } = await engines()
const root = join(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'kiln-cli-engine-'))
const node = ['--conditions=kiln-source', join(root, 'packages/cli/bin/kiln.mjs')]
const { CI: _ci, FORCE_COLOR: _colour, ...rest } = process.env
const env = { ...rest, DOCKER_HOST: host, KILN_DATA_DIR: join(scratch, 'data') }

afterAll(async () => {
  const { builds } = JSON.parse(kiln('builds', 'ls', '--json').out) as { builds: { image: string }[] }
  await using driver = docker({ host })
  for (const { image } of builds) await driver.images!.untag(image, {})
  rmSync(scratch, { recursive: true, force: true })
})

function kiln(...words: readonly string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const done = spawnSync(process.execPath, [...node, ...words], { env, encoding: 'utf8' })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

interface Running {
  readonly pid: number
  err(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

function start(...words: readonly string[]): Running {
  const child = spawn(process.execPath, [...node, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  )
  return { pid: child.pid!, err: () => err, kill: (signal) => void child.kill(signal), ended }
}

function project(name: string, files: Readonly<Record<string, string>>, from?: string): string {
  const home = mkdtempSync(join(scratch, `${name}-`))
  if (from !== undefined) cpSync(join(root, 'examples/agents', from), home, { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(home, path), text)
  return home
}

// Text of this run alone in the layers, so that no cache of an earlier run answers.
const salt = `${Date.now()}`
const sleeper = (name: string): string =>
  project(name, { Dockerfile: `FROM python:3.11-slim\nRUN echo ${salt} begun && sleep 300\n`, x: salt })

describe('kiln build', () => {
  test("builds the seed's agent; the same again is a hit that runs nothing; a change says what changed", async () => {
    const home = project('seed', {}, 'seed-agent')
    const first = kiln('build', home, '--name', 'cli-seed')
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^localhost\/kiln\/local\/cli-seed:[0-9a-f]{16}\n$/) })
    expect(first.err).toContain('RUN pip install')
    expect(first.err + first.out).not.toContain('\u001b')
    const second = kiln('build', home, '--name', 'cli-seed')
    expect(second).toMatchObject({ code: 0, out: first.out, err: expect.stringContaining('from an earlier build') })
    expect(second.err).not.toContain('#1 ')
    writeFileSync(join(home, 'more.py'), '# more\n')
    const third = kiln('build', home, '--name', 'cli-seed')
    expect(third.out).not.toBe(first.out)
    expect(third.err).toMatch(/changed since \S+: \+more\.py\n/)
    expect(third.err).toMatch(/RUN pip install.*\n#\d+ CACHED/)
  })

  test('of a package that does not exist ends with 1, the reason, and the last lines', () => {
    const home = project('bad', { 'agent.py': 'print(1)\n', 'requirements.txt': `nosuchpkg-kiln-${salt}\n` })
    const { code, out, err } = kiln('build', home)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(
      /failed: pip install failed: no matching distribution found for nosuchpkg-kiln-\d+ \[step_failed\]\n.*RUN pip install.*exit code 1\n( {2}\| .*\n)+(.*\n)* {2}log {4}kiln builds logs \S+\n$/,
    )
    expect(kiln('builds', 'logs').out).toContain('was not found in the package registry')
  })

  test('is shown to other processes while it runs, and Ctrl-C leaves nothing running', async () => {
    const before = await containers(host)
    const building = start('build', sleeper('sleep'), '--file', 'Dockerfile', '--name', 'cli-sleep')
    await expect.poll(() => building.err(), { timeout: 60_000 }).toContain(`${salt} begun`)
    const follower = start('builds', 'logs', '--follow', '^0', '--raw')
    expect(kiln('builds', 'logs', '^0', '--raw').out).toContain(`${salt} begun`)
    expect(kiln('builds', 'ls', '--state', 'building').out).toContain('cli-sleep')
    expect([...(await containers(host))].filter((id) => !before.has(id))).not.toEqual([])
    building.kill('SIGINT')
    expect(await building.ended).toMatchObject({
      code: 130,
      out: '',
      err: expect.stringMatching(/cancelled: .*\n.*kiln builds logs \S+\n$/),
    })
    expect(await follower.ended).toMatchObject({ code: 0, out: expect.stringContaining(`${salt} begun`) })
    expect([...(await containers(host))].filter((id) => !before.has(id))).toEqual([])
    expect(kiln('builds', 'ls', '--limit', '1').out).toContain('cancelled')
  })

  test('is cancelled from another process', async () => {
    const building = start('build', sleeper('other'), '--file', 'Dockerfile', '--name', 'cli-other')
    await expect.poll(() => building.err(), { timeout: 60_000 }).toContain(`${salt} begun`)
    expect(kiln('builds', 'cancel', '^0', '--wait')).toMatchObject({ code: 0, out: expect.stringContaining('cancelled') })
    expect(await building.ended).toMatchObject({ code: 130 })
  })
})

test('kiln doctor names the Docker Engine', () => {
  const { code, out } = kiln('doctor')
  expect(code).toBe(0)
  expect(out).toMatch(/ok {3}driver docker +\d+\.\d+/)
})
