import * as v from 'valibot'
import type { Placed } from '../detect/placed-json.ts'
import type { ErrorCode } from '../failure/codes.ts'
import { BuildError } from '../failure/error.ts'
import { faultsOf, fieldName, type Fault } from './faults.ts'

/** A value that a schema accepts, or a BuildError that names the first wrong field, its line, and what was probably meant; `data.faults` has all. */
export function checked<T>(
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  where: { code: ErrorCode; what: string; placed?: Placed },
): T {
  if (Array.isArray(value))
    throw new BuildError(where.code, `${where.what} must be an object, not a list`, { data: { file: where.placed?.file } })
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const faults = faultsOf(schema, value).map((fault) => ({ fault, place: placeOf(fault, where.placed) }))
  const first = faults.toSorted((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0))[0]
  if (!first) throw new BuildError(where.code, `${where.what}: ${result.issues[0].message}`, { data: { file: where.placed?.file } })
  const { fault, place } = first
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new BuildError(where.code, `${where.what}${place === undefined ? '' : `:${place.line}`}: ${fault.message}${more}`, {
    data: {
      field: fieldName(fault.path),
      file: where.placed?.file,
      ...place,
      ...(faults.length > 1 && { faults: faults.map((one) => ({ message: one.fault.message, ...one.place })) }),
    },
  })
}

/** Where a fault stands: an unknown field at its name, else at the value, or at the nearest part that is there. */
export function placeOf(
  { path, unknown }: Fault,
  placed: Placed | undefined,
): { readonly line: number; readonly column: number } | undefined {
  if (!placed) return undefined
  for (let length = path.length; length >= 0; length--) {
    const span = placed.span(path.slice(0, length))
    if (span) return placed.place(unknown ? span.key : span.start)
  }
  return undefined
}
