// Accepts Builds, several at once, and tells each id the moment it has it. Killed by its parent.
import { sqliteStore } from '@kiln/store-sqlite'
import { accepting, rules, say } from './build.ts'

const [file = '', name = ''] = process.argv.slice(2)
const store = await sqliteStore({ file })
say('ready')
for (let i = 0; ; i += 5) {
  const some = [0, 1, 2, 3, 4].map(async (n) => {
    const { record } = await store.accept('ann', accepting(`${name}/${i + n}`))
    say(`accepted ${record.id}`)
  })
  await Promise.all(some)
  const lease = await store.queue.claim(name, rules)
  await store.queue.append(lease, lease.nextSeq, [{ at: 0, event: { step: '1', type: 'log', stream: 'out', text: name } }])
}
