import { createHash, hash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { BuildInput } from './given.ts'

/** characters that are hashed as one text, and before others get their turn: some ms */
const atOnce = 2 ** 20

/** What a repeat in this process is known by, before its files are looked at. */
export async function fingerprintOf({ files, entry_point, requirements, framework }: BuildInput): Promise<string> {
  const fields = [entry_point ?? null, requirements ?? null, framework ?? null]
  const all = Object.entries(files)
  if (all.reduce((sum, [, text]) => sum + text.length, 0) <= atOnce) return `runagents ${hash('sha256', JSON.stringify([files, fields]))}`
  const digest = createHash('sha256').update(JSON.stringify(fields))
  let since = 0
  for (const [path, text] of all) {
    digest.update(JSON.stringify([path, text.length])).update(text)
    since += text.length
    if (since < atOnce) continue
    await turn()
    since = 0
  }
  return `runagents ${digest.digest('hex')}`
}
