import { claim, throwIfStopped, type Claims } from '../threads/claims.ts'
import type { Help } from '../threads/worker.ts'
import type { Columns } from './columns.ts'
import { type Early, earlyHasher } from './early-hash.ts'
import { checkLinks } from './links.ts'
import { columnsOfRows, receiveRows, sendRows, type SentRows, type SortedRows, sortRows } from './rows.ts'
import { tooMany, type WalkInput, Walker } from './walk.ts'

/** A walk that goes on in a thread: what was found so far, and the directories still to list. */
export interface WalkTask {
  readonly input: WalkInput
  readonly listedAt: number
  readonly rows?: SentRows
  readonly pending: readonly string[]
  readonly claims: Claims
  /** hashes to take of small files on the way */
  readonly early?: Early
}

export interface Walked {
  readonly columns: Columns
  readonly denied: readonly string[]
}

interface SharedWalk {
  readonly input: WalkInput
  readonly listedAt: number
  readonly shares: readonly string[]
  readonly claims: Claims
  readonly early?: Early
}

/** Directories to have in hand before another thread is asked to take its part of them. */
const enough = 64

/** Walks on to the end, with another thread where there is enough to do. Throws what `directory` throws. */
export async function walkTask(task: WalkTask, help: Help): Promise<Walked> {
  const walker = new Walker(task.input, await earlyHasher(task.early))
  for (const path of task.pending) walker.add(path)
  while (walker.pending > 0 && walker.pending < enough) walkOn(walker, task.claims, 'breadth')
  const shares = walker.handOver()
  const work = { input: task.input, listedAt: task.listedAt, shares, claims: task.claims, ...(task.early && { early: task.early }) }
  const helping = shares.length > 0 ? help('walkHelp', work) : undefined
  helping?.catch(() => {}) // awaited below; until then this thread may fail first
  walkShares(walker, work)
  walker.confirm()
  if (task.rows) walker.rows.addAll(receiveRows(task.rows))
  const own = sortRows(walker.rows)
  const helped = await helping
  const rows = helped ? [own, receiveRows(helped.rows)] : [own]
  return finished(task, rows, [...walker.denied, ...(helped?.denied ?? [])])
}

interface Helped {
  readonly rows: SentRows
  readonly denied: readonly string[]
}

/** Takes part in another thread's walk. */
export async function walkHelpTask(work: SharedWalk): Promise<Helped> {
  const walker = new Walker(work.input, await earlyHasher(work.early))
  walkShares(walker, work)
  walker.confirm()
  return { rows: sendRows(sortRows(walker.rows)), denied: walker.denied }
}

/** Checks what depends on all of a walk, and makes it columns. */
export function finished(
  { input, listedAt, early }: Pick<WalkTask, 'input' | 'listedAt' | 'early'>,
  rows: readonly SortedRows[],
  denied: readonly string[],
): Walked {
  const columns = columnsOfRows(rows, listedAt, early)
  if (columns.count > input.limit) throw tooMany(input.limit)
  checkLinks(new Map(rows.flatMap(({ targets }) => [...targets])))
  return { columns, denied: [...new Set(denied)].toSorted().slice(0, 100) }
}

function walkShares(walker: Walker, { shares, claims }: SharedWalk): void {
  for (let block = claim(claims, 1, shares.length); block; block = claim(claims, 1, shares.length)) {
    walker.add(shares[block.from]!)
    while (walker.pending > 0) walkOn(walker, claims, 'depth')
  }
}

function walkOn(walker: Walker, claims: Claims, order: 'breadth' | 'depth'): void {
  throwIfStopped(claims)
  walker.step(order)
}
