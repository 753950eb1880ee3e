import { fakeCapabilities, fakeDriver } from '@kiln/testkit/driver'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createEngine, files, type Driver } from '@kiln/core'
import { choose, type Wanted } from '../../src/driver/choose.ts'

const refused = async (needs: Wanted['needs'], ...has: readonly (readonly string[])[]): Promise<unknown> => {
  const drivers = has.map((each, at) => fakeDriver({ name: `d${at}`, can: { ...fakeCapabilities, needs: each } }))
  const probed = { drivers, untrusted: false, probe: (driver: (typeof drivers)[number]) => driver.probe({}) }
  const wanted: Wanted = { output: 'load', platforms: ['linux/amd64'], needs, recipes: ['buildkit'] }
  return choose(probed as never, wanted).catch((error: unknown) => error)
}
const secret = [
  { need: 'buildkit', line: 3, text: 'RUN --mount=type=secret' },
  { need: 'secrets', line: 3, text: 'RUN --mount=type=secret' },
]

describe('what no driver has is named by its line', () => {
  test.each([
    ['BuildKit itself', secret, [[]], 'dockerfile_needs_buildkit', 'Line 3 of the Dockerfile (RUN --mount=type=secret) needs BuildKit,'],
    ['secrets', secret, [['buildkit']], 'needs_unmet', 'Line 3 of the Dockerfile (RUN --mount=type=secret) needs build secrets,'],
    ['secrets of a request', [{ need: 'secrets' }], [[]], 'needs_unmet', 'This build needs build secrets,'],
    ['none alone', secret, [['buildkit'], ['secrets']], 'needs_unmet', 'No driver can carry this build out'],
    [
      'what has no name here',
      [{ need: 'gpu', line: 2, text: 'RUN x' }],
      [[]],
      'needs_unmet',
      'Line 2 of the Dockerfile (RUN x) needs gpu,',
    ],
    [
      'an older BuildKit',
      [{ need: 'heredoc', line: 2, text: 'RUN <<EOF' }],
      [['buildkit']],
      'dockerfile_needs_buildkit',
      'Line 2 of the Dockerfile (RUN <<EOF) needs a BuildKit that knows here-documents,',
    ],
  ])('%s', async (_, needs, has, code, says) => {
    expect(await refused(needs, ...has)).toMatchObject({ code, message: expect.stringContaining(says) as unknown })
  })

  test('a driver that has it all is chosen', async () => {
    expect(await refused(secret, ['buildkit'], ['buildkit', 'secrets'])).toMatchObject({ name: 'd1' })
  })
})

afterEach(() => void vi.useRealTimers())

describe('drivers that do not answer', () => {
  const wanted: Wanted = { output: 'load', platforms: ['linux/amd64'], needs: [], recipes: ['buildkit', 'classic'] }
  const probedOf = (...drivers: readonly Driver[]): Parameters<typeof choose>[0] => ({
    drivers,
    untrusted: false,
    probe: (driver, signal) => driver.probe(signal ? { signal } : {}),
  })
  /** never answers; `heeds` the signal or not */
  const hung = (name: string, heeds = false): Driver => ({
    ...fakeDriver({ name }),
    probe: ({ signal }) =>
      new Promise((_resolve, reject) => void (heeds && signal?.addEventListener('abort', () => reject(signal.reason as Error)))),
  })
  const down = (name: string): Driver => ({
    ...fakeDriver({ name }),
    probe: async () => ({ ready: false, code: 'driver_unreachable', message: 'Nobody at /run/secret.sock.', hint: 'Start it.' }),
  })

  test.each([true, false])('are waited for some seconds, whether they heed the signal (%s) or not', async (heeds) => {
    vi.useFakeTimers()
    const found = choose(probedOf(hung('docker', heeds)), wanted).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await found).toMatchObject({ code: 'driver_unreachable', retryable: true, message: 'docker has not answered in time.' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leave the build to the next one', async () => {
    vi.useFakeTimers()
    const found = choose(probedOf(hung('docker'), fakeDriver({ name: 'other' })), wanted)
    await vi.advanceTimersByTimeAsync(5000)
    expect(await found).toMatchObject({ name: 'other' })
  })

  test('one of several that is gone does not make the request wrong', async () => {
    const error = await choose(probedOf(down('a'), down('b')), wanted).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'driver_unreachable',
      retryable: true,
      message: 'No driver is ready (a: it does not answer; b: it does not answer).',
    })
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  test('whoever leaves is let go at once, with the reason of leaving', async () => {
    const leaving = new AbortController()
    const found = choose(probedOf(hung('docker')), wanted, leaving.signal)
    leaving.abort(new Error('gone'))
    await expect(found).rejects.toThrow('gone')
  })
})

test('an unknown driver is refused alike, whether an earlier build would answer or not', async () => {
  await using engine = createEngine({ drivers: [fakeDriver({ name: 'docker' })] })
  const kiln = engine.for('acme')
  const source = await files({ 'agent.py': 'print(1)\n' })
  const refusal = { code: 'invalid_argument', message: 'There is no driver "dokcer".', hint: 'Choose one of: docker.' }
  await expect(kiln.build({ name: 'a', source, driver: 'dokcer' })).rejects.toMatchObject(refusal)
  await (await kiln.build({ name: 'a', source })).result()
  await expect(kiln.build({ name: 'a', source, driver: 'dokcer' })).rejects.toMatchObject(refusal)
  await expect(kiln.build({ name: 'a', source, driver: 'dokcer', fingerprint: 'f' })).rejects.toMatchObject(refusal)
  expect((await kiln.build({ name: 'a', source, driver: 'docker' })).reuse).toBe('hit')
})
