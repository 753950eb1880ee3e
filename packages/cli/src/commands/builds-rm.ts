import type { Io } from '../io.ts'
import { findBuild, withBuilds, type DataOptions } from './one-build.ts'

/** `kiln builds rm`: looks all of them up before it removes the first, since ^N counts from the newest. */
export async function remove(io: Io, references: readonly string[], options: DataOptions): Promise<number> {
  return withBuilds(io, options, async (kiln) => {
    const found = await Promise.all(references.map((reference) => findBuild(kiln, reference)))
    const removed = [...new Set(found.map(({ record }) => record.id))]
    for (const id of removed) await kiln.remove(id)
    if (options.json) io.stdout.write(`${JSON.stringify({ version: 1, removed })}\n`)
    else io.stdout.write(removed.map((id) => `${id} removed\n`).join(''))
    return 0
  })
}
