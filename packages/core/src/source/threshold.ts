import type { Columns } from './columns.ts'

/** Up to here a tree is read on the caller's thread: below 10 ms, and faster than a thread can be asked. From benchmarks/hash.ts. */
export const small: { readonly entries: number; readonly bytes: number } = { entries: 500, bytes: 16 * 2 ** 20 }

export function isSmall({ count, sizes }: Pick<Columns, 'count' | 'sizes'>): boolean {
  return count <= small.entries && sizes.reduce((sum, size) => sum + size, 0) <= small.bytes
}
