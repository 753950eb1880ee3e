import { docker } from '@kiln/driver-docker'
import { testJob } from '@kiln/testkit/driver'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
// @ts-expect-error the rig runs before anything is installed: plain JavaScript
import { tcp } from '../rig/lib/parts.mjs'
import { engines, run } from './docker-engine.ts'

const { host, all } = await engines()
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kiln-ways-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

async function builds(address: string): Promise<readonly string[]> {
  await using driver = docker({ host: address, owner: 'docker-ways-test' })
  const { error, lines } = await run(
    driver,
    testJob({ dockerfile: 'FROM python:3.11-slim\nCOPY . /app\nRUN cat /app/hello.txt\n', cache: 'refresh' }),
  )
  expect(error).toBeUndefined()
  await driver.reap(async () => false, {})
  return lines
}

function hasDocker(): boolean {
  try {
    return execFileSync('docker', ['--version'], { stdio: 'pipe' }).length > 0
  } catch {
    return false
  }
}

describe('a real engine', () => {
  test.runIf('docker28' in all)('over TCP', async () => {
    expect(await builds((tcp as { docker28: string }).docker28)).toEqual(['hello'])
  })

  test.runIf(hasDocker())('over ssh, with the real docker command at its other end', async () => {
    // in place of ssh a program that drops its options and runs the remote command here
    const script = `#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nDOCKER_HOST=${host} exec "$@"\n`
    writeFileSync(join(directory, 'ssh'), script, { mode: 0o755 })
    vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`)
    expect(await builds('ssh://me@build-host')).toEqual(['hello'])
  })

  test('of DOCKER_HOST', async () => {
    vi.stubEnv('DOCKER_HOST', host)
    await using driver = docker()
    expect(await driver.probe({})).toMatchObject({ ready: true, facts: { address: host } })
  })
})
