import { createHash, type Hash } from 'node:crypto'

const open = new Map<number, Hash>()
let opened = 0

export function openDigest(algorithm: string): number {
  opened += 1
  open.set(opened, createHash(algorithm))
  return opened
}

export function updateDigest({ digest, block }: { readonly digest: number; readonly block: Uint8Array }): void {
  open.get(digest)!.update(block)
}

/** In hex; it is gone then. */
export function closeDigest(digest: number): string {
  const hex = open.get(digest)!.digest('hex')
  open.delete(digest)
  return hex
}
