import type { Cursor, RowQuery, Shared } from './rows.ts'
import { sortedBy } from './listing.ts'
import { stateOf } from './state.ts'
import type { BuildFilter } from './store.ts'

/** One page of the Builds of a tenant, given in the order of acceptance. */
export function pageOf(builds: readonly Shared[], { filter, sort, order, limit, offset, after, before }: RowQuery): readonly Shared[] {
  const places = builds
    .filter((shared) => passes(shared, filter))
    .map((shared) => ({ shared, cursor: cursorOf(shared, sort) }))
    .toSorted((a, b) => compare(a.cursor, b.cursor, order))
    .filter(({ cursor }) => after === undefined || compare(cursor, after, order) > 0)
    .filter(({ cursor }) => before === undefined || compare(cursor, before, order) < 0)
  const backwards = before !== undefined && after === undefined
  const end = backwards ? Math.max(places.length - offset, 0) : offset + limit
  return places.slice(backwards ? Math.max(end - limit, 0) : offset, end).map(({ shared }) => shared)
}

export function passes(shared: Shared, { name, state, where = {} }: BuildFilter): boolean {
  const { build } = shared
  if (name !== undefined && build.name !== name) return false
  if (state !== undefined && stateOf(shared) !== state) return false
  return Object.entries(where).every(([key, value]) => Object.hasOwn(build.attributes, key) && build.attributes[key] === value)
}

function cursorOf(shared: Shared, sort: RowQuery['sort']): Cursor {
  const value = sortedBy(shared, sort)
  return { order: shared.build.order, ...(value !== undefined && { value }) }
}

function compare(a: Cursor, b: Cursor, order: RowQuery['order']): number {
  const without = Number(a.value === undefined) - Number(b.value === undefined)
  const rising = compareBytes(a.value ?? '', b.value ?? '') || a.order - b.order
  return without || (order === 'asc' ? rising : -rising)
}

export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))
}
