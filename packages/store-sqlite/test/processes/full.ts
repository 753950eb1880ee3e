// On a disk of a few MB: fills it, asks for more, makes room, asks again.
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isBuildError } from '@kiln/core'
import { directoryBlobs, sqliteStore } from '@kiln/store-sqlite'
import { accepting, say } from './build.ts'

const [directory = ''] = process.argv.slice(2)
const code = (error: unknown): string => (isBuildError(error) ? error.code : String(error))
const store = await sqliteStore({ file: join(directory, 'kiln.db') })
const blobs = await directoryBlobs({ directory: join(directory, 'blobs') })
const filler = join(directory, 'filler')
writeFileSync(filler, Buffer.alloc(2 ** 20))

const accepted: string[] = []

async function fillUp(): Promise<string> {
  for (let i = 0; i < 1000; i++) {
    const answer = await store.accept('ann', { ...accepting(`${i}`), spec: { text: 'x'.repeat(20_000) } }).catch(code)
    if (typeof answer === 'string') return answer
    accepted.push(answer.record.id)
  }
  return 'never full'
}

say(`store ${await fillUp()}`)
say(
  `many ${(await Promise.allSettled([1, 2, 3].map((n) => store.accept('ann', { ...accepting(`many ${n}`), spec: { text: 'x'.repeat(100_000) } })))).map((one) => one.status === 'rejected' && code(one.reason)).join(' ')}`,
)
say(`blobs ${await blobs.put('ann', Buffer.alloc(3 * 2 ** 20, 1), { max: 2 ** 30 }).catch(code)}`)
say(`left ${readdirSync(join(directory, 'blobs', '.temporary')).length}`)
say(
  `kept ${accepted.length > 10} ${(await Promise.all(accepted.map((id) => store.get('ann', id)))).every((record) => record?.state === 'queued')}`,
)
say(`count ${(await store.list('ann', { limit: 10_000 })).length === accepted.length}`)
rmSync(filler)
say(
  `after ${(await store.accept('ann', accepting('after'))).record.state} ${(await blobs.put('ann', Buffer.from('small'), { max: 10 })).length}`,
)
await store[Symbol.asyncDispose]()
const again = await sqliteStore({ file: join(directory, 'kiln.db') })
say(`again ${(await again.list('ann', { limit: 10_000 })).length === accepted.length + 1} ${statSync(join(directory, 'kiln.db')).size > 0}`)
await again[Symbol.asyncDispose]()
