// Takes Runs and ends them, until it is told to stop; tells every attempt it has had.
import { once } from 'node:events'
import { sqliteStore } from '@kiln/store-sqlite'
import { rules, say } from './build.ts'

const [file = ''] = process.argv.slice(2)
const store = await sqliteStore({ file, pollMs: 10 })
const stop = new AbortController()
void once(process.stdin, 'data').then(() => stop.abort())
say('ready')
while (!stop.signal.aborted) {
  const lease = await store.queue.claim(`${process.pid}`, { ...rules, signal: stop.signal }).catch(() => undefined)
  if (lease === undefined) break
  say(`took ${lease.run} ${lease.attempt}`)
  const event = { at: 0, event: { step: '1', type: 'log', stream: 'out', text: `${process.pid}` } } as const
  await store.queue.append(lease, lease.nextSeq, [event])
  const digest = `sha256:${'0'.repeat(64)}` as const
  await store.queue.settle(lease, {
    state: 'succeeded',
    built: { digest, digestKind: 'index', ref: 'r', bases: {}, builder: `${process.pid}` },
  })
}
await store[Symbol.asyncDispose]()
process.stdin.destroy()
say('done')
