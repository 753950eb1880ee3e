import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hash } from 'node:crypto'
import { hashTree, hashTreeFast, type HashTuning } from '../packages/core/src/context/hash.ts'
import { loadXxh64 } from '../packages/core/src/source/early-hash.ts'
import { directory } from '../packages/core/src/source/directory.ts'
import type { Source } from '../packages/core/src/source/source.ts'
import { bigfile, corpus, tree40k, type Shape } from './corpus.ts'
import { measure, samplesTable, type Variant } from './measure.ts'

/** The sweeps that chose the constants of context/file-hashes.ts, hash-task.ts and source/threshold.ts. */
export default async function main(): Promise<void> {
  const tree = await directory(corpus(tree40k), { ignore: 'as-given' })
  const big = await directory(corpus(bigfile), { ignore: 'as-given' })
  await show(
    'buffer, 40,000 files',
    [16, 64, 128, 256, 512, 1024].map((kib) => both(`${kib} KiB`, tree, { buffer: kib * 1024 })),
  )
  await show(
    'buffer, 500 MiB file',
    [64, 128, 256, 512, 1024, 4096].map((kib) => both(`${kib} KiB`, big, { buffer: kib * 1024 })),
  )
  await show(
    'files a thread takes at a time',
    [1, 8, 32, 128, 512].map((block) => both(String(block), tree, { block })),
  )
  await show('where', [
    both('two threads', tree, { where: 'worker' }),
    both('one thread', tree, { where: 'worker', help: false }),
    both('in place', tree, { where: 'here' }),
  ])
  await show('what, two threads', [
    { name: 'xxh64', run: () => hashTreeFast(tree) },
    { name: 'xxh64 and sha256 in one read', run: () => hashTree(tree) },
    { name: 'xxh64 first, then both in a second read', run: async () => [await hashTreeFast(tree), await hashTree(tree)] },
  ])
  await show('synchronous or not, one thread', [
    both('synchronous, reused buffer', tree, { where: 'here' }),
    { name: 'fs.promises.readFile, 16 at once', run: () => asynchronously(corpus(tree40k)) },
  ])
  await threshold()
}

async function threshold(): Promise<void> {
  for (const files of [20, 100, 250, 500, 1000, 2000]) {
    const shape: Shape = { name: `n${files}`, files, bytes: files * 12_500, perDirectory: 11, seed: files }
    const source = await directory(corpus(shape), { ignore: 'as-given' })
    const variants = [
      both(`${files} files, in place`, source, { where: 'here' }),
      both(`${files} files, thread`, source, { where: 'worker' }),
    ]
    await show(`threshold, ${files} files of 12.5 kB`, variants, 15)
  }
}

async function show(what: string, variants: readonly Variant[], rounds = 5): Promise<void> {
  console.log(`\n${what}\n\n${samplesTable((await measure(variants, rounds)).values())}`)
}

function both(name: string, source: Source, tune: HashTuning): Variant {
  return { name, run: () => hashTree(source, {}, tune) }
}

/** The obvious way to write it. */
async function asynchronously(root: string): Promise<void> {
  const xxh = await loadXxh64()
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const lane = async (): Promise<void> => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      const bytes = await readFile(file)
      xxh.h64Raw(bytes)
      hash('sha256', bytes)
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}
