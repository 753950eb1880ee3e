import { createHash, type Hash } from 'node:crypto'
import type { Block } from './blocks.ts'

const open = new Map<number, Hash>()
let opened = 0

export function openDigest(algorithm: string): number {
  opened += 1
  open.set(opened, createHash(algorithm))
  return opened
}

/** The memory of the block goes back. */
export function updateDigest({ digest, block }: { readonly digest: number; readonly block: Block }): { readonly block: Block } {
  open.get(digest)!.update(block)
  return { block }
}

/** In hex; it is gone then. */
export function closeDigest(digest: number): string {
  const hex = open.get(digest)!.digest('hex')
  open.delete(digest)
  return hex
}
