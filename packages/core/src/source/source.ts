import type { Columns } from './columns.ts'
import type { Early } from './early-hash.ts'
import type { StatIndex } from './index-file.ts'
import type { Ignored } from './ignore.ts'

/**
 * A read-only tree of files, opened and validated once: the only door to file contents.
 * Reads are synchronous, so that stages are plain functions and can run in a worker.
 */
export interface Source extends AsyncDisposable {
  /** Every file, link and directory (implied parents too, the root not), sorted by the bytes of the path. */
  readonly entries: readonly Entry[]
  /** The entry of a path, or undefined. */
  entry(path: string): Entry | undefined
  /** The whole of a regular file of at most 64 MiB; links are not followed. Throws `source_changed`, `source_unreadable`. */
  read(path: string): Uint8Array
  /** Fills `into` from byte `position` of a regular file and returns how many bytes there were (0 at the end). */
  readInto(path: string, position: number, into: Uint8Array): number
  /** How another thread of this process reads the same bytes. */
  readonly access: Access
  /** What the ignore rules left out at the opening. */
  readonly ignored: Ignored
  /**
   * Files that steer the build and that the ignore rules leave out of the tree, by path: the Dockerfile, kiln.json, the
   * ignore file itself. They are no entries and in no hash; `read` answers for them too.
   */
  readonly aside?: ReadonlyMap<string, Uint8Array>
}

/** Paths are relative, `/`-separated, NFC or not as given, validated by `names.ts`. */
export type Entry =
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean; /** bytes */ readonly size: number }
  | { readonly kind: 'link'; readonly path: string; /** relative, stays inside the source */ readonly target: string }
  | { readonly kind: 'directory'; readonly path: string }

export type Access =
  | { readonly kind: 'directory'; /** root/path on disk */ readonly root: string; /** what the listing saw */ readonly columns: Columns }
  | {
      readonly kind: 'spool'
      readonly file: string
      /** byte offset of each regular file's content */ readonly offsets: ReadonlyMap<string, number>
    }
  | { readonly kind: 'memory'; readonly files: ReadonlyMap<string, Uint8Array> }

export interface SourceLimits {
  /** bytes as received; default 500 MiB */
  readonly packed: number
  /** bytes of all files; default 2 GiB */
  readonly unpacked: number
  /** unpacked : packed, judged above 64 MiB; default 200 */
  readonly ratio: number
  /** default 100,000 */
  readonly entries: number
}

export interface Opening {
  readonly signal?: AbortSignal
  /**
   * `as-given` obeys .dockerignore only; `planned` also leaves out the default deny list (for directories that
   * Kiln plans). Default: `planned` for a directory, `as-given` for archives and maps.
   */
  readonly ignore?: 'planned' | 'as-given'
  /** The user's own Dockerfile, when one is meant: `<dockerfile>.dockerignore` beside it wins over `.dockerignore`. */
  readonly dockerfile?: string
  /** Patterns, written as in .dockerignore, of what the deny list must not leave out. */
  readonly keep?: readonly string[]
  readonly limits?: Partial<SourceLimits>
  /**
   * Of a directory that will be hashed: takes the hashes while it lists, unless `index` knows the directory and makes
   * reading needless. A large one is read a fifth faster so. `of` is `both` by default.
   */
  readonly hash?: { readonly index?: StatIndex; readonly of?: Early }
  /** A directory for spooled archives; default the system's. Removed on dispose. */
  readonly temporary?: string
}

export const defaultLimits: SourceLimits = { packed: 500 * 2 ** 20, unpacked: 2 * 2 ** 30, ratio: 200, entries: 100_000 }
