import { BuildError } from '../failure/error.ts'

/** An own, deeply frozen copy of what a caller hands in as JSON: rows are shared with readers and must not change. */
export function frozen<T>(value: T): T {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new BuildError('invalid_argument', 'What a store keeps must be JSON.')
  return freeze(JSON.parse(text) as T)
}

/** The value itself, deeply frozen. What is frozen was so with all that is in it. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
