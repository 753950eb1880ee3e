import { type Columns, encodePaths, shared } from './columns.ts'
import { directorySource } from './directory.ts'
import { copyEarly, newEarlyHashes } from './early-hash.ts'
import { parents } from './parents.ts'
import type { Entry, Source } from './source.ts'

/**
 * What lies at or below some paths of a source, with the directories above it, in the order of the source. It reads through the
 * source, which must outlive it; disposing it does nothing.
 */
export function partOf(source: Source, paths: readonly string[]): Source {
  const keeps = keeping(paths)
  const rows: number[] = []
  for (const [row, { path }] of source.entries.entries()) if (keeps(path)) rows.push(row)
  const { access, ignored, aside } = source
  if (access.kind === 'directory') return directorySource(access.root, columnsAt(access.columns, source.entries, rows), ignored, aside)
  const entries = rows.map((row) => source.entries[row]!)
  const known = new Map<string, Entry>(entries.map((entry) => [entry.path, entry]))
  return {
    entries,
    entry: (path) => known.get(path),
    read: (path) => source.read(path),
    readInto: (path, position, into) => source.readInto(path, position, into),
    access,
    ignored,
    ...(aside && { aside }),
    [Symbol.asyncDispose]: async () => {},
  }
}

function keeping(paths: readonly string[]): (path: string) => boolean {
  if (paths.includes('.')) return () => true
  const whole = new Set(paths)
  const above = new Set(paths.flatMap((path) => parents(path)))
  return (path) => whole.has(path) || above.has(path) || parents(path).some((parent) => whole.has(parent))
}

/** Some rows of the columns of a directory, what is known of the files with them: nothing is read or hashed again. */
function columnsAt(columns: Columns, entries: readonly Entry[], rows: readonly number[]): Columns {
  const { kinds, sizes, stats, early } = columns
  const place = new Map(rows.map((row, at) => [row, at]))
  return {
    count: rows.length,
    paths: encodePaths(rows.map((row) => entries[row]!.path)),
    kinds: some(kinds, new Uint8Array(shared(rows.length)), rows),
    sizes: some(sizes, new Float64Array(shared(8 * rows.length)), rows),
    targets: columns.targets.flatMap(([row, target]) => (place.has(row) ? [[place.get(row)!, target] as const] : [])),
    ...(stats && {
      stats: {
        listedAt: stats.listedAt,
        mtimes: some(stats.mtimes, new Float64Array(shared(8 * rows.length)), rows),
        ctimes: some(stats.ctimes, new Float64Array(shared(8 * rows.length)), rows),
        inodes: some(stats.inodes, new Float64Array(shared(8 * rows.length)), rows),
      },
    }),
    ...(early && { early: { of: early.of, ...someEarly(early, rows) } }),
  }
}

function some<T extends Uint8Array | Float64Array>(from: T, into: T, rows: readonly number[]): T {
  for (const [at, row] of rows.entries()) into[at] = from[row]!
  return into
}

function someEarly(from: NonNullable<Columns['early']>, rows: readonly number[]): ReturnType<typeof newEarlyHashes> {
  const into = newEarlyHashes(rows.length, from.of)
  for (const [at, row] of rows.entries()) copyEarly(from, row, into, at)
  return into
}
