import type { XXHashAPI } from 'xxhash-wasm'
import type { Claims } from '../threads/claims.ts'
import { type Columns, decodePaths } from '../source/columns.ts'
import { loadXxh64 } from '../source/early-hash.ts'
import type { StatIndex } from '../source/index-file.ts'
import type { Help } from '../threads/worker.ts'
import type { TreeHash } from './context.ts'
import type { Reach } from './contents.ts'
import { hashFiles, type HashWork, newHashes, regularFiles, type Tuning, workOrder } from './file-hashes.ts'
import { treeHash, treeXxh64 } from './listing.ts'
import { recall, type Recalled } from './recall.ts'
import { knownOf, loadIndex, saveIndex } from './stat-index.ts'

/** A tree to hash; it can be sent to another thread. */
export interface HashInput {
  readonly columns: Columns
  readonly reach: Reach
  readonly verify: 'trusted' | 'fast'
  readonly index?: StatIndex
  /** false: the tree's xxh64 alone */
  readonly sha256: boolean
  readonly claims: Claims
  readonly tuning: Tuning
}

/** `tree` without digest and listing when only xxh64 was asked for. */
export type Hashed = TreeHash | { readonly xxh64: string }

/** Files, and bytes of them, from which another thread is asked to take part; one is started for it if need be. */
const worthHelp = { files: 1000, bytes: 16 * 2 ** 20 }

/** Hashes a tree in a thread, with the help of another one when there is much to read. */
export async function hashTask(input: HashInput, help: Help): Promise<Hashed> {
  const xxh = await loadXxh64()
  const prepared = prepare(input, xxh)
  const helping = isWorthHelp(prepared.work) ? help('hashHelp', prepared.work) : undefined
  helping?.catch(() => {}) // awaited below; until then this thread may fail first
  if (prepared.work.todo.length > 0) for (const _ of hashFiles(prepared.work, decodePaths(input.columns), xxh));
  await helping
  return finish(input, prepared, xxh)
}

/** Takes part in another thread's hashing. */
export async function hashHelpTask(work: HashWork): Promise<void> {
  const xxh = await loadXxh64()
  for (const _ of hashFiles(work, decodePaths(work.columns), xxh));
}

export interface Prepared {
  readonly work: HashWork
  readonly recalled: Recalled | undefined
}

/** What is to be read: every file but those the index knows. */
export function prepare(input: HashInput, xxh: XXHashAPI): Prepared {
  const { columns, reach, verify, index, sha256, claims, tuning } = input
  const early = columns.early && (columns.early.of === 'both' || !sha256) ? columns.early : undefined
  const hashes = early ?? newHashes(columns.count)
  const known = !early && index && reach.kind === 'directory' ? loadIndex(index, reach.root, xxh) : undefined
  const recalled = known ? recall(known, columns, hashes, verify) : undefined
  const todo = workOrder(
    early ? regularFiles(columns).filter((i) => early.done[i] === 0) : (recalled?.unknown ?? regularFiles(columns)),
    columns.sizes,
  )
  const held = recalled && verify === 'fast' ? { held: recalled.held } : {}
  return { work: { columns, reach, hashes, todo, claims, sha256, tuning, ...held }, recalled }
}

/** The tree's hashes from its files', kept in the index when it did not have them. */
export function finish({ columns, reach, index, sha256 }: HashInput, { work, recalled }: Prepared, xxh: XXHashAPI): Hashed {
  if (!sha256) return { xxh64: treeXxh64(columns, work.hashes, xxh) }
  if (index && reach.kind === 'directory' && !recalled?.complete) {
    const weak = recalled?.unconfirmed.map((of, i) => of | (work.held?.[i] ?? 0))
    saveIndex(index, reach.root, knownOf(columns, work.hashes, weak), xxh)
  }
  return treeHash(columns, work.hashes, xxh)
}

function isWorthHelp({ todo, columns, tuning, reach }: HashWork): boolean {
  // an archive has to be cheap in memory: a second thread costs it 15 MiB; what it saves in time was not measured on a quiet machine
  if (!tuning.help || todo.length < 2 || reach.kind === 'spool') return false
  return todo.length >= worthHelp.files || todo.reduce((sum, i) => sum + columns.sizes[i]!, 0) >= worthHelp.bytes
}
