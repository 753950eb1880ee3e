import type { Bytes, Digest } from '../driver/driver.ts'

/** Bytes by digest, a tenant's own. Durable when `put` has resolved. Throws `blob_missing`, `blob_mismatch`, `blob_too_large`, `disk_full`. */
export interface Blobs {
  /** Stores at most `max` bytes. A chunk is done with when the next one is asked for. With `expect` it refuses other bytes. Nothing is left behind when it rejects. `durable: false`: there as a whole or not at all, but a power cut may take it. */
  put(
    tenant: string,
    bytes: Bytes | Uint8Array,
    options: { readonly signal?: AbortSignal; readonly max: number; readonly expect?: Digest; readonly durable?: boolean },
  ): Promise<Digest>
  /**
   * The bytes; checked against the digest while read, so that a damaged blob ends in `blob_mismatch`. `lend` is for a reader who is done
   * with a chunk when he asks for the next one: its memory may be used again then. Chunks are his own otherwise.
   */
  open(tenant: string, digest: Digest, options?: { readonly signal?: AbortSignal; readonly lend?: boolean }): Bytes
  /** bytes, or undefined */
  size(tenant: string, digest: Digest): Promise<number | undefined>
  /** Takes a blob away that nothing names; one that is not there is no error, and who reads it comes to the end. */
  remove(tenant: string, digest: Digest): Promise<void>
  /** Removes blobs older than `olderThanMs` that `held` does not name, and temporary files of dead writers. */
  prune(
    held: ReadonlyMap<string, ReadonlySet<Digest>>,
    options: { readonly olderThanMs: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly removed: number; readonly bytes: number }>
}
