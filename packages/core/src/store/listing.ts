import { BuildError, shown } from '../failure/error.ts'
import type { BuildRecord } from './records.ts'
import type { Cursor, Rows, Shared } from './rows.ts'
import { recordOf, stateOf } from './state.ts'
import type { BuildFilter, ListQuery, ListSort } from './store.ts'

/** attributes of a filter */
const mostAttributes = 10

export function listBuilds(rows: Rows, tenant: string, query: ListQuery): readonly BuildRecord[] {
  const { after, before, sort = 'accepted', order = 'desc', offset = 0, limit } = query
  const from = after === undefined ? {} : { after: cursorAt(rows, tenant, after, sort) }
  const to = before === undefined ? {} : { before: cursorAt(rows, tenant, before, sort) }
  const bounds = { limit: boundedLimit(limit), offset: boundedOffset(offset) }
  return rows.list(tenant, { filter: filterOf(query), sort: knownSort(sort), order, ...bounds, ...from, ...to }).map(recordOf)
}

export function countBuilds(rows: Rows, tenant: string, filter: BuildFilter): number {
  return rows.count(tenant, filterOf(filter))
}

function filterOf({ name, state, where }: BuildFilter): BuildFilter {
  const attributes = Object.keys(where ?? {}).length
  if (attributes > mostAttributes)
    throw new BuildError('invalid_argument', `A filter has up to ${mostAttributes} attributes, not ${attributes}.`)
  return { ...(name !== undefined && { name }), ...(state !== undefined && { state }), ...(where && attributes > 0 && { where }) }
}

function cursorAt(rows: Rows, tenant: string, id: string, sort: ListSort): Cursor {
  const found = rows.build(tenant, id)
  if (found === undefined) throw new BuildError('invalid_argument', `There is no build ${shown(id)} to list from.`)
  const value = sortedBy(found, sort)
  return { order: found.build.order, ...(value !== undefined && { value }) }
}

/** The text a Build is sorted by; undefined for none. */
export function sortedBy(shared: Shared, sort: ListSort): string | undefined {
  if (sort === 'accepted') return undefined
  if (sort === 'name') return shared.build.name
  if (sort === 'state') return stateOf(shared)
  const { attributes } = shared.build
  return Object.hasOwn(attributes, sort.attribute) ? attributes[sort.attribute] : undefined
}

function knownSort(sort: ListSort): ListSort {
  const known = typeof sort === 'object' ? typeof sort.attribute === 'string' : ['accepted', 'name', 'state'].includes(sort)
  if (!known) throw new BuildError('invalid_argument', `A list is not sorted by ${shown(JSON.stringify(sort))}.`)
  return sort
}

function boundedOffset(offset: number): number {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new BuildError('invalid_argument', `An offset is a whole number from 0, not ${offset}.`)
  return offset
}

export function boundedLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000)
    throw new BuildError('invalid_argument', `A limit is a whole number from 1 to 10000, not ${limit}.`)
  return limit
}
