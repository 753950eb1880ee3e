import type { Digest } from '../driver/driver.ts'

/** sha256 of bytes, or of the UTF-8 of a text. */
export async function sha256(bytes: Uint8Array | string): Promise<Digest> {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** The first 16 hex digits of a digest: for tags and for people. */
export function short(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 16)
}
