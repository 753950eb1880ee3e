// A program that embeds the server, in a process that somebody made odd: one build, then what it became.
import { json } from './bad/row.ts'
import { world } from './world.ts'

if (process.argv[2] === 'polluted')
  for (const name of ['polluted', 'framework', 'api'])
    // oxlint-disable-next-line no-extend-native -- that is the oddity
    Object.defineProperty(Object.prototype, name, { value: 'x', configurable: true, writable: true, enumerable: true })
await using kiln = await world()
const { json: made } = await kiln.ask(json('/api/v1/builds', { name: 'web', files: { 'main.py': 'print(1)\n' } }))
if (made?.id === undefined) throw new Error(JSON.stringify(made))
await kiln.ended((made.id as string).slice(6).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'))
const { text } = await kiln.ask({ path: `/api/v1/builds/${made.id}` })
process.stdout.write(text)
