// A process with an engine of its own on a shared data directory: accepts `count` builds, runs what it can, says what it did.
// argv: dataDir, journal, prefix, count, milliseconds a build takes
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { files } from '@kiln/core'
import { fakeDriver } from '@kiln/testkit/driver'
import { openKiln } from '../../src/index.ts'

const [dataDir, journal, prefix, count, ms] = process.argv.slice(2) as [string, string, string, string, string]

const driver = fakeDriver({
  build: async (job, io) => {
    appendFileSync(journal, `${job.run} ${job.attempt} ${process.pid}\n`)
    io.emit({ step: '1', type: 'step-started', title: 'RUN work' })
    for (let spent = 0; spent < Number(ms); spent += 20) {
      await sleep(20)
      io.signal.throwIfAborted()
      io.emit({ step: '1', type: 'log', stream: 'out', text: `pid ${process.pid}` })
    }
    io.emit({ step: '1', type: 'step-finished', cached: false })
    return {
      digest: `sha256:${'a'.repeat(64)}`,
      digestKind: 'config',
      ref: 'ref' in job.output ? job.output.ref : '',
      bases: {},
      builder: `pid ${process.pid}`,
    }
  },
})
const images = { resolve: async () => `sha256:${'a'.repeat(64)}` as const, tag: async () => {}, untag: async () => {} }

await using engine = await openKiln({ dataDir, drivers: [{ ...driver, images }], lease: 600, worker: { concurrency: 2, perTenant: 4 } })
const kiln = engine.for('acme')
process.stdout.write('ready\n')
for (let n = 0; n < Number(count); n++) {
  await using source = await files({ 'agent.py': `print("${prefix} ${n}")\n` })
  const build = await kiln.build({ name: 'agent', source })
  process.stdout.write(`accepted ${build.record.id}\n`)
}
await new Promise((resolve) => process.stdin.on('end', resolve).resume())
