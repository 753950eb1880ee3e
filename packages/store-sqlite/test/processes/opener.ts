// Makes one store after the other. Killed by its parent, somewhere in a migration.
import { sqliteStore } from '@kiln/store-sqlite'
import { accepting, say } from './build.ts'

const [directory = ''] = process.argv.slice(2)
say('ready')
for (let i = 0; ; i++) {
  const store = await sqliteStore({ file: `${directory}/${i}.db` })
  const { record } = await store.accept('ann', accepting(`${i}`))
  say(`made ${i} ${record.id}`)
  await store[Symbol.asyncDispose]()
}
