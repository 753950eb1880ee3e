// A program in which much survives each collection of the young generation. Tells how large that has become, in bytes; as arguments the ms
// between two collections, and `tuned` for what the server does.
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { tuneHeap } from '../../src/node/heap.ts'

const [ms, tuned] = [Number(process.argv[2]), process.argv[3] === 'tuned']
if (tuned) tuneHeap()
const collect = globalThis.gc as unknown as (how: { readonly type: 'minor' }) => void
let kept: object[] = []

await rounds(2, ms)
const { space_size: bytes } = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')!
process.stdout.write(JSON.stringify({ bytes, kept: kept.length }))

async function rounds(mib: number, pause: number): Promise<void> {
  for (let round = 0; round < 14; round++) {
    kept = Array.from({ length: mib * 2 ** 15 }, (_, id) => ({ id, round }))
    collect({ type: 'minor' })
    await sleep(pause)
  }
}
