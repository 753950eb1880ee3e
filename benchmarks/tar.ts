import { execFileSync } from 'node:child_process'
import { hashTree } from '../packages/core/src/context/hash.ts'
import { packTree, type PackOptions, type PackTuning } from '../packages/core/src/context/tar.ts'
import { directory } from '../packages/core/src/source/directory.ts'
import type { Source } from '../packages/core/src/source/source.ts'
import { bigfile, corpus, tree40k } from './corpus.ts'
import { claimsTable, measure, samplesTable, type Variant } from './measure.ts'

/** A deterministic tar of the corpora, beside GNU tar with the flags that make it deterministic, both read to the end. */
export default async function main(): Promise<boolean> {
  const claims = []
  for (const shape of [tree40k, bigfile]) {
    const root = corpus(shape)
    const source = await directory(root, { ignore: 'as-given' })
    const expected = await hashTree(source)
    const listing = { listing: expected.listing }
    const again = await directory(root, { ignore: 'as-given' })
    const samples = await measure([
      ours('ours', source, {}),
      ours('ours, lent chunks', source, { lend: true }),
      ours('ours, checked against the hash', source, { expect: expected, lend: true }),
      ours('ours, checked against an earlier opening’s', again, { expect: listing, lend: true }),
      ours('ours, chunks of 256 KiB', source, { lend: true }, { size: 2 ** 18 }),

      ours('ours, on this thread', source, { lend: true }, { where: 'here' }),
      gnuTar(root),
    ])
    console.log(`${shape.name}\n\n${samplesTable(samples.values())}\n`)
    const of = (name: string): never => samples.get(name) as never
    claims.push({
      what: `tar of ${shape.name}, checked`,
      ours: of('ours, checked against the hash'),
      peer: of('GNU tar to a pipe'),
      target: 2,
    })
    claims.push({
      what: `tar of ${shape.name}, every byte hashed`,
      ours: of('ours, checked against an earlier opening’s'),
      peer: of('GNU tar to a pipe'),
      target: 2,
    })
  }
  const { text, met } = claimsTable(claims)
  console.log(text)
  return met
}

function ours(name: string, source: Source, options: PackOptions, tune?: PackTuning): Variant {
  return {
    name,
    run: async () => {
      let bytes = 0
      for await (const chunk of packTree(source, options, tune)) bytes += chunk.length
      return bytes
    },
  }
}

function gnuTar(root: string): Variant {
  const flags = '--sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar'
  return { name: 'GNU tar to a pipe', run: () => execFileSync('sh', ['-c', `tar ${flags} -C "$0" -cf - . | cat > /dev/null`, root]) }
}
