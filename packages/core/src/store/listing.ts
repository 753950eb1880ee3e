import { BuildError, shown } from '../failure/error.ts'
import type { BuildRecord } from './records.ts'
import type { Rows } from './rows.ts'
import { recordOf } from './state.ts'
import type { ListQuery } from './store.ts'

export function listBuilds(rows: Rows, tenant: string, query: ListQuery): readonly BuildRecord[] {
  const { after, before, ...filter } = query
  boundedLimit(query.limit)
  const older = after === undefined ? {} : { older: orderOf(rows, tenant, after) }
  const newer = before === undefined ? {} : { newer: orderOf(rows, tenant, before) }
  return rows.list(tenant, { ...filter, ...older, ...newer }).map(recordOf)
}

function orderOf(rows: Rows, tenant: string, cursor: string): number {
  const shared = rows.build(tenant, cursor)
  if (shared === undefined) throw new BuildError('invalid_argument', `There is no build ${shown(cursor)} to list from.`)
  return shared.build.order
}

export function boundedLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000)
    throw new BuildError('invalid_argument', `A limit is a whole number from 1 to 10000, not ${limit}.`)
  return limit
}
