import type { Bytes } from '@kiln/core'

/** the same bytes */
export function inPieces(bytes: Bytes): Bytes {
  return bytes
}
