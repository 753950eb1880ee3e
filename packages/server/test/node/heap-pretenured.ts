// A program that misleads V8: what five literals make is kept for a while, then no more of it. Tells by how many bytes the old generation
// grows then; `tuned` as its argument: after what the server does against it.
import { getHeapSpaceStatistics } from 'node:v8'
import { tuneHeap } from '../../src/node/heap.ts'

type Make = (id: number) => readonly unknown[]

if (process.argv[2] === 'tuned') tuneHeap()
const collect = globalThis.gc as unknown as (how: { readonly type: 'minor' }) => void
let last: readonly unknown[] = []
let most = 0
const kept: (readonly unknown[])[] = []

// each with literals of its own: V8 does not come to its decision about all of them
// oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the only way to have them more than once
for (let n = 0; n < 5; n++) most = Math.max(most, growth(new Function('id', 'return [id, id + 1, { of: id }]') as Make))
process.stdout.write(JSON.stringify({ most, kept: kept.length, last: last.length }))

function growth(make: Make): number {
  for (let round = 0; round < 20; round++) {
    for (let id = 0; id < 20_000; id++) kept.push(make(id))
    collect({ type: 'minor' })
  }
  const before = old()
  let grown = 0
  for (let id = 0; id < 2_000_000; id++) {
    last = make(id)
    if (id % 10_000 === 0) grown = Math.max(grown, old() - before)
  }
  return grown
}

function old(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size
}
