import type { HeldRoom } from '../limits/body-room.ts'
import type { Bytes, Digest, Kiln, Source } from '@kiln/core'

/** Bytes of a client, kept among the tenant's uploads (not fsynced: a build's own context is what has to survive). */
export interface Kept {
  readonly digest: Digest
  /** hex of the MD5 of the same bytes, where it was asked for */
  readonly md5?: string
  readonly bytes: number
}

/** Takes contexts in as they stream: hashed on the way, never in memory, nothing left behind when refused or aborted. */
export interface Uploads {
  /** Throws `payload_too_large`, `too_slow`, `disk_full`, `blob_mismatch` for other bytes than `expect`, and the signal's reason. */
  keep(
    kiln: Kiln,
    bytes: Bytes,
    options: { readonly max: number; readonly md5?: boolean; readonly expect?: Digest; readonly signal: AbortSignal },
  ): Promise<Kept>
  /**
   * A multipart form, as it streams: small fields as text, at most one file, kept as above. Fields may come in any order,
   * the file part under any name, file name and type. Throws `invalid_input`, `payload_too_large`, `unsupported_media_type`, and what `room` throws.
   */
  form(kiln: Kiln, request: Request, options: FormOptions): Promise<Form>
  /** Opens an upload as a source. Bytes that are no archive are removed at once; throws what `archive` does, and `blob_missing`. */
  open(kiln: Kiln, digest: Digest, options: { readonly max: number; readonly signal: AbortSignal }): Promise<Source>
}

export interface FormOptions {
  /** bytes of the file */
  readonly max: number
  readonly md5?: boolean
  /** bytes of a field; default the limit of the server. All together are at most four times that */
  readonly field?: number
  /** where fields count while they are in memory; default nowhere */
  readonly room?: Pick<HeldRoom, 'take'>
  readonly signal: AbortSignal
  /** Called with the fields that came before the file, before its bytes are read: throws to refuse them early. */
  readonly beforeFile?: (fields: ReadonlyMap<string, string>) => void | Promise<void>
}

export interface Form {
  readonly fields: ReadonlyMap<string, string>
  readonly file?: Kept & { /** of the part */ readonly field: string }
}
