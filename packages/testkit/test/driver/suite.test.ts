import { BuildError, type Driver } from '@kiln/core'
import { describe, expect, test } from 'vitest'
import {
  chattering,
  driverSuite,
  fakeDriver,
  finished,
  interpreted,
  readContext,
  throwing,
  twoSteps,
  type FakeBuild,
  type FakeOptions,
} from '../../src/driver/driver.ts'

const nowhere = (): Driver =>
  fakeDriver({
    probe: { ready: false, code: 'driver_unreachable', message: 'nothing there', hint: 'start it' },
    build: throwing(new BuildError('driver_unreachable', 'nothing there')),
  })

driverSuite({ name: 'fake', runner: { describe, test }, create: () => fakeDriver({ build: interpreted }), unreachable: nowhere })

/** Runs the suite outside of the runner and answers with the cases that fail. */
async function failures(create: () => Driver, unreachable: () => Driver = nowhere): Promise<readonly string[]> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = []
  driverSuite({
    name: 'broken',
    runner: { describe: (_name, body) => body(), test: (name, body) => void tests.push({ name, body }) },
    create,
    unreachable,
    stopMs: 500,
  })
  const failed: string[] = []
  for (const { name, body } of tests) await body().catch(() => failed.push(name))
  return failed
}

const broken =
  (build: FakeBuild, more: FakeOptions = {}): (() => Driver) =>
  () =>
    fakeDriver({ ...more, build })

describe('the suite finds', () => {
  test('a driver that always succeeds', async () => {
    expect(await failures(broken(twoSteps))).toEqual([
      'events come in order, and every step ends once',
      'a step that fails is a StepFailure with its facts',
      'a base that is not there is a StepFailure of its FROM',
      'a cancelled build settles in time and leaves nothing',
      'it is silent once it has settled',
      'two builds at once do not mix',
    ])
  })

  test('a driver that throws strings', async () => {
    const failed = await failures(broken(throwing('no')))
    expect(failed).toContain('a step that fails is a StepFailure with its facts')
    expect(failed).toContain('a context that breaks ends the build with its own error')
  })

  test('a driver that leaves the image of a failed or cancelled build', async () => {
    const leaves: FakeBuild = async (job, io) => {
      const tar = await readContext(job, new AbortController().signal)
      finished(job, { ...io, signal: new AbortController().signal }, tar)
      return interpreted(job, io)
    }
    expect(await failures(broken(leaves))).toEqual([
      'a step that fails is a StepFailure with its facts',
      'a base that is not there is a StepFailure of its FROM',
      'a cancelled build settles in time and leaves nothing',
      'a build cancelled before it began does not begin',
    ])
  })

  test('a driver that stops late', async () => {
    const late: FakeBuild = async (job, io) => {
      try {
        return await interpreted(job, io)
      } catch (error) {
        if (io.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 600))
        throw error
      }
    }
    expect(await failures(broken(late))).toContain('a cancelled build settles in time and leaves nothing')
  })

  test('a driver that goes on talking', async () => {
    const talks: FakeBuild = async (job, io) => {
      await chattering(3)(job, io)
      throw new Error('failed')
    }
    expect(await failures(broken(talks))).toContain('it is silent once it has settled')
  })

  test('steps that end twice, and output outside of a step', async () => {
    const twice: FakeBuild = async (job, io) => {
      io.emit({ step: '1', type: 'step-finished', cached: false })
      return interpreted(job, io)
    }
    expect(await failures(broken(twice))).toContain('events come in order, and every step ends once')
  })

  test('references that do not go away, and a reap that takes all or nothing', async () => {
    const sticky = (): Driver => {
      const driver = fakeDriver({ build: interpreted })
      return { ...driver, reap: async () => undefined, images: { ...driver.images, untag: async () => undefined } }
    }
    expect(await failures(sticky)).toEqual([
      'references are set and removed, again and again',
      'reap takes what lost attempts left, and nothing else',
    ])
    const greedy = (): Driver => {
      const driver = fakeDriver({ build: interpreted })
      return { ...driver, reap: async () => driver.stored.clear() }
    }
    expect(await failures(greedy)).toEqual(['reap takes what lost attempts left, and nothing else'])
  })

  test('a driver that crashes where no builder is', async () => {
    expect(await failures(broken(interpreted), broken(throwing(new Error('ECONNREFUSED'))))).toEqual(['no builder is a code, not a crash'])
  })
})
