import { BuildError } from '../failure/error.ts'

/** Numbers that threads share: the next position nobody has taken yet, and a flag that makes all of them stop. */
export type Claims = Int32Array<SharedArrayBuffer>

const next = 0
const stopped = 1

export function newClaims(): Claims {
  return new Int32Array(new SharedArrayBuffer(8))
}

/** Makes every thread that claims end at its next claim. */
export function stop(claims: Claims): void {
  Atomics.store(claims, stopped, 1)
}

/** The next `size` positions below `end`, for one thread alone; undefined when none is left. Throws `cancelled` once stopped. */
export function claim(claims: Claims, size: number, end: number): { readonly from: number; readonly to: number } | undefined {
  throwIfStopped(claims)
  const from = Atomics.add(claims, next, size)
  return from < end ? { from, to: Math.min(from + size, end) } : undefined
}

export function throwIfStopped(claims: Claims): void {
  if (Atomics.load(claims, stopped) === 1) throw new BuildError('cancelled', 'stopped by the caller')
}
