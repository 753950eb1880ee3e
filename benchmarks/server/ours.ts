import { openKiln } from '@kiln/kiln'
import { createHandler, createKeys, nativeWithKeys, pipecat, runagents, scale, systemTenant } from '@kiln/server'
import { listen, tuneHeap } from '@kiln/server/node'
import { fakeDriver, scripted } from '@kiln/testkit/driver'
import { serveOrders } from './child.ts'
import { fill, logEvents } from './fill.ts'

// Kiln's server as `kiln serve` sets it up, on SQLite in a directory, with a driver that builds nothing. argv: the directory, builds at once

export interface OurFacts {
  readonly address: string
  readonly key: string
}

tuneHeap()
const dataDir = process.argv[2]!
const concurrency = Number(process.argv[3] ?? 2)
const { images: _, ...driver } = fakeDriver({ build: scripted(logEvents) })
const engine = await openKiln({
  dataDir,
  drivers: [driver],
  planning: 'apart',
  reuseCheckMs: 1000,
  queue: { perTenant: 1000, total: 10_000 },
  worker: { concurrency, perTenant: concurrency },
})
const keys = createKeys(engine.for(systemTenant).documents)
const { key } = await keys.create({ tenant: 'bench', scopes: ['read', 'build'] })
const server = await listen({
  engine,
  handler: (address) =>
    createHandler({
      engine,
      authenticate: keys.authenticate,
      publicUrl: address,
      apis: [nativeWithKeys(keys), runagents, scale, pipecat],
      dataDir,
      metrics: true,
      // one key makes all requests of a benchmark
      limits: { ratePerMinute: 1e9 },
    }),
})

serveOrders(
  { address: server.address, key } satisfies OurFacts,
  async (order) => (typeof order['fill'] === 'number' ? await fill(engine.for('bench'), order['fill']) : {}),
  async () => {
    await server.drain(AbortSignal.abort())
    await engine[Symbol.asyncDispose]()
  },
)
