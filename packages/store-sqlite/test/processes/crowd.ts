// Four of many writers, each with a handle of its own: some Builds accepted, run, handed back and cancelled; tells what went wrong.
import { sqliteStore } from '@kiln/store-sqlite'
import { accepting, rules, say } from './build.ts'

const [file = '', name = '', rounds = '0'] = process.argv.slice(2)
let accepted = 0
let errors = 0

async function write(writer: string): Promise<void> {
  const store = await sqliteStore({ file, pollMs: 10 })
  for (let i = 0; i < Number(rounds); i++) {
    try {
      const { record } = await store.accept(writer, accepting(`${writer}/${i}`))
      accepted += 1
      const lease = await store.queue.claim(writer, rules)
      await store.queue.append(lease, lease.nextSeq, [{ at: 0, event: { step: '1', type: 'log', stream: 'out', text: writer } }])
      await store.queue.release(lease, 'drain')
      await store.cancel(writer, record.id)
    } catch (error) {
      errors += 1
      say(`error ${String(error)}`)
    }
  }
  await store[Symbol.asyncDispose]()
}

await Promise.all([1, 2, 3, 4].map((n) => write(`${name}-${n}`)))
say(`result ${JSON.stringify({ accepted, errors })}`)
