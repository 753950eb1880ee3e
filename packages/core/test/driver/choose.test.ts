import { fakeCapabilities, fakeDriver } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
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
