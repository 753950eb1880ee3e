// Takes a Run and is stopped; when it may go on, it tries every write of its lease.
import { once } from 'node:events'
import { sqliteStore } from '@kiln/store-sqlite'
import { rules, say } from './build.ts'

const [file = '', lease = '0'] = process.argv.slice(2)
const store = await sqliteStore({ file, lease: Number(lease) })
const held = await store.queue.claim('stopped', rules)
say(`took ${held.attempt}`)
await once(process.stdin, 'data')
const digest = `sha256:${'f'.repeat(64)}` as const
const built = { digest, digestKind: 'index', ref: 'stale', bases: {}, builder: 'stale' } as const
const error = { code: 'step_failed', message: 'stale', hint: '', retryable: false, data: {} } as const
const { queue } = store
say(
  `answers ${JSON.stringify([
    await queue.renew(held),
    await queue.append(held, held.nextSeq, [{ at: 0, event: { step: '1', type: 'log', stream: 'out', text: 'stale' } }]),
    await queue.commit(held, built),
    await queue.settle(held, { state: 'succeeded', built }),
    await queue.settle(held, { state: 'failed', error }),
    await queue.alive(held.run, held.attempt),
  ])}`,
)
await queue.release(held, 'retry')
await store[Symbol.asyncDispose]()
process.stdin.destroy()
