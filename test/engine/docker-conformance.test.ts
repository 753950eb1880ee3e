import { docker } from '@kiln/driver-docker'
import { driverSuite } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { engines } from './docker-engine.ts'

const { all, registry } = await engines()

for (const [name, host] of Object.entries(all)) {
  const create = (): ReturnType<typeof docker> => docker({ host, owner: 'conformance' })
  const unreachable = (): ReturnType<typeof docker> => docker({ host: 'unix:///run/no-such-engine.sock' })
  const base = 'python:3.11-slim'
  driverSuite({ name: `${name}, classic`, runner: { describe, test }, create, unreachable, base })
  driverSuite({ name: `${name}, BuildKit`, runner: { describe, test }, create, base, job: { needs: ['buildkit'], own: true } })
}

describe('the engines', () => {
  test('of the rig include every kind', ({ skip }) => {
    if (registry === undefined) skip('not the rig: one engine of unknown kind')
    expect(Object.keys(all)).toContain('docker28')
  })
})
