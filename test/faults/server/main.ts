// A server as `kiln serve` makes one, with a scripted driver, a short lease, no rates, and a standard input that arms points and prunes.
// argv: JSON of `Words`. Prints its address, then an answer to every line it is told.
import { arm, withPoints } from './failpoints.ts'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { createEngine } from '@kiln/core'
import { createHandler, jsonLines, native, pipecat, scale, type Authenticate } from '@kiln/server'
import { listen } from '@kiln/server/node'
import { directoryBlobs, sqliteStore } from '../../../packages/store-sqlite/src/index.ts'
import { scriptedDriver } from './scripted-driver.ts'

export interface Words {
  readonly dataDir: string
  /** for what is no business of Kiln's: the journal and the images of the driver */
  readonly outside: string
  /** ms */
  readonly lease: number
  readonly concurrency: number
  readonly perTenant: number
  readonly graceMs: number
}

const words = JSON.parse(process.argv[2]!) as Words
const store = await sqliteStore({ file: join(words.dataDir, 'kiln.db'), lease: words.lease, pollMs: 50 })
const queue = withPoints('queue', store.queue, ['claim', 'append', 'renew', 'commit', 'settle', 'release'])
const engine = createEngine({
  drivers: [scriptedDriver(words.outside)],
  store: withPoints('store', { ...store, queue }, ['accept', 'cancel', 'write', 'prune']),
  blobs: withPoints('blobs', await directoryBlobs({ directory: join(words.dataDir, 'blobs') }), ['put']),
  worker: { concurrency: words.concurrency, perTenant: words.perTenant },
  timeouts: { retry: 10, stop: 2000 },
  // R14 has a queue of ten thousand
  queue: { perTenant: 20_000, total: 40_000 },
})
const everything: Authenticate = async ({ headers }) => {
  const tenant = /^Bearer ([a-z]+)$/.exec(headers.get('authorization') ?? '')?.[1]
  return tenant === undefined ? undefined : { tenant, id: tenant, kind: 'user', scopes: new Set(['read', 'build'] as const) }
}
const server = await listen({
  engine,
  graceMs: words.graceMs,
  handler: (address) =>
    createHandler({
      engine,
      authenticate: everything,
      publicUrl: address,
      apis: [native, scale, pipecat],
      limits: { ratePerMinute: 1e9, diskFloor: 0, openUploads: 1e6, streamsPerKey: 1000 },
      logger: jsonLines((line) => process.stderr.write(line)),
    }),
})
process.once('SIGTERM', () => void leave())
process.stdout.write(`${JSON.stringify({ url: server.address })}\n`)
for await (const line of createInterface(process.stdin)) {
  const { point, passes } = JSON.parse(line) as { readonly point?: string; readonly passes?: number }
  if (point !== undefined) arm(point, passes ?? 0)
  else await engine.prune({ rules: { records: 3600_000, logs: 3600_000, contexts: 0, failedContexts: 0 } })
  process.stdout.write('done\n')
}
// whoever started it has gone
await leave()

async function leave(): Promise<void> {
  await server.drain()
  await engine[Symbol.asyncDispose]()
  process.stdin.destroy()
  process.exit(0)
}
