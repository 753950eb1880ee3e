import { StepFailure, type DockerfileRecipe, type Job, type StepEvent } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import { byAttempt, chattering, failing, fakeDriver, flooding, gated, hanging, interpreted, throwing } from '../../src/driver/driver.ts'

const recipe: DockerfileRecipe = { kind: 'dockerfile', dialect: 'classic', text: 'FROM scratch\n', added: {}, needs: [] }

function job(more: Partial<Job> = {}): Job {
  return {
    run: 'r1',
    attempt: 1,
    tenant: 'me',
    recipe,
    context: {
      digest: `sha256:${'0'.repeat(64)}`,
      async *tar() {
        yield new TextEncoder().encode('a tar')
      },
    },
    platforms: ['linux/amd64'],
    args: {},
    labels: {},
    epoch: 0,
    limits: {},
    cacheScope: 'me/app',
    cache: 'use',
    pull: false,
    output: { kind: 'load', ref: 'localhost/kiln/me/app:try-1' },
    secret: async () => new Uint8Array(),
    credential: async () => undefined,
    ...more,
  }
}

function io(signal: AbortSignal = new AbortController().signal): {
  signal: AbortSignal
  events: StepEvent[]
  emit(event: StepEvent): void
} {
  const events: StepEvent[] = []
  return { signal, events, emit: (event) => void events.push(event) }
}

describe('fakeDriver', () => {
  test('runs two steps by default and remembers job and image', async () => {
    const driver = fakeDriver()
    const run = io()
    const built = await driver.build(job(), run)
    expect(run.events.map((event) => event.type)).toEqual(['step-started', 'log', 'step-finished', 'step-started', 'log', 'step-finished'])
    expect(await driver.images.resolve('localhost/kiln/me/app:try-1', {})).toBe(built.digest)
    expect(driver.jobs).toHaveLength(1)
    expect(driver.running.size).toBe(0)
  })

  test('gives the same digest for the same work, another for other work', async () => {
    const driver = fakeDriver()
    const one = await driver.build(job(), io())
    const two = await driver.build(job({ run: 'r2' }), io())
    const three = await driver.build(job({ args: { A: '1' } }), io())
    expect(two.digest).toBe(one.digest)
    expect(three.digest).not.toBe(one.digest)
  })

  test('tags, untags and reaps', async () => {
    const driver = fakeDriver()
    const built = await driver.build(job(), io())
    await driver.images.tag(built.ref, 'app:1', {})
    await driver.reap(async (run) => run !== 'r1', {})
    expect(driver.stored).toEqual(new Map([['app:1', built.digest]]))
    expect(driver.reaped).toEqual(['r1/1'])
    await driver.images.untag('app:1', {})
    expect(driver.stored.size).toBe(0)
    await expect(driver.images.tag('app:1', 'app:2', {})).rejects.toThrow('no such image')
  })

  test('misbehaves as told', async () => {
    const attempts = fakeDriver({ build: byAttempt(failing({ step: '2', message: 'no', exitCode: 3 }), throwing('a string')) })
    await expect(attempts.build(job(), io())).rejects.toBeInstanceOf(StepFailure)
    await expect(attempts.build(job({ attempt: 2 }), io())).rejects.toBe('a string')
    const flood = io()
    await fakeDriver({ build: flooding(2500, 20) }).build(job(), flood)
    expect(flood.events.filter((event) => event.type === 'log')).toHaveLength(2500)
  })

  test('hangs until aborted, and a gated build waits for its gate', async () => {
    const stop = new AbortController()
    const waits = fakeDriver({ build: hanging }).build(job(), io(stop.signal))
    stop.abort('cancel')
    await expect(waits).rejects.toBe('cancel')
    const gate = gated()
    const driver = fakeDriver({ build: gate.build })
    const building = driver.build(job(), io())
    await gate.waiting
    expect([...driver.running]).toEqual(['r1/1'])
    gate.open()
    await building
  })

  test('goes on talking after it has settled', async () => {
    const run = io()
    await fakeDriver({ build: chattering(3) }).build(job(), run)
    expect(run.events).toHaveLength(0)
    await expect.poll(() => run.events.length).toBe(3)
  })

  test('an interpreted Dockerfile logs and fails where it says', async () => {
    const run = io()
    const text = 'FROM debian:bookworm-slim\n\nRUN echo hello\nRUN exit 7\n'
    const building = fakeDriver({ build: interpreted }).build(job({ recipe: { ...recipe, text } }), run)
    await expect(building).rejects.toMatchObject({ facts: { line: 4, exitCode: 7, title: 'RUN exit 7' } })
    expect(run.events.some((event) => event.type === 'log' && event.text === 'hello')).toBe(true)
  })
})
