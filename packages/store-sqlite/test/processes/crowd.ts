// One of many writers: some Builds accepted, run, handed back and cancelled; tells what went wrong.
import { sqliteStore } from '@kiln/store-sqlite'
import { accepting, rules, say } from './build.ts'

const [file = '', name = '', rounds = '0'] = process.argv.slice(2)
const store = await sqliteStore({ file, pollMs: 10 })
let accepted = 0
let errors = 0
for (let i = 0; i < Number(rounds); i++) {
  try {
    const { record } = await store.accept(name, accepting(`${name}/${i}`))
    accepted += 1
    const lease = await store.queue.claim(name, rules)
    await store.queue.append(lease, lease.nextSeq, [{ at: 0, event: { step: '1', type: 'log', stream: 'out', text: name } }])
    await store.queue.release(lease, 'drain')
    await store.cancel(name, record.id)
  } catch (error) {
    errors += 1
    say(`error ${String(error)}`)
  }
}
say(`result ${JSON.stringify({ accepted, errors })}`)
await store[Symbol.asyncDispose]()
