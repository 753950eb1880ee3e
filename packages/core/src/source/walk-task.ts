import { claim, throwIfStopped, type Claims } from '../claims.ts'
import type { Help } from '../worker.ts'
import { type Columns, columnsOfRows, decodePaths, type Rows } from './columns.ts'
import { checkLinks } from './links.ts'
import { tooMany, type WalkInput, Walker } from './walk.ts'

/** A walk that goes on in a thread: what was found so far, and the directories still to list. */
export interface WalkTask {
  readonly input: WalkInput
  readonly listedAt: number
  readonly rows: Rows
  readonly pending: readonly string[]
  readonly claims: Claims
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
}

/** Directories to have in hand before another thread is asked to take its part of them. */
const enough = 64

/** Walks on to the end, with another thread where there is enough to do. Throws what `directory` throws. */
export async function walkTask(task: WalkTask, help: Help): Promise<Walked> {
  const walker = new Walker(task.input)
  for (const path of task.pending) walker.add(path)
  while (walker.pending > 0 && walker.pending < enough) walkOn(walker, task.claims, 'breadth')
  const shares = walker.handOver()
  const work = { input: task.input, listedAt: task.listedAt, shares, claims: task.claims }
  const helping = shares.length > 0 ? help('walkHelp', work) : undefined
  helping?.catch(() => {}) // awaited below; until then this thread may fail first
  walkShares(walker, work)
  walker.confirm()
  const helped = await helping
  return finished(
    task,
    [task.rows, walker.rows, ...(helped ? [rowsOf(helped.columns)] : [])],
    [...walker.denied, ...(helped?.denied ?? [])],
  )
}

/** Takes part in another thread's walk. */
export function walkHelpTask(work: SharedWalk): Walked {
  const walker = new Walker(work.input)
  walkShares(walker, work)
  walker.confirm()
  return { columns: columnsOfRows(walker.rows, work.listedAt), denied: walker.denied }
}

/** Puts what was found together and checks what depends on all of it. */
export function finished(task: Pick<WalkTask, 'input' | 'listedAt'>, found: readonly Rows[], denied: readonly string[]): Walked {
  const rows = joined(found)
  const columns = columnsOfRows(rows, task.listedAt)
  if (columns.count > task.input.limit) throw tooMany(task.input.limit)
  checkLinks(rows.targets)
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

function joined([first, ...more]: readonly Rows[]): Rows {
  const rows = first!
  for (const other of more) {
    for (const column of ['kinds', 'sizes', 'mtimes', 'ctimes', 'inodes'] as const)
      for (const value of other[column]) rows[column].push(value)
    for (const path of other.paths) rows.paths.push(path)
    for (const [path, target] of other.targets) rows.targets.set(path, target)
  }
  return rows
}

function rowsOf(columns: Columns): Rows {
  const { stats, kinds, sizes } = columns
  const paths = decodePaths(columns)
  return {
    paths,
    kinds: [...kinds],
    sizes: [...sizes],
    mtimes: [...stats!.mtimes],
    ctimes: [...stats!.ctimes],
    inodes: [...stats!.inodes],
    targets: new Map(columns.targets.map(([i, target]) => [paths[i]!, target])),
  }
}
