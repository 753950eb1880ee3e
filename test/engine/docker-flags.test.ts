import { docker } from '@kiln/driver-docker'
import { testJob } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { engines, run } from './docker-engine.ts'

const { all } = await engines()

const lines = {
  exclude: 'COPY --exclude=*.md . /copied',
  parents: 'COPY --parents hello.txt /copied/',
  unpack: 'ADD --unpack=false hello.txt /copied/',
  'keep-git-dir': 'ADD --keep-git-dir=true hello.txt /copied/',
  'start-interval': 'HEALTHCHECK --start-interval=5s CMD true',
} as const

describe.each(Object.entries(all))('%s', (_name, host) => {
  // the table of versions in the driver, held against what the engine itself says
  test.each(Object.entries(lines))('builds with --%s where the driver says so, and only there', async (flag, line) => {
    await using driver = docker({ host, owner: 'docker-flags-test' })
    const probe = await driver.probe({})
    if (!probe.ready) throw new Error(probe.message)
    const { error } = await run(driver, testJob({ dockerfile: `FROM python:3.11-slim\n${line}\n`, needs: ['buildkit'] }))
    await driver.reap(async () => false, {})
    expect(error === undefined).toBe(probe.can.needs.includes(flag))
  })

  test('builds with a --chmod in letters where the driver says so; what does not know it leaves the mode as it was', async () => {
    await using driver = docker({ host, owner: 'docker-flags-test' })
    const probe = await driver.probe({})
    const dockerfile = 'FROM python:3.11-slim\nCOPY --chmod=u+x hello.txt /\nRUN stat -c %a /hello.txt\n'
    const { lines: said } = await run(driver, testJob({ dockerfile, needs: ['buildkit'], cache: 'refresh' }))
    await driver.reap(async () => false, {})
    expect(said).toEqual([probe.ready && probe.can.needs.includes('symbolic-chmod') ? '744' : '644'])
  })

  test('builds with --chmod', async () => {
    await using driver = docker({ host, owner: 'docker-flags-test' })
    const dockerfile = 'FROM python:3.11-slim\nCOPY --chmod=711 hello.txt /\nRUN stat -c %a /hello.txt\n'
    const { error, lines: said } = await run(driver, testJob({ dockerfile, needs: ['buildkit'], cache: 'refresh' }))
    await driver.reap(async () => false, {})
    expect({ error, said }).toEqual({ error: undefined, said: ['711'] })
  })
})
