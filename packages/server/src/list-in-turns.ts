import { setImmediate as turn } from 'node:timers/promises'
import { isBuildError, type BuildRecord, type Kiln, type ListQuery } from '@kiln/core'

/** Builds that are read and written in one turn of the event loop: some ms */
const perTurn = 200
/** a cursor of our own that somebody removes between two turns */
const tries = 3

export interface Listed {
  readonly id: string
  /** JSON */
  readonly text: string
}

type Write = (record: BuildRecord) => unknown

/**
 * What `kiln.list` answers, as JSON, and never so much of it at once that other requests wait. It is read by cursors: Builds that arrive
 * or end meanwhile are no gap and no repetition in the order of acceptance, and no repetition in any other.
 */
export async function listInTurns(kiln: Kiln, query: ListQuery, write: Write): Promise<readonly Listed[]> {
  for (let left = tries - 1; ; left--) {
    const found = await read(kiln, query, write, left > 0)
    if (found) return found
  }
}

/** Undefined where it lost its place, and is to begin anew. */
async function read(kiln: Kiln, query: ListQuery, write: Write, again: boolean): Promise<readonly Listed[] | undefined> {
  const back = query.before !== undefined && query.after === undefined
  const seen = new Set<string>()
  const pages: (readonly Listed[])[] = []
  let cursor: Pick<ListQuery, 'after' | 'before'> = {}
  for (let left = query.limit; ;) {
    const asked = Math.min(left, perTurn)
    const page = await pageAt(kiln, { ...query, ...cursor, limit: asked }, again && pages.length > 0)
    if (!page) return undefined
    const fresh = page.filter(({ id }) => !seen.has(id)).map((record) => ({ id: record.id, text: JSON.stringify(write(record)) }))
    for (const { id } of fresh) seen.add(id)
    pages.push(fresh)
    left -= fresh.length
    if (left === 0 || page.length < asked) return (back ? pages.toReversed() : pages).flat()
    cursor = back ? { before: page[0]!.id } : { after: page.at(-1)!.id }
    await turn()
  }
}

async function pageAt(kiln: Kiln, query: ListQuery, ours: boolean): Promise<readonly BuildRecord[] | undefined> {
  try {
    return await kiln.list(query)
  } catch (error) {
    if (ours && isBuildError(error) && error.code === 'invalid_argument') return undefined
    throw error
  }
}
