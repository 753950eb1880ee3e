import type { Digest } from '../driver/driver.ts'

/** The two hashes of a Source over its sorted `path NUL mode NUL hash` lines: xxh64 finds, sha256 confirms and makes the Key. */
export interface TreeHash {
  /** sha256 of `listing` */
  readonly digest: Digest
  /** 16 hex, over the same lines with xxh64 per file */
  readonly xxh64: string
  /** of all regular files */
  readonly bytes: number
  /**
   * The lines themselves: `path NUL mode NUL sha256-hex LF`, mode one of 100644 100755 120000 (hash of the target) and
   * 40000 (hash empty), sorted by the bytes of the path. Kept as a blob, it explains a miss by file.
   */
  readonly listing: Uint8Array
}
