import { finished, interpreted, readContext, type FakeBuild } from '@kiln/testkit/driver'

/** Lines that a log has to survive (87): what other formats, terminals and browsers would act on. */
export const oddLines: readonly string[] = [
  'before\ndata: forged',
  'id: 9\r\nevent: end',
  'over\rwritten',
  '\u001B[31mred\u001B]0;title\u0007',
  '<script>alert(1)</script>',
  '\u2028\u202Egnp.exe',
  '\uD800 half a pair',
  'x'.repeat(10_000_000),
]

/**
 * Instructions of a Dockerfile that the driver understands beside those of `interpreted`: `RUN wait` waits until the build is
 * cancelled, `RUN odd` logs the lines above, `RUN broken` breaks the driver.
 */
export const behaviour: FakeBuild = async (job, io) => {
  const text = job.recipe.kind === 'dockerfile' ? job.recipe.text : ''
  if (text.includes('RUN wait')) return waits(job, io)
  if (text.includes('RUN broken')) throw new Error('the builder broke')
  if (!text.includes('RUN odd')) return interpreted(job, io)
  const tar = await readContext(job, io.signal)
  io.emit({ step: '1', type: 'step-started', title: 'RUN odd', line: 2 })
  for (const line of oddLines) io.emit({ step: '1', type: 'log', stream: 'out', text: line })
  io.emit({ step: '1', type: 'step-finished', cached: false })
  return finished(job, io, tar)
}

const waits: FakeBuild = (_job, { signal, emit }) => {
  emit({ step: '1', type: 'step-started', title: 'RUN wait', line: 2 })
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
