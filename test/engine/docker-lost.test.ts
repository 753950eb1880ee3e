import { docker } from '@kiln/driver-docker'
import { isBuildError, type Job } from '@kiln/core'
import { testJob } from '@kiln/testkit/driver'
import { describe, expect, test } from 'vitest'
import { containers, engines, factsOf, run } from './docker-engine.ts'
import { noPrivateEngine, privateEngine } from './docker-private.ts'

const { registry = '' } = await engines()
const obstacle = registry === '' ? 'not the rig: no registry to get the base image from' : noPrivateEngine()
const debian = 'FROM debian:bookworm-slim\n'

describe.skipIf(obstacle !== undefined)(`an engine of our own${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  test('killed in the middle of a step is driver_lost; what it left is reaped when it is back', async () => {
    await using engine = await privateEngine({ registry })
    await using driver = docker({ host: engine.host, owner: 'lost' })
    const job = testJob({ dockerfile: `${debian}RUN echo begun && sleep 600\n` })
    const ran = await run(driver, job, undefined, (event) => {
      if (event.type === 'log' && event.text === 'begun') void engine.kill()
    })
    expect(isBuildError(ran.error) && ran.error.code).toBe('driver_lost')
    expect(ran.error).toMatchObject({ retryable: true })
    expect(ran.events.at(-1)).toMatchObject({ type: 'step-finished' })
    expect(await driver.probe({})).toMatchObject({ ready: false, code: 'driver_unreachable' })
    await engine.start()
    expect((await containers(engine.host)).size).toBe(1)
    await driver.reap(async () => true, {})
    expect((await containers(engine.host)).size).toBe(1)
    await driver.reap(async () => false, {})
    expect((await containers(engine.host)).size).toBe(0)
    expect((await run(driver, testJob({ dockerfile: `${debian}RUN echo again\n` }))).error).toBeUndefined()
  })

  test('stopped in the middle of a step is driver_lost too, not a step that was killed', async () => {
    await using engine = await privateEngine({ registry })
    await using driver = docker({ host: engine.host, owner: 'lost' })
    const ran = await run(driver, testJob({ dockerfile: `${debian}RUN echo begun && sleep 600\n` }), undefined, (event) => {
      if (event.type === 'log' && event.text === 'begun') void engine.stop()
    })
    expect(isBuildError(ran.error) ? ran.error.code : ran.error).toBe('driver_lost')
  })

  test('killed while BuildKit runs is driver_lost', async () => {
    await using engine = await privateEngine({ registry })
    await using driver = docker({ host: engine.host, owner: 'lost', limits: { network: 'none' } })
    const ran = await run(
      driver,
      testJob({ dockerfile: `${debian}RUN echo begun && sleep 600\n`, needs: ['buildkit'], own: true }),
      undefined,
      (event) => {
        if (event.type === 'log' && event.text === 'begun') void engine.kill()
      },
    )
    expect(isBuildError(ran.error) ? ran.error.code : ran.error).toBe('driver_lost')
  })

  test('with a full disk says disk_full, while sending the context and while keeping a layer', async () => {
    const size = 320 << 20
    await using engine = await privateEngine({ registry, bytes: size })
    await using driver = docker({ host: engine.host, owner: 'lost' })
    const job = testJob({ dockerfile: `${debian}COPY . /app\n` })
    const ran = await run(driver, { ...job, context: { ...job.context, tar: (options) => padded(job, options, size) } })
    expect(isBuildError(ran.error) ? ran.error.code : ran.error).toBe('disk_full')
    const step = await run(driver, testJob({ dockerfile: `${debian}RUN dd if=/dev/zero of=/big bs=1M count=400\n` }))
    expect(factsOf(step).exitCode).toBe(1)
    expect(step.lines.join('\n')).toMatch(/No space left on device/)
    expect((await run(driver, testJob({ dockerfile: `${debian}RUN echo still works\n` }))).error).toBeUndefined()
    expect((await containers(engine.host)).size).toBe(0)
  })
})

/** The context of a job with one more file of `size` zeros in front. */
async function* padded(job: Job, options: Parameters<Job['context']['tar']>[0], size: number): AsyncGenerator<Uint8Array> {
  const [head] = await Array.fromAsync(testJob({ dockerfile: '', files: { 'zeros.bin': '' } }).context.tar())
  const header = Buffer.from(head!.subarray(0, 512))
  header.write(size.toString(8).padStart(11, '0'), 124, 'latin1')
  header.fill(' ', 148, 156)
  header.write(
    header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0'),
    148,
    'latin1',
  )
  header[154] = 0
  yield header
  for (let sent = 0; sent < size; sent += 1 << 20) yield new Uint8Array(1 << 20)
  yield* job.context.tar(options)
}
